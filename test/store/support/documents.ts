// Documents for the tests of the store: plain ones by hand, and arbitrary ones that use every member, odd texts and
// members that this version does not know.
import fc from 'fast-check';
import type {
  AnyDocument,
  Denial,
  Document,
  DomainAllocated,
  DomainDeallocated,
  Gap,
  Malformed,
} from '../../../src/landlock/document.ts';
import { eventId, idOfText } from '../../../src/landlock/event-id.ts';

export const T0 = Date.UTC(2026, 2, 1, 10, 0, 0);

/** What a test says of a denial; the rest is the same for all. */
export interface DenialFacts {
  readonly n: number;
  readonly ms?: number;
  readonly host?: string;
  readonly name?: string;
  readonly boot?: string;
  readonly domain?: string;
  readonly blockers?: readonly string[];
  readonly path?: string;
  readonly program?: string;
  readonly comm?: string;
  readonly pid?: number;
  readonly uid?: string;
  readonly kind?: string;
  readonly port?: number;
  readonly tags?: Denial['tags'];
}

export function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** The id of the document that a test numbers `n`. */
export function id(n: number | string): string {
  return idOfText(`document ${n}`);
}

export function hostOf(facts: {
  readonly host?: string;
  readonly name?: string;
  readonly boot?: string;
}): Document['host'] {
  const host = facts.host ?? 'host-1';
  return { id: host, name: facts.name ?? `name of ${host}`, boot: { id: facts.boot ?? `boot of ${host}` } };
}

export function denial(facts: DenialFacts): Denial {
  const name = facts.comm ?? 'sh';
  const path = facts.path ?? '/etc/passwd';
  return {
    kind: 'denial',
    '@timestamp': time(facts.ms ?? T0 + facts.n),
    event: {
      id: id(facts.n),
      sequence: facts.n,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: ['intrusion_detection', 'file'],
      type: ['denied'],
      reason: `${name} was not allowed to read ${path} by Landlock domain ${facts.domain ?? '195ba459b'}.`,
    },
    host: hostOf(facts),
    ...(facts.tags === undefined ? {} : { tags: facts.tags }),
    landlock: {
      domain: { id: facts.domain ?? '195ba459b' },
      blockers: facts.blockers ?? ['fs.read_file'],
      object: { kind: facts.kind ?? 'file' },
      actor_certainty: 'certain',
    },
    file: { path, device: 'vda2', inode: '365' },
    ...(facts.port === undefined ? {} : { destination: { port: facts.port } }),
    process: { pid: facts.pid ?? 289, name, executable: facts.program ?? '/usr/bin/bash', args: ['sh', '-c', 'cat'] },
    user: { id: facts.uid ?? '0' },
    syscall: { arch: 'x86_64', name: 'openat', number: 257, exit: -13 },
  };
}

/** The same with the event.id that the record `index` of its event has. */
export function audited(doc: Denial, index = 0): Denial {
  const { host, event } = doc;
  const ms = Date.parse(doc['@timestamp']);
  const stamp = `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`;
  return { ...doc, event: { ...event, id: eventId(host.id, host.boot.id, stamp, event.sequence, index) } };
}

export function allocated(facts: DenialFacts): DomainAllocated {
  return {
    kind: 'domain-allocated',
    '@timestamp': time(facts.ms ?? T0 + facts.n),
    event: { id: id(facts.n), sequence: facts.n },
    host: hostOf(facts),
    ...(facts.tags === undefined ? {} : { tags: facts.tags }),
    landlock: {
      domain: {
        id: facts.domain ?? '195ba459b',
        mode: 'enforcing',
        creator: { pid: 280, uid: 0, executable: '/usr/bin/sandboxer', name: 'sandboxer' },
      },
    },
  };
}

export function deallocated(facts: DenialFacts & { readonly denials: number | string }): DomainDeallocated {
  return {
    kind: 'domain-deallocated',
    '@timestamp': time(facts.ms ?? T0 + facts.n),
    event: { id: id(facts.n), sequence: facts.n },
    host: hostOf(facts),
    ...(facts.tags === undefined ? {} : { tags: facts.tags }),
    landlock: { domain: { id: facts.domain ?? '195ba459b', denials: facts.denials } },
  };
}

