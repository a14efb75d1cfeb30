import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../../src/landlock/decoder.ts';
import { documentToJson } from '../../../src/landlock/document-json.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import { toObservation } from '../../../src/landlock/hierarchy/observation.ts';
import { parseTraceLine } from '../../../src/landlock/trace/parse-trace-line.ts';
import { type TracedDocument, TraceInterpreter } from '../../../src/landlock/trace/trace-interpreter.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const HOST = { id: 'h', name: 'lab', boot: { id: 'b' } };
/** The trace of the capture and its audit records are of one run: 31.907281 is 1795392873.491. */
const WALL_OFFSET_MS = 1_795_392_841_584;

function interpret(text: string): TracedDocument[] {
  const interpreter = new TraceInterpreter({ host: HOST, wallOffsetMs: () => WALL_OFFSET_MS });
  return text.split('\n').flatMap((line) => {
    const parsed = parseTraceLine(line);
    return parsed === null ? [] : (interpreter.interpret(parsed) ?? []);
  });
}

const event = (text: string) => interpret(`             lab-188     (    180) [000] .....    31.906144: ${text}`)[0];

describe('captured traces', () => {
  for (const name of ['linux-7.3.4', 'linux-7.3.4-second']) {
    it(`give the documents of ${name}.ndjson`, async () => {
      const documents = interpret(readFileSync(`${FIXTURES}trace/${name}.trace`, 'latin1'));
      const text = documents.map((doc) => `${JSON.stringify(doc)}\n`).join('');
      await expect(text).toMatchFileSnapshot(`${FIXTURES}trace/${name}.ndjson`);
    });
  }

  it('agree with the audit records of the same run, and settle its family', () => {
    const documents: TracedDocument[] = [];
    const decoder = new Decoder({ hostFor: () => HOST, completesOn: 'eoe', onDocument: (doc) => documents.push(doc) });
    for (const line of readFileSync(`${FIXTURES}hierarchy/traced-tree.log`, 'latin1').split('\n'))
      decoder.pushLine(line);
    decoder.end();
    const traced = interpret(readFileSync(`${FIXTURES}trace/linux-7.3.4.trace`, 'latin1'));
    const families = inferParents([...documents, ...traced].flatMap((doc) => toObservation(doc) ?? []));
    const parents = [...families].map(([id, { parent, depthMin }]) => [id, parent?.domain, parent?.strength, depthMin]);
    expect(parents.sort()).toEqual([
      ['1af495f4d', undefined, undefined, 1],
      ['1af495f62', '1af495f4d', 'proof', 2],
      ['1af495f75', '1af495f62', 'proof', 3],
      ['1af495f88', '1af495f4d', 'proof', 2],
    ]);
    const totals = (from: readonly TracedDocument[]) =>
      from.flatMap((doc) =>
        doc.kind === 'domain-deallocated' ? [[doc.landlock.domain.id, doc.landlock.domain.denials]] : [],
      );
    expect(totals(traced)).toEqual(totals(documents));
  });
});

describe('a domain that is created', () => {
  it('is told with its ruleset, where that was seen', () => {
    const prefix = (n: number) => `             lab-188     (    180) [000] .....    31.90614${n}: landlock_`;
    const documents = interpret(
      [
        `${prefix(1)}create_ruleset: ruleset=1f.0 handled_fs=read_file|0x100000 handled_net=bind_tcp scoped=`,
        `${prefix(2)}add_rule_fs: ruleset=1f.1 access_rights=read_file dev=0:25 ino=2 path=/tmp/a\\040b`,
        `${prefix(3)}add_rule_net: ruleset=1f.2 access_rights=bind_tcp port=80`,
        `${prefix(4)}create_domain: domain=2f parent=1e ruleset=1f.2 colour=red`,
        `${prefix(5)}free_ruleset: ruleset=1f.2`,
      ].join('\n'),
    );
    expect(documents).toEqual([
      {
        kind: 'domain-created',
        '@timestamp': '2026-11-23T00:14:33.490Z',
        event: { id: expect.stringMatching(/^[a-z2-7]{26}$/), provider: 'tracepoint' },
        host: HOST,
        landlock: {
          domain: {
            id: '2f',
            parent: { id: '1e' },
            ruleset: {
              id: '1f',
              version: '2',
              handled: { fs: ['read_file', '0x100000'], net: ['bind_tcp'], scopes: [] },
              rules: 2,
            },
            creator: { pid: 180, thread: { id: 188 }, name: 'lab' },
          },
          unknown_fields: [{ record: 'landlock_create_domain', name: 'colour', value: 'red' }],
        },
      },
    ]);
  });

  it('has no parent where the kernel says 0, and is malformed where it does not say', () => {
    expect(event('landlock_create_domain: domain=2f parent=0 ruleset=1f.0')).not.toHaveProperty(
      'landlock.domain.parent',
    );
    expect(event('landlock_create_domain: domain=2f')).toMatchObject({
      kind: 'malformed',
      reason: 'landlock_create_domain without a parent',
      text: 'landlock_create_domain: domain=2f',
    });
  });

  it('has one identity however often it is read', () => {
    const text = 'landlock_create_domain: domain=2f parent=0 ruleset=1f.0';
    expect(event(text)?.event.id).toBe(event(text)?.event.id);
    expect(event('landlock_free_domain: domain=2f denials=1')?.event.id).not.toBe(event(text)?.event.id);
  });
});

