import { describe, expect, it } from 'vitest';
import { ServerSource } from '../../src/cli/server-source.ts';
import { suggestCommand } from '../../src/cli/suggest.ts';
import { testDenial } from '../api/support/documents.ts';
import { createTestApp } from '../api/support/test-app.ts';
import { runCommand } from './captured-io.ts';
import { useStoredDocuments } from './database-file.ts';

const RECORDS = new URL('../fixtures/conformance/kernel-7.3.4/all.log', import.meta.url).pathname;
const documents = [testDenial(1), testDenial(2, { file: { path: '/srv/app/log' } })];

const file = useStoredDocuments(documents);

const run = (...argv: string[]) => runCommand(suggestCommand, argv, '', { cwd: file.directory });

describe('trespass suggest', () => {
  it('prints rules for what is selected of a database', async () => {
    const { stdout, stderr, exitCode } = await run('--db', file.path, '--program', '/usr/bin/cat');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toContain('1 of 2 denials would pass with these rules');
    expect(stdout).toContain('allow fs.read_file on /srv/app/log (1 denial)');
    expect(stdout).toContain('never: fs.read_file on /etc/shadow');
  });

  it('reads records, and selects among them alike', async () => {
    const all = await run(RECORDS, '--format', 'json', '--include-guarded');
    const some = await run(RECORDS, '--format', 'json', '--include-guarded', '--query', 'blocker:fs.read_dir');
    const counts = [all, some].map(({ stdout }) => JSON.parse(stdout).counts as { selected: number; allowed: number });
    expect(counts[0]?.selected).toBeGreaterThan(counts[1]?.selected ?? 0);
    expect(counts[1]?.allowed).toBeGreaterThan(0);
  });

  it('says on standard error what a format cannot express', async () => {
    const { stdout, stderr, exitCode } = await run(RECORDS, '--format', 'landrun', '--query', 'blocker:fs.read_file');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^landrun --rox /m);
    expect(stderr).toMatch(/^landrun: /m);
  });

  it.each([
    [['--db', 'DB', '--query', 'path:/nowhere'], 3, /no denials matched/],
    [['--db', 'DB', '--query', 'path:/etc/shadow'], 3, /^$/],
    [['--db', 'DB'], 2, /which denials are meant/],
    [['--db', 'DB', '--query', 'path:'], 2, /character/],
    [['--db', 'DB', '--domain', 'abc', '--format', 'cobol'], 2, /none/],
    [['--db', 'DB', RECORDS], 2, /exclude each other/],
  ])('answers %j with %i', async (argv, code, message) => {
    const { exitCode, stderr } = await run(...argv.map((word) => (word === 'DB' ? file.path : word)));
    expect([exitCode, stderr]).toEqual([code, expect.stringMatching(message)]);
  });
});

it('gets the same from a running server as from its database', async () => {
  const app = await createTestApp();
  try {
    await app.deliver(documents);
    const url = new URL(await app.api.listen({ port: 0, host: '127.0.0.1' }));
    const answer = await new ServerSource({ kind: 'url', url }).suggest({
      selection: { program: '/usr/bin/*', query: 'path:/srv/*' },
      scope: {},
      format: 'setpriv',
      includeGuarded: true,
    });
    const { stdout } = await run(
      ...[
        '--db',
        file.path,
        '--program',
        '/usr/bin/*',
        '--query',
        'path:/srv/*',
        '--format',
        'setpriv',
        '--include-guarded',
      ],
    );
    expect(answer.text).toBe(stdout);
  } finally {
    await app.close();
  }
});
