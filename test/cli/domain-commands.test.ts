// The commands about domains and programs, on a database file: a captured family of Linux 7.3, audit and trace of one
// run, and system calls of another one.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { Decoder } from '../../src/landlock/decoder.ts';
import type { AnyDocument } from '../../src/landlock/document.ts';
import { parseTraceLine } from '../../src/landlock/trace/parse-trace-line.ts';
import { TraceInterpreter } from '../../src/landlock/trace/trace-interpreter.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { testIo } from '../support/test-io.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const HOST = { id: 'h', name: 'lab', boot: { id: 'b' } };

let directory: string;

function decoded(path: string): AnyDocument[] {
  const documents: AnyDocument[] = [];
  const decoder = new Decoder({
    hostFor: () => HOST,
    completesOn: 'eoe',
    serialGaps: false,
    onDocument: (doc) => documents.push(doc),
    sandbox: { key: 'lab', onCall: (doc) => documents.push(doc) },
  });
  for (const line of readFileSync(`${fixtures}${path}`, 'latin1').split('\n')) decoder.pushLine(line);
  decoder.end();
  return documents;
}

function traced(path: string): AnyDocument[] {
  const interpreter = new TraceInterpreter({ host: HOST, wallOffsetMs: () => 1_795_392_841_584 });
  return readFileSync(`${fixtures}${path}`, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const parsed = parseTraceLine(line);
      return parsed === null ? [] : (interpreter.interpret(parsed) ?? []);
    });
}

function storeAs(name: string, documents: readonly AnyDocument[]): void {
  const db = openDatabase(join(directory, name));
  const result = new EventWriter(db).write(
    documents.map((doc) => ({ doc })),
    0,
  );
  closeDatabase(db);
  expect(result.rejected).toEqual([]);
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-domains-'));
  storeAs('family.db', [...decoded('hierarchy/traced-tree.log'), ...traced('trace/linux-7.3.4.trace')]);
  const tagged = decoded('hierarchy/traced-tree.log').map((doc): AnyDocument => ({ ...doc, tags: ['canary'] }));
  storeAs('canary.db', tagged);
  storeAs('calls.db', decoded('sandbox-calls/linux-7.3.4.log'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function trespass(name: string, ...argv: string[]) {
  const io = testIo({ cwd: directory });
  const exitCode = await runProgram([...argv, '--db', name], io);
  return { exitCode, out: io.out(), err: io.err() };
}

describe('trespass tree', () => {
  it('draws what the kernel said', async () => {
    const { out } = await trespass('family.db', 'tree');
    const edges = out.split('\n').map((line) => /^([│├└═ ]*)([0-9a-f]{9}) .*\[(.*)\]/.exec(line)?.slice(1) ?? []);
    expect(edges.filter(({ length }) => length > 0)).toEqual([
      ['', '1af495f4d', 'proof: no parent'],
      ['├═ ', '1af495f62', expect.stringMatching(/^proof: tracepoint/)],
      ['│  └═ ', '1af495f75', expect.stringMatching(/^proof: tracepoint/)],
      ['└═ ', '1af495f88', expect.stringMatching(/^proof: tracepoint/)],
    ]);
    expect(out).toMatch(/1af495f4d .*denial.* gone {2}2026-11-23T00:14:33\.\d{3}Z \+ [\d.]+ s/);
  });

  it('leaves the canary out, unless it is asked for', async () => {
    expect((await trespass('canary.db', 'tree')).exitCode).toBe(3);
    for (const asked of [['--canary'], ['--domain', '1af495f75'], ['--explain', '1af495f75']]) {
      expect((await trespass('canary.db', 'tree', ...asked)).out).toContain('1af495f75');
    }
  });

  it('draws the whole tree that one domain is in', async () => {
    const whole = await trespass('family.db', 'tree');
    expect(await trespass('family.db', 'tree', '--domain', '0x1AF495F75')).toEqual(whole);
    expect((await trespass('family.db', 'tree', '--domain', '1af495f75', '--host', 'other')).exitCode).toBe(3);
    expect((await trespass('family.db', 'tree', '--domain', 'xyz')).exitCode).toBe(2);
  });

  it('explains one domain in words, with its ruleset', async () => {
    const { out } = await trespass('family.db', 'tree', '--explain', '1af495f62');
    expect(out).toContain('The kernel said when it made the domain that 1af495f4d is the parent.');
    expect(out).toContain('tracepoint, proof');
    expect(out).toContain('scopes: refuses unless allowed signal');
    const root = await trespass('family.db', 'tree', '--explain', '1af495f4d');
    expect(root.out).toContain('It is nested in nothing: the kernel said so when it made the domain.');
  });

  it('gives what it knows in JSON', async () => {
    const { domains } = JSON.parse((await trespass('family.db', 'tree', '--domain', '1af495f88', '--json')).out);
    expect(domains.find(({ id }: { id: string }) => id === '1af495f88')).toMatchObject({
      parent: '1af495f4d',
      depthMin: 2,
      traced: true,
      evidence: expect.arrayContaining([
        expect.objectContaining({ kind: 'tracepoint', strength: 'proof', text: expect.any(String) }),
      ]),
      ruleset: { handled: { scopes: ['signal'] } },
      createdAt: '2026-11-23T00:14:33.511Z',
      deallocatedAt: expect.any(String),
    });
  });
});

describe('trespass domains', () => {
  const ids = async (...argv: string[]) =>
    (await trespass('family.db', 'domains', '--json', ...argv)).out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).id);

  it('lists by status, boot, program and what was not logged', async () => {
    expect(await ids()).toHaveLength(4);
    expect(await ids('--status', 'gone', '--boot', 'b')).toHaveLength(4);
    expect(await ids('--status', 'live')).toEqual([]);
    expect(await ids('--boot', 'c')).toEqual([]);
    expect(await ids('--program', '*lab')).toHaveLength(4);
    expect(await ids('--program', '/no/such')).toEqual([]);
    expect(await ids('--unlogged')).toEqual([]);
    expect(await trespass('family.db', 'domains', '--status', 'dead')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('live, gone, presumed-gone'),
    });
  });
});

