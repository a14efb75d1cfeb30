// From what a kernel of version 7.3 wrote, audit records and trace of one run, over ingest to the answers about its
// domains: the family that the kernel itself named, lifetimes, what was not logged and why, and who uses Landlock.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { Decoder } from '../../src/landlock/decoder.ts';
import type { AnyDocument, SandboxCall } from '../../src/landlock/document.ts';
import { parseTraceLine } from '../../src/landlock/trace/parse-trace-line.ts';
import { TraceInterpreter } from '../../src/landlock/trace/trace-interpreter.ts';
import { testDenial, testEventId, testHeartbeat, testHost } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const HOST = { id: 'h', name: 'lab', boot: { id: 'b' } };
/** 31.907281 of the trace is 1795392873.491. */
const WALL_OFFSET_MS = 1_795_392_841_584;
const T0 = Date.UTC(2026, 2, 1, 10);

function audited(path: string): AnyDocument[] {
  const documents: AnyDocument[] = [];
  const decoder = new Decoder({ hostFor: () => HOST, completesOn: 'eoe', onDocument: (doc) => documents.push(doc) });
  for (const line of readFileSync(path, 'latin1').split('\n')) decoder.pushLine(line);
  decoder.end();
  return documents;
}

function traced(text: string): AnyDocument[] {
  const interpreter = new TraceInterpreter({ host: HOST, wallOffsetMs: () => WALL_OFFSET_MS });
  return text.split('\n').flatMap((line) => {
    const parsed = parseTraceLine(line);
    return parsed === null ? [] : (interpreter.interpret(parsed) ?? []);
  });
}

const trace = readFileSync(`${fixtures}trace/linux-7.3.4.trace`, 'latin1');
/** One denial of the trace as the kernel would have written it, had audit not been allowed to log it. */
const silentDenial = trace
  .split('\n')
  .filter((line) => line.includes('landlock_deny_scope_signal'))
  .slice(0, 1)
  .map((line) => line.replace('logged=1', 'logged=0').replace('same_exec=1', 'same_exec=0'))
  .join('\n');

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  const documents = [...traced(trace), ...audited(`${fixtures}hierarchy/traced-tree.log`), ...traced(silentDenial)];
  const [answer] = [(await app.deliver(documents)).json(), await app.deliver(documents)];
  expect(answer).toMatchObject({ stored: documents.length, duplicates: 0, rejected: [] });
});
afterAll(() => app.close());

const get = async (url: string) => (await app.api.inject({ url: `/api/v1${url}` })).json();
const ids = ({ data }: { data: DomainAnswer[] }) => data.map(({ id }) => id);

describe('the family of a captured trace', () => {
  it('is the one that the kernel named, each edge with its evidence in words', async () => {
    const { domains } = await get('/domains/lab/b/1af495f62/tree');
    expect(domains.map(({ id, parent, depth_min }: DomainAnswer) => [id, parent, depth_min])).toEqual([
      ['1af495f4d', undefined, 1],
      ['1af495f62', '1af495f4d', 2],
      ['1af495f75', '1af495f62', 3],
    ]);
    expect(domains[1]).toMatchObject({
      status: 'gone',
      traced: true,
      created_at: '2026-11-23T00:14:33.497Z',
      deallocated_at: expect.stringMatching(/^2026-11-23T00:14:/),
      creator: { executable: expect.stringContaining('lab'), name: 'lab', thread: { id: 189 } },
      ruleset: { handled: { fs: [], net: [], scopes: ['signal'] }, rules: 0 },
    });
    const [edge] = domains[1].evidence;
    expect(edge).toMatchObject({
      kind: 'tracepoint',
      strength: 'proof',
      text: 'The kernel said when it made the domain that 1af495f4d is the parent.',
    });
    expect(edge.records).toHaveLength(1);
  });

  it('has its other branch in the tree of the root', async () => {
    const { domains } = await get('/domains/h/b/1af495f4d/tree');
    expect(ids({ data: domains })).toEqual(['1af495f4d', '1af495f62', '1af495f88', '1af495f75']);
  });

  it('counts an end that audit and the trace told of once, and no denial as logged that was not', async () => {
    const root: DomainAnswer = await get('/domains/h/b/1af495f4d');
    const { logged, total = 0, unlogged, traced: silent } = root.denials;
    expect([unlogged, silent]).toEqual([total - logged, 1]);
    expect(root.unlogged_because?.map(({ kind }) => kind)).toEqual(['not-logged-by-kernel', 'after-execve']);
    const { data } = await get('/denials?q=domain:1af495f4d');
    expect(data.filter((denial: { landlock: object }) => 'logged' in denial.landlock)).toMatchObject([
      { event: { sequence: 0, provider: 'tracepoint' }, landlock: { logged: false, same_exec: false } },
    ]);
  });

  it('is found by what the list is asked for', async () => {
    expect(ids(await get('/domains?has=unlogged'))).toContain('1af495f4d');
    expect(ids(await get('/domains?id=1af495f75'))).toEqual(['1af495f75']);
    expect(ids(await get('/domains?boot=b'))).toHaveLength(4);
    expect(ids(await get('/domains?boot=c'))).toEqual([]);
    expect(ids(await get('/domains?status=gone'))).toHaveLength(4);
    expect(ids(await get('/domains?status=live'))).toEqual([]);
    expect(ids(await get('/domains?program=*lab*&limit=500')).length).toBeGreaterThan(0);
    expect(ids(await get('/domains?program=/no/such'))).toEqual([]);
    expect(ids(await get('/domains?to=2026-11-23T00:14:33.500Z'))).toEqual(['1af495f62', '1af495f4d']);
    expect((await app.api.inject({ url: '/api/v1/domains?has=everything' })).statusCode).toBe(400);
    const first = await get('/domains?boot=b&limit=3');
    const second = await get(`/domains?boot=b&limit=3&cursor=${first.next_cursor}`);
    expect([...ids(first), ...ids(second)]).toEqual(ids(await get('/domains?boot=b')));
    expect(second.next_cursor).toBeNull();
  });
});