export function gap(facts: DenialFacts & { readonly cause: Gap['cause']; readonly count: number }): Gap {
  return {
    kind: 'gap',
    '@timestamp': time(facts.ms ?? T0 + facts.n),
    event: { id: id(facts.n) },
    host: hostOf(facts),
    count: facts.count,
    cause: facts.cause,
  };
}

export function malformed(facts: DenialFacts): Malformed {
  return {
    kind: 'malformed',
    '@timestamp': time(facts.ms ?? T0 + facts.n),
    event: { id: id(facts.n) },
    host: hostOf(facts),
    reason: 'no time stamp',
    text: 'type=LANDLOCK_ACCESS msg=nothing',
  };
}

// Arbitrary documents. Few distinct values where collisions matter (hosts, domains, times), any text elsewhere.

const oddTexts = [
  '',
  ' ',
  '\0',
  'a\0b',
  '__proto__',
  '"',
  "'; DROP TABLE hosts; --",
  '\u0001\u0002',
  '\ufffd',
  '😀',
  '%_*?[',
  '[',
  '{}',
];
const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 24 }), fc.constantFrom(...oddTexts));
const label = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });
const path = fc.oneof(anyText, fc.constantFrom('/etc/passwd', '/usr/lib/x.so', '/tmp/a b', '/home/ä/ö', '/etc/[x]'));
const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const port = fc.integer({ min: 0, max: 65_535 });
const decimal = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  fc.constantFrom('0', '1000', '007', '-1', 'unset', '1e3', ''),
);
const unknown = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.boolean(),
  safe,
  anyText,
  fc.array(anyText, { maxLength: 2 }),
  fc.record({ a: anyText }),
);

/** Some of `members`, and now and then one that no version knows. */
function some<T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[] = []): fc.Arbitrary<T> {
  const known = fc.record(members, { requiredKeys: required as never[] });
  return fc
    .tuple(known, fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: unknown }))
    .map(([value, extra]) => (extra === undefined ? value : { ...(value as object), x_future: extra }) as T);
}

const endpoint = some<object>({ ip: fc.constantFrom('127.0.0.1', '::1'), port } as never);
const host = fc
  .record({
    id: fc.constantFrom('host-1', 'host-2'),
    name: fc.option(fc.constantFrom('web-1', 'web-2', 'näme'), { nil: undefined }),
    boot: some<object>(
      { id: fc.constantFrom('boot-1', 'boot-2'), derived: fc.constant(true) } as never,
      ['id'] as never[],
    ),
    x_future: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: unknown }),
  })
  .map((value) => JSON.parse(JSON.stringify(value)) as object);
const tags = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ['canary'],
      ['replay'],
      ['canary', 'replay'],
      ['replay', 'canary'],
      [],
      ['new'],
      ['canary', 'canary'],
    ),
  },
);
const timestamp = fc.oneof(
  fc.integer({ min: T0, max: T0 + 3 }),
  fc.integer({ min: T0 - 3 * 3_600_000, max: T0 + 3 * 3_600_000 }),
  fc.constantFrom(0, Date.UTC(2999, 0, 1)),
);
const domainId = fc.constantFrom('195ba459b', '195ba45a0', 'ffffffffffffffff', '1');
const ancestry = fc.array(
  fc.record(
    { pid: u32, start_ticks: safe, started_at: timestamp.map(time), executable: path, cgroup: path },
    { requiredKeys: ['pid', 'start_ticks'] },
  ),
  { maxLength: 2 },
);
const unknownFields = fc.array(fc.record({ record: label, name: label, value: anyText }), { maxLength: 2 });