describe('trespass programs', () => {
  it('counts sandboxes, rulesets and rules by program', async () => {
    const { exitCode, out } = await trespass('calls.db', 'programs', '--json');
    expect(exitCode).toBe(0);
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const calls = decoded('sandbox-calls/linux-7.3.4.log').flatMap((doc) => (doc.kind === 'sandbox-call' ? [doc] : []));
    const made = calls.filter(({ landlock }) => landlock.makes_domain === true);
    const rules = calls.filter(({ landlock, event }) => landlock.call === 'add_rule' && event.outcome === 'success');
    const sum = (name: string) => rows.reduce((total, row) => total + row[name], 0);
    expect(made.length).toBeGreaterThan(0);
    expect([sum('sandboxes'), sum('rules')]).toEqual([made.length, rules.length]);
    expect((await trespass('calls.db', 'programs')).out).toMatch(/^PROGRAM +SANDBOXES +FAILED +RULESETS +RULES/);
    expect((await trespass('calls.db', 'programs', '--program', '/no/such')).exitCode).toBe(3);
    expect((await trespass('calls.db', 'programs', '--query', 'pid:1')).exitCode).toBe(2);
  });
});

describe('trespass packages', () => {
  it('lists versions, and with a package the updates that hosts made', async () => {
    const base = decoded('hierarchy/traced-tree.log').filter((doc) => doc.kind === 'denial');
    const bash = (version: string) => ({ name: 'bash', version, type: 'dpkg' });
    const [first, ...rest] = base;
    if (first === undefined) throw new Error('the capture has no denials');
    const old = { ...first, package: bash('5.1'), '@timestamp': '2026-03-01T10:00:00.000Z' };
    storeAs('packages.db', [old, ...rest.map((doc) => ({ ...doc, package: bash('5.2\u001b[31m') }))]);
    const span = ['--since', '2026-02-20T00:00:00Z', '--until', '2027-01-01T00:00:00Z'];
    const { exitCode, out } = await trespass('packages.db', 'packages', 'bash', ...span);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^PACKAGE +VERSION +AFTER +HOSTS +AFFECTED/);
    expect(out).toMatch(/\nUPDATE FROM +TO +HOSTS/);
    expect(out).not.toContain('\u001b[31m');
    const json = JSON.parse((await trespass('packages.db', 'packages', 'bash', '--json', ...span)).out);
    expect(json.updates).toMatchObject([{ from: '5.1', to: '5.2\u001b[31m', hosts: 1 }]);
    expect((await trespass('packages.db', 'packages', 'zsh')).exitCode).toBe(3);
    expect((await trespass('packages.db', 'packages', '--fleet', 'none')).exitCode).toBe(3);
  });
});
