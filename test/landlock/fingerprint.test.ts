import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCKERS } from '../../src/landlock/blockers.ts';
import type { Denial, Document } from '../../src/landlock/document.ts';
import { fingerprintKey, fingerprintOf, fingerprintOfParts, type IssueParts } from '../../src/landlock/fingerprint.ts';
import { issueTitle } from '../../src/landlock/issue-title.ts';
import { sampleDenial } from '../support/sample-documents.ts';

type Landlock = Partial<Denial['landlock']>;
type Parts = Partial<Pick<Denial, 'file' | 'source' | 'destination' | 'process' | 'user' | 'host'>>;

/** A denial with nothing but what is given. */
function denial(blockers: readonly string[], parts: Parts = {}, landlock: Landlock = {}): Denial {
  const { file: _file, process: _process, ...rest } = sampleDenial(1);
  const object = landlock.object ?? { kind: 'other' };
  return { ...rest, ...parts, landlock: { ...rest.landlock, ...landlock, blockers, object } };
}

const sh = { executable: '/usr/bin/sh', name: 'sh', pid: 1 };

const corpus = readdirSync(new URL('../fixtures/conformance', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ndjson'))
  .sort()
  .flatMap((name) => readFileSync(new URL(`../fixtures/conformance/${name}`, import.meta.url), 'utf8').split('\n'))
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Document)
  .filter((document) => document.kind === 'denial');

/** Every form of object there is: [name, denial, class, key, detail]. */
const FORMS: [string, Denial, string, string, string][] = [
  ['a path', denial(['fs.read_file'], { file: { path: '/home/eve/x' } }), 'path', '/home/*/x', ''],
  ['a bare name', denial(['fs.change_topology'], { file: { name: 'mnt' } }), 'entry', 'mnt', ''],
  ['no path', denial(['fs.read_file']), 'none', '', ''],
  [
    'an ioctl',
    denial(['fs.ioctl_dev'], { file: { path: '/dev/pts/3' } }, { object: { kind: 'device', ioctl_command: '0x5401' } }),
    'path',
    '/dev/pts/<n>',
    '0x5401',
  ],
  ['a TCP port to bind', denial(['net.bind_tcp'], { source: { port: 80, ip: '::1' } }), 'local-port', '80', ''],
  ['any TCP port to bind', denial(['net.bind_tcp']), 'local-port', '', ''],
  [
    'a TCP peer',
    denial(['net.connect_tcp'], { source: { port: 1 }, destination: { port: 443 } }),
    'remote-port',
    '443',
    '',
  ],
  ['a UDP port to bind', denial(['net.bind_udp'], { source: { port: 53 } }), 'local-port', '53', ''],
  [
    'a UDP peer',
    denial(['net.connect_send_udp'], { destination: { ip: '1.2.3.4', port: 53 } }),
    'remote-port',
    '53',
    '',
  ],
  ['an unknown UDP peer', denial(['net.connect_send_udp'], { source: { port: 4001 } }), 'remote-port', '', ''],
  [
    'an abstract socket',
    denial(
      ['scope.abstract_unix_socket'],
      {},
      { object: { kind: 'abstract-unix-socket', name: '@/tmp/.X11-unix/X0' } },
    ),
    'abstract-socket',
    '@/tmp/.X11-unix/X<n>',
    '',
  ],
  ['an abstract socket without a name', denial(['scope.abstract_unix_socket']), 'abstract-socket', '', ''],
  ['a signal', denial(['scope.signal'], {}, { target: { process: { pid: 1, name: 'init' } } }), 'process', 'init', ''],
  ['ptrace', denial(['ptrace'], {}, { target: { process: { pid: 4_242 } } }), 'process', '', ''],
  [
    'a new namespace',
    denial(['namespace.use'], {}, { object: { kind: 'namespace', namespace: { type: '0x10000000' } } }),
    'namespace',
    '0x10000000',
    'new',
  ],
  [
    'a namespace that is there',
    denial(
      ['namespace.use'],
      {},
      { object: { kind: 'namespace', namespace: { type: '0x40000000', id: '4026531840' } } },
    ),
    'namespace',
    '0x40000000',
    '',
  ],
  [
    'a capability',
    denial(
      ['capability.use'],
      {},
      { object: { kind: 'capability', capability: { number: 21, name: 'CAP_SYS_ADMIN' } } },
    ),
    'capability',
    'CAP_SYS_ADMIN',
    '',
  ],
  [
    'a capability without a name',
    denial(['capability.use'], {}, { object: { kind: 'capability', capability: { number: 99 } } }),
    'capability',
    '99',
    '',
  ],
  ['a blocker of tomorrow on a path', denial(['fs.tomorrow'], { file: { path: '/etc' } }), 'path', '/etc', ''],
  ['a blocker of tomorrow on a peer', denial(['net.tomorrow'], { destination: { port: 7 } }), 'remote-port', '7', ''],
  ['a blocker of tomorrow on its own port', denial(['net.tomorrow'], { source: { port: 7 } }), 'local-port', '7', ''],
  ['a blocker of tomorrow on a process', denial(['a'], {}, { target: { process: { name: 'x' } } }), 'process', 'x', ''],
  ['a blocker of tomorrow on nothing', denial(['tomorrow']), 'none', '', ''],
];

describe('fingerprints', () => {
  it.each(FORMS)('name the object of a denial about %s', (_name, of, objectClass, objectKey, objectDetail) => {
    expect(fingerprintOf(of)).toMatchObject({ objectClass, objectKey, objectDetail });
  });

  it('differ between all forms of objects', () => {
    const all = FORMS.map(([, of]) => fingerprintOf(of).fingerprint);
    expect(new Set(all).size).toBe(FORMS.length);
    for (const fingerprint of all) expect(fingerprint).toMatch(/^[a-z2-7]{26}$/);
  });

  it('are written down: a change of what they are made of needs a new version', () => {
    expect(fingerprintOf(denial(['fs.refer', 'fs.make_reg'], { file: { path: '/home/eve/x' }, process: sh }))).toEqual({
      fingerprint: fingerprintOfParts({
        program: '/usr/bin/sh',
        programClass: 'executable',
        blockers: ['fs.make_reg', 'fs.refer'],
        objectClass: 'path',
        objectKey: '/home/*/x',
        objectDetail: '',
      }),
      version: 1,
      program: '/usr/bin/sh',
      programClass: 'executable',
      blockers: ['fs.make_reg', 'fs.refer'],
      objectClass: 'path',
      objectKey: '/home/*/x',
      objectDetail: '',
      rules: { program: [], object: ['home'] },
    });
    const all = FORMS.map(([, of]) => fingerprintOf(of).fingerprint);
    expect([all[0], all[4], all.at(-1)]).toMatchInlineSnapshot(`
      [
        "h4kmmsojilljlduntaqy7pl5gg",
        "6pzohervma3zxhwvrzv47qxesj",
        "sikmcn6l36fy4ocwlm4hk27k44",
      ]
    `);
  });

  it('are the same for all hosts, users, processes, domains, addresses and orders of blockers', () => {
    const one = denial(['net.connect_tcp'], { process: sh, destination: { ip: '10.0.0.1', port: 443 } });
    const other = denial(
      ['net.connect_tcp'],
      {
        process: { ...sh, executable: '/usr/bin/sh (deleted)', pid: 77, name: 'thread' },
        destination: { ip: '::1', port: 443 },
        user: { id: '1000' },
        host: { id: 'b', boot: { id: 'c' } },
      },
      { domain: { id: 'ff' } },
    );
    expect(fingerprintOf(other).fingerprint).toBe(fingerprintOf(one).fingerprint);
    const [first, second] = [
      ['fs.refer', 'fs.make_reg'],
      ['fs.make_reg', 'fs.refer', 'fs.refer'],
    ].map((blockers) => fingerprintOf(denial(blockers, { file: { path: '/srv' } })));
    expect(first).toEqual(second);
  });

  it('keep a program apart from a task of the same name, and from none', () => {
    const [executable, name, none] = [{ executable: 'sh' }, { name: 'sh' }, {}].map((process) =>
      fingerprintOf(denial(['ptrace'], { process })),
    );
    expect(new Set([executable, name, none].map((of) => of?.fingerprint)).size).toBe(3);
  });

  const word = fc.oneof(
    fc.constantFrom('', 'a', 'b', '"', ',', '[', ']', '\\', '\0', '1:', ';'),
    fc.string({ maxLength: 3 }),
  );
  const words = fc.array(word, { maxLength: 3 }).map((parts) => parts.join(''));
  const classes = fc.constantFrom('path', 'entry', 'process', 'none', 'local-port', 'remote-port');
  const issue = fc.record({
    program: words,
    programClass: fc.constantFrom('executable', 'name', 'none'),
    blockers: fc.array(words, { maxLength: 3 }),
    objectClass: classes,
    objectKey: words,
    objectDetail: words,
  }) as fc.Arbitrary<IssueParts>;

  it('never join what differs in any part, whatever characters a part has', () => {
    fc.assert(
      fc.property(issue, issue, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(fingerprintOfParts(one) === fingerprintOfParts(other)).toBe(isSame);
      }),
      { numRuns: 3_000 },
    );
    const moved = { ...FORMS[0]?.[1].landlock, program: 'a', programClass: 'name', objectClass: 'path' } as const;
    const [left, right] = [
      fingerprintOfParts({ ...moved, blockers: ['a', 'b'], objectKey: 'c', objectDetail: '' }),
      fingerprintOfParts({ ...moved, blockers: ['a'], objectKey: 'b,c', objectDetail: '' }),
    ];
    expect(left).not.toBe(right);
  });

  const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
  const endpoint = optional(fc.record({ port: fc.nat(3) }, { requiredKeys: [] }));
  const anyDenial = fc
    .record({
      blockers: fc.array(fc.oneof(fc.constantFrom(...BLOCKERS.map(({ name }) => name)), words), {
        minLength: 1,
        maxLength: 2,
      }),
      file: optional(fc.record({ path: words, name: words }, { requiredKeys: [] })),
      source: endpoint,
      destination: endpoint,
      process: optional(fc.record({ executable: words, name: words }, { requiredKeys: [] })),
      target: optional(fc.record({ process: fc.record({ name: words }, { requiredKeys: [] }) })),
      object: fc.record(
        {
          kind: fc.constant('x'),
          name: words,
          ioctl_command: words,
          namespace: fc.record({ type: words, id: words }, { requiredKeys: ['type'] }),
          capability: fc.record({ number: fc.nat(3), name: words }, { requiredKeys: ['number'] }),
        },
        { requiredKeys: ['kind'] },
      ),
    })
    .map(({ blockers, object, target, ...parts }) =>
      denial(blockers, JSON.parse(JSON.stringify(parts)), target === undefined ? { object } : { object, target }),
    );

  it('are decided by the cheap key', () => {
    const few = fc.array(anyDenial, { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(few, (denials) => {
        const known = new Map<string, string>();
        for (const of of denials) {
          const { fingerprint } = fingerprintOf(of);
          expect(known.get(fingerprintKey(of)) ?? fingerprint).toBe(fingerprint);
          known.set(fingerprintKey(of), fingerprint);
        }
      }),
      { numRuns: 1_000 },
    );
    const keys = new Map(corpus.map((of) => [fingerprintKey(of), fingerprintOf(of).fingerprint]));
    for (const of of corpus) expect(keys.get(fingerprintKey(of))).toBe(fingerprintOf(of).fingerprint);
  });

  it('and their titles exist for any denial', () => {
    fc.assert(
      fc.property(anyDenial, (of) => {
        expect(issueTitle(fingerprintOf(of))).toMatch(/ is refused to /);
        expect(issueTitle(fingerprintOf(of))).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('titles of issues', () => {
  it.each([
    [
      denial(['net.bind_tcp'], { process: { executable: '/opt/program-70' }, source: { port: 1_397 } }),
      'program-70 is refused to bind a TCP socket to port 1397',
    ],
    [
      denial(['fs.make_reg'], { process: sh, file: { path: '/home/eve/x' } }),
      'sh is refused to create a regular file in /home/*/x',
    ],
    [
      denial(['scope.signal'], {}, { target: { process: { name: 'a\u001b[2J' } } }),
      'A program that the records do not name is refused to send a signal to a process named a\\u{1b}[2J',
    ],
    [
      denial(
        ['namespace.use'],
        { process: { name: 'x' } },
        { object: { kind: 'namespace', namespace: { type: '0x10000000' } } },
      ),
      'x is refused to use a new user namespace',
    ],
    [
      denial(
        ['capability.use'],
        { process: sh },
        { object: { kind: 'capability', capability: { number: 21, name: 'CAP_SYS_ADMIN' } } },
      ),
      'sh is refused to use CAP_SYS_ADMIN',
    ],
    [
      denial(
        ['fs.ioctl_dev'],
        { process: sh, file: { path: '/dev/tty1' } },
        { object: { kind: 'device', ioctl_command: '0x5401' } },
      ),
      'sh is refused to send an ioctl command to /dev/tty<n> (command 0x5401)',
    ],
  ])('are sentences', (of, title) => {
    expect(issueTitle(fingerprintOf(of))).toBe(title);
  });

  it('tell the denials of the whole corpus apart as their fingerprints do', async () => {
    const issues = new Map(corpus.map((of) => [fingerprintOf(of).fingerprint, issueTitle(fingerprintOf(of))]));
    const lines = [...issues].map(([fingerprint, title]) => `${fingerprint} ${title}`).sort();
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../fixtures/golden/issues.txt');
  });
});