const denialBody = some<object>(
  {
    tags,
    landlock: some<object>(
      {
        domain: some<object>({ id: domainId } as never, ['id'] as never[]),
        blockers: fc.oneof(
          fc.constantFrom(
            ['fs.read_file'],
            ['fs.make_reg', 'fs.refer'],
            ['net.bind_tcp'],
            ['scope.signal'],
            ['new.thing'],
          ),
          fc.array(anyText, { maxLength: 3 }),
        ),
        object: some<object>(
          {
            kind: fc.oneof(fc.constantFrom('file', 'directory', 'socket', 'process'), anyText),
            name: anyText,
            ioctl_command: label,
            namespace: fc.record({ type: label, id: label }, { requiredKeys: ['type'] }),
            capability: fc.record({ number: u32, name: label }, { requiredKeys: ['number'] }),
            bound: endpoint,
            connected: endpoint,
            entries: fc.array(some<object>({ name: anyText, type: label, inode: decimal, device: label } as never), {
              maxLength: 2,
            }),
          } as never,
          ['kind'] as never[],
        ),
        actor_certainty: fc.constantFrom('certain', 'may_be_outside', 'absent', 'new'),
        target: fc.record(
          {
            process: some<object>({ pid: u32, name: anyText } as never),
            domain: some<object>({ id: domainId } as never, ['id'] as never[]),
          },
          { requiredKeys: ['process'] },
        ),
        logged: fc.constant(false),
        same_exec: fc.boolean(),
        attribution: fc.constant('best_effort'),
        unknown_fields: unknownFields,
      } as never,
      ['domain', 'blockers', 'object', 'actor_certainty'] as never[],
    ),
    file: some<object>({ path, path_raw: label, name: anyText, device: label, inode: decimal } as never),
    source: endpoint,
    destination: endpoint,
    process: some<object>({
      pid: u32,
      parent: some<object>({ pid: u32 } as never, ['pid'] as never[]),
      name: anyText,
      executable: path,
      args: fc.array(anyText, { maxLength: 3 }),
      working_directory: path,
      thread: some<object>({ id: u32 } as never, ['id'] as never[]),
      ancestry,
      tty: label,
      session_id: u32,
    } as never),
    user: some<object>({
      id: decimal,
      audit: fc.record({ id: decimal }),
      effective: fc.record({ id: decimal }),
      saved: fc.record({ id: decimal }),
      filesystem: fc.record({ id: decimal }),
    } as never),
    group: fc.record({ id: decimal }),
    syscall: some<object>({
      arch: label,
      name: label,
      number: fc.integer({ min: 0, max: 600 }),
      exit: fc.integer(),
    } as never),
    package: some<object>(
      { name: label, version: fc.constantFrom('', '1.0-1', '1:1.1'), type: fc.constantFrom('dpkg', 'rpm') } as never,
      ['name', 'version'] as never[],
    ),
    systemd: some<object>({ unit: label, user_unit: label } as never),
    container: some<object>({ id: label } as never, ['id'] as never[]),
  } as never,
  ['landlock'] as never[],
);

const reason = fc.oneof(anyText, fc.constant('SENTENCE'));

function identified(kind: string, body: fc.Arbitrary<object>, withSequence: boolean): fc.Arbitrary<object> {
  return fc
    .tuple(body, host, timestamp, fc.integer({ min: 1, max: 2 ** 31 }), u32)
    .map(([rest, hostFields, ms, n, sequence]) => ({
      kind,
      '@timestamp': time(ms),
      event: { id: id(`${kind} ${n}`), ...(withSequence ? { sequence } : {}) },
      host: hostFields,
      ...rest,
    }));
}

const denialArbitrary = fc
  .tuple(
    identified('denial', denialBody, true),
    reason,
    fc.array(label, { maxLength: 3 }),
    fc.integer({ min: 0, max: 20 }),
  )
  .map(([doc, sentence, category, index]) => {
    const base = doc as unknown as Denial;
    const woven = `${base.process?.name ?? 'A process'} (pid ${base.process?.pid}) was refused ${base.file?.path} by domain ${base.landlock.domain.id}`;
    const whole: Denial = {
      ...base,
      event: {
        ...base.event,
        action: 'violated-landlock-policy',
        outcome: 'failure',
        category,
        type: ['denied'],
        reason: sentence === 'SENTENCE' ? woven : sentence,
      },
    };
    return index > 10 ? whole : audited(whole, index);
  });

const allocatedBody = some<object>(
  {
    tags,
    landlock: some<object>(
      {
        domain: some<object>(
          {
            id: domainId,
            mode: label,
            creator: some<object>({ pid: u32, uid: u32, executable: path, name: anyText, ancestry } as never),
          } as never,
          ['id', 'creator'] as never[],
        ),
        unknown_fields: unknownFields,
      } as never,
      ['domain'] as never[],
    ),
  } as never,
  ['landlock'] as never[],
);