describe('a denial', () => {
  it('that audit logs is left to audit', () => {
    expect(
      event('landlock_deny_ptrace: domain=2f same_exec=1 logged=1 tracee_domain=0 tracee_pid=1 tracee_comm=init'),
    ).toBeUndefined();
  });

  it('that audit does not log is a document that says so', () => {
    const doc = event(
      'landlock_deny_access_fs: domain=2f same_exec=0 logged=0 blockers=write_file|refer dev=254:2 ino=365 path=/a\\040b\\377',
    );
    expect(doc).toEqual({
      kind: 'denial',
      '@timestamp': '2026-11-23T00:14:33.490Z',
      event: {
        id: expect.stringMatching(/^[a-z2-7]{26}$/),
        sequence: 0,
        action: 'violated-landlock-policy',
        outcome: 'failure',
        category: ['intrusion_detection', 'file'],
        type: ['denied'],
        reason: expect.stringMatching(/^lab \(pid 180\) was not allowed to write to.* by Landlock domain 2f\.$/),
        provider: 'tracepoint',
      },
      host: HOST,
      landlock: {
        domain: { id: '2f' },
        blockers: ['fs.write_file', 'fs.refer'],
        object: { kind: 'file' },
        actor_certainty: 'certain',
        logged: false,
        same_exec: false,
      },
      file: { path: '/a b\ufffd', path_raw: 'L2EgYv8=', device: '254:2', inode: '365' },
      process: { pid: 180, name: 'lab', thread: { id: 188 } },
    });
    expect(doc?.kind === 'denial' && documentToJson(doc)).toBe(JSON.stringify(doc));
  });

  it.each([
    [
      'landlock_deny_access_fs: domain=2f same_exec=1 logged=0 blockers= dev=0:1 ino=0 path=/',
      { landlock: { blockers: ['fs.change_topology'] } },
    ],
    [
      'landlock_deny_access_net: domain=2f same_exec=1 logged=0 blockers=bind_tcp sport=80 dport=0',
      { landlock: { blockers: ['net.bind_tcp'] }, source: { port: 80 } },
    ],
    [
      'landlock_deny_access_net: domain=2f same_exec=1 logged=0 blockers=connect_tcp sport=0 dport=443',
      { destination: { port: 443 } },
    ],
    [
      'landlock_deny_ptrace: domain=2f same_exec=1 logged=0 tracee_domain=3e tracee_pid=7 tracee_comm=a\\040b',
      { landlock: { blockers: ['ptrace'], target: { process: { pid: 7, name: 'a b' }, domain: { id: '3e' } } } },
    ],
    [
      'landlock_deny_scope_signal: domain=2f same_exec=1 logged=0 target_domain=0 target_pid=1 target_comm=init',
      { landlock: { blockers: ['scope.signal'], target: { process: { pid: 1, name: 'init' } } } },
    ],
    [
      'landlock_deny_scope_abstract_unix_socket: domain=2f same_exec=1 logged=0 peer_domain=0 peer_pid=0 sun_path=\\000dbus',
      {
        landlock: { blockers: ['scope.abstract_unix_socket'], object: { kind: 'abstract-unix-socket', name: '@dbus' } },
      },
    ],
    [
      'landlock_deny_permission_capability: domain=2f same_exec=1 logged=0 capability=21',
      { landlock: { blockers: ['capability.use'], object: { kind: 'capability', capability: { number: 21 } } } },
    ],
  ])('is read: %s', (text, expected) => {
    const doc = event(text);
    expect(doc).toMatchObject({ kind: 'denial', ...expected });
    expect(doc).not.toHaveProperty('landlock.unknown_fields');
    expect(doc?.kind === 'denial' && documentToJson(doc)).toBe(JSON.stringify(doc));
  });

  it('keeps the fields that this version does not know', () => {
    expect(
      event('landlock_deny_access_net: domain=2f same_exec=1 logged=0 blockers=x sport=a dport=1 family=2'),
    ).toMatchObject({
      landlock: {
        blockers: ['net.x'],
        unknown_fields: [
          { record: 'landlock_deny_access_net', name: 'sport', value: 'a' },
          { record: 'landlock_deny_access_net', name: 'family', value: '2' },
        ],
      },
    });
  });
});

describe('everything else', () => {
  it('is kept as malformed where the event is not known', () => {
    expect(event('landlock_merge_domain: domain=2f with=3e')).toMatchObject({
      kind: 'malformed',
      reason: 'a trace event that this version does not know: landlock_merge_domain',
      text: 'landlock_merge_domain: domain=2f with=3e',
    });
  });

  it('is a gap where events were overwritten', () => {
    const [, gap, again] = interpret(
      `             lab-188     [000] .....    31.906144: landlock_free_domain: domain=2f denials=1
CPU:1 [LOST 12 EVENTS]
CPU:1 [LOST 12 EVENTS]`,
    );
    expect(gap).toMatchObject({
      kind: 'gap',
      '@timestamp': '2026-11-23T00:14:33.490Z',
      count: 12,
      cause: 'trace-lost',
    });
    expect(again?.event.id).not.toBe(gap?.event.id);
  });
});