function call(n: number, ms: number, program: string, facts: Partial<SandboxCall['landlock']>, host = testHost) {
  const doc: SandboxCall = {
    kind: 'sandbox-call',
    '@timestamp': new Date(ms).toISOString(),
    event: { id: testEventId(`call ${n}`), sequence: n, outcome: 'success' },
    host,
    landlock: { call: 'restrict_self', ...facts },
    process: { pid: 70, executable: program },
  };
  return doc;
}

describe('programs', () => {
  it('are counted exactly over any span, and paged in the order of their use', async () => {
    const other = await createTestApp();
    const ask = async (url: string) => (await other.api.inject({ url: `/api/v1/programs${url}` })).json();
    const second = { ...testHost, id: 'host-2', name: 'web-2' };
    await other.deliver([
      call(1, T0 + 1, '/bin/a', { call: 'create_ruleset', ruleset_fd: 3 }),
      call(2, T0 + 2, '/bin/a', { call: 'add_rule' }),
      call(3, T0 + 3, '/bin/a', { makes_domain: true, flags: 3 }),
      call(4, T0 + 3_600_000, '/bin/a', { makes_domain: true }, second),
      call(5, T0 + 7_200_000 + 5, '/bin/a', { makes_domain: true }),
      call(6, T0 + 7_200_000 + 6, '/bin/b', { makes_domain: true }),
      { ...call(7, T0 + 9, '/bin/b', { makes_domain: true }), tags: ['canary'] },
      testDenial(1),
      testDenial(2),
      testDenial(4_000),
    ]);
    const of = async (url: string) =>
      (await ask(url)).data.map((row: Record<string, unknown>) => [row.program, row.sandboxes, row.denials, row.hosts]);
    expect(await of('')).toEqual([
      ['/bin/a', 3, 0, 2],
      ['/bin/b', 1, 0, 1],
      ['/usr/bin/cat', 0, 3, 1],
    ]);
    const at = (ms: number) => new Date(T0 + ms).toISOString();
    expect(await of(`?from=${at(2)}&to=${at(7_200_006)}`)).toEqual([
      ['/bin/a', 3, 0, 2],
      ['/usr/bin/cat', 0, 3, 1],
    ]);
    expect(await of(`?from=${at(4)}&to=${at(7_200_005)}`)).toEqual([
      ['/bin/a', 1, 0, 1],
      ['/usr/bin/cat', 0, 3, 1],
    ]);
    expect(await of('?host=web-2')).toEqual([['/bin/a', 1, 0, 1]]);
    expect(await of('?program=*/cat')).toEqual([['/usr/bin/cat', 0, 3, 1]]);
    expect((await ask('?limit=1')).data).toEqual([
      {
        program: '/bin/a',
        hosts: 2,
        sandboxes: 3,
        failed: 0,
        rulesets: 1,
        rules: 1,
        log_flags: { same_exec_off: 1, new_exec_on: 1, subdomains_off: 0 },
        domains: 0,
        denials: 0,
      },
    ]);
    const pages: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { data: { program: string }[]; next_cursor: string | null } = await ask(
        `?limit=1${cursor && `&cursor=${cursor}`}`,
      );
      pages.push(...page.data.map(({ program }) => program));
      cursor = page.next_cursor;
    }
    expect(pages).toEqual(['/bin/a', '/bin/b', '/usr/bin/cat']);
    expect((await other.api.inject({ url: '/api/v1/programs?cursor=x' })).statusCode).toBe(400);
    await other.close();
  });
});

it('the stream tells of a domain that the kernel said was made, and of no system call', async () => {
  const other = await createTestApp();
  const stream = other.deps.hub.open('x', {
    bufferMax: 100_000,
    maySeeSensitive: true,
    matches: () => true,
    isAllowed: () => true,
  });
  stream?.release([]);
  await other.deliver([call(90, T0, '/bin/a', { makes_domain: true }), ...traced(trace).slice(0, 1)]);
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  await expect.poll(() => text).toContain('event: domain\ndata: {"kind":"domain-created"');
  expect(text).not.toContain('sandbox-call');
  stream?.destroy();
  await other.close();
});

it('hosts say what else tells of their sandboxes', async () => {
  const payload = {
    ...testHeartbeat(),
    host: { ...testHeartbeat().host, id: 'h', name: 'lab', boot_id: 'b' },
    tracepoints: { state: 'on', events: 5, lost: 0, malformed: 0 },
    sandbox_rules: { state: 'failed', reason: 'no right', rules: 0 },
    ancestry: { read: 3, gone: 1, skipped: 0 },
  };
  const answer = await app.ingest.inject({ method: 'POST', url: '/api/v1/agents/self/heartbeat', payload });
  expect(answer.statusCode).toBe(204);
  expect(await get('/hosts/lab')).toMatchObject({
    sources: {
      tracepoints: { state: 'on' },
      sandbox_rules: { state: 'failed', reason: 'no right' },
      ancestry: { read: 3, gone: 1, skipped: 0 },
    },
  });
  const metrics = (await app.api.inject({ url: '/metrics' })).body;
  expect(metrics).toMatch(/^trespass_trace_events 5$/m);
  const { problems, collectors } = await get('/status');
  expect(problems.map(({ code }: { code: string }) => code)).toContain('sandbox-rules-failed');
  expect(collectors[0].heartbeat).toMatchObject({ tracepoints: { state: 'on' }, ancestry: { read: 3 } });
});