const deallocatedBody = some<object>(
  {
    tags,
    landlock: some<object>(
      {
        domain: some<object>(
          {
            id: domainId,
            denials: fc.oneof(safe, fc.nat(5), fc.constantFrom('9007199254740993', '18446744073709551615')),
          } as never,
          ['id', 'denials'] as never[],
        ),
        unknown_fields: unknownFields,
      } as never,
      ['domain'] as never[],
    ),
  } as never,
  ['landlock'] as never[],
);

const rights = fc.array(label, { maxLength: 2 });

const createdBody = some<object>(
  {
    tags,
    landlock: some<object>(
      {
        domain: some<object>(
          {
            id: domainId,
            parent: some<object>({ id: domainId } as never, ['id'] as never[]),
            ruleset: some<object>(
              {
                id: domainId,
                version: fc.constantFrom('0', '12'),
                handled: some<object>({ fs: rights, net: rights, scopes: rights } as never),
                rules: safe,
              } as never,
              ['id'] as never[],
            ),
            creator: some<object>({
              pid: u32,
              thread: some<object>({ id: u32 } as never, ['id'] as never[]),
              name: anyText,
            } as never),
          } as never,
          ['id', 'creator'] as never[],
        ),
        unknown_fields: unknownFields,
      } as never,
      ['domain'] as never[],
    ),
  } as never,
  ['landlock'] as never[],
);

const callBody = some<object>(
  {
    tags,
    landlock: some<object>(
      {
        call: fc.constantFrom('create_ruleset', 'add_rule', 'restrict_self'),
        is_probe: fc.constant(true),
        flags: u32,
        ruleset_fd: fc.integer({ min: -1, max: 9 }),
        rule_type: label,
        makes_domain: fc.boolean(),
        unknown_fields: unknownFields,
      } as never,
      ['call'] as never[],
    ),
    process: some<object>({
      pid: u32,
      parent: some<object>({ pid: u32 } as never, ['pid'] as never[]),
      name: anyText,
      executable: path,
      args: fc.array(anyText, { maxLength: 2 }),
      tty: label,
      session_id: u32,
      ancestry,
    } as never),
    user: some<object>({ id: decimal, audit: fc.record({ id: decimal }) } as never),
    group: fc.record({ id: decimal }),
    syscall: some<object>({ arch: label, name: label, number: fc.nat(600), exit: fc.integer() } as never),
  } as never,
  ['landlock'] as never[],
);

/** With what the event has beside its id. */
function withEvent(doc: fc.Arbitrary<object>, event: object): fc.Arbitrary<object> {
  return doc.map((value) => ({ ...value, event: { ...(value as Document).event, ...event } }));
}

const malformedBody = some<object>(
  {
    tags,
    reason: anyText,
    text: anyText,
    place: some<object>({ file: path, line: safe, byte: safe } as never),
  } as never,
  ['reason', 'text'] as never[],
);

const gapBody = some<object>(
  {
    tags,
    first: u32,
    last: u32,
    count: safe,
    cause: fc.constantFrom('serial-gap', 'kernel-lost', 'new-cause'),
    since: timestamp.map(time),
  } as never,
  ['count', 'cause'] as never[],
);

/** JSON, as documents come from the wire: no undefined members. */
function plain(doc: object): AnyDocument {
  return JSON.parse(JSON.stringify(doc));
}

/** Any document of any kind that the validator must accept. */
export const documentArbitrary: fc.Arbitrary<AnyDocument> = fc
  .oneof(
    { weight: 6, arbitrary: denialArbitrary },
    { weight: 1, arbitrary: identified('domain-allocated', allocatedBody, true) },
    { weight: 1, arbitrary: identified('domain-deallocated', deallocatedBody, true) },
    { weight: 1, arbitrary: identified('malformed', malformedBody, false) },
    { weight: 1, arbitrary: identified('gap', gapBody, false) },
    { weight: 1, arbitrary: withEvent(identified('domain-created', createdBody, false), { provider: 'tracepoint' }) },
    { weight: 1, arbitrary: withEvent(identified('sandbox-call', callBody, true), { outcome: 'success' }) },
  )
  .map(plain);

/** Any denial. */
export const anyDenial: fc.Arbitrary<Denial> = denialArbitrary.map((doc) => plain(doc) as Denial);
