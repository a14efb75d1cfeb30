import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainCommand } from '../../src/cli/explain.ts';
import { parseStoredId } from '../../src/cli/explain-stored.ts';
import { ServerSource } from '../../src/cli/server-source.ts';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import { testAllocation, testDenial, testEventId } from '../api/support/documents.ts';
import { createTestApp } from '../api/support/test-app.ts';
import { runCommand } from './captured-io.ts';
import { useStoredDocuments } from './database-file.ts';

const other = { id: 'host-2', name: 'web-\u001b[2J2', boot: { id: 'boot-2' } };
const denial = testDenial(5);
const documents = [
  testAllocation(),
  denial,
  testDenial(6, { file: { path: '/srv/a\u202eb' } }),
  testDenial(5, { host: other }, Date.UTC(2026, 2, 1, 11)),
];
const issue = fingerprintOf(denial).fingerprint;

const file = useStoredDocuments(documents);

const run = (...argv: string[]) => runCommand(explainCommand, argv, '', { cwd: file.directory });

describe('trespass explain ID', () => {
  it('explains an event with its neighbours', async () => {
    const { stdout, stderr, exitCode } = await run('--db', file.path, denial.event.id);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain(
      'cat (/usr/bin/cat, pid 289, user root) was refused to read /etc/shadow by the sandbox that /usr/bin/sandboxer',
    );
    expect(stdout).toContain(`Issue ${issue}: first seen 2026-03-01T10:00:05.000Z`);
    expect(stdout).toContain('The same on other hosts: web-\\x1b[2J2 (once).');
    expect(stdout).toContain('Process 289 within 60 seconds: cat is refused to read /srv/a\\u{202e}b (once).');
  });

  it('explains an issue, and a domain by its number or by its place', async () => {
    const ofIssue = await run('--db', file.path, '--json', issue);
    expect(JSON.parse(ofIssue.stdout)).toMatchObject({
      issue: { id: issue, hosts: 2 },
      denial: { host: { id: other.id, name: other.name } },
    });
    const ofNumber = await run('--db', file.path, '--json', '195ba459b');
    expect(ofNumber.stdout.split('\n').length).toBe(3);
    const ofPlace = await run('--db', file.path, 'web-1/boot-1/195ba459b');
    expect(ofPlace.stdout.split('\n')[0]).toBe('domain 195ba459b on web-1');
    expect(ofPlace.stdout).toContain('cat is refused to read /etc/shadow (once)');
    const onHost = await run('--db', file.path, '--host', 'web-1', '195ba459b');
    expect(onHost.stdout).toBe(ofPlace.stdout);
  });

  it('says so where nothing is stored of it, and what is no id', async () => {
    expect(await run('--db', file.path, testEventId('none'), 'abc')).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `nothing is stored of ${testEventId('none')}\nnothing is stored of abc\n`,
    });
    expect((await run('--db', file.path, 'audit.log')).exitCode).toBe(2);
    expect((await run('--db', file.path)).exitCode).toBe(2);
  });

  it('takes a file of that name for a file, unless it is told where to look', async () => {
    writeFileSync(join(file.directory, 'abc'), '');
    const read = await run(join(file.directory, 'abc'));
    expect(read).toEqual({ exitCode: 3, stdout: '', stderr: 'no denials matched\n' });
    expect((await run('--db', file.path, 'abc')).stderr).toBe('nothing is stored of abc\n');
  });

  it.each([
    ['195ba459b', 'domain-number'],
    [testEventId('x'), 'event-or-issue'],
    ['h/b/1', 'domain'],
    ['a/b/c/1', undefined],
    ['audit.log', undefined],
    ['-', undefined],
  ])('reads %s as %s', (text, kind) => {
    expect(parseStoredId(text)?.kind).toBe(kind);
  });
});

it('gets the same from a running server as from its database', async () => {
  const app = await createTestApp();
  try {
    await app.deliver(documents);
    const url = new URL(await app.api.listen({ port: 0, host: '127.0.0.1' }));
    const source = new ServerSource({ kind: 'url', url });
    const { stdout } = await run('--db', file.path, '--json', denial.event.id);
    expect(await source.explain('denials', denial.event.id)).toEqual(JSON.parse(stdout));
    expect(await source.explain('issues', 'none')).toBeUndefined();
    const domain = { host: 'web-1', boot: 'boot-1', id: '195ba459b' };
    expect((await source.explainDomain(domain))?.refused.length).toBe(2);
    expect(await source.explainDomain({ ...domain, id: 'f' })).toBeUndefined();
  } finally {
    await app.close();
  }
});
