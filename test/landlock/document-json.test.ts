import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Denial, Document } from '../../src/landlock/document.ts';
import { documentToJson } from '../../src/landlock/document-json.ts';
import { captureNames, readCapture } from '../support/captures.ts';
import { decodeText } from '../support/decode-text.ts';

it.each([
  ...captureNames('scenarios', '.log').map((name) => `scenarios/${name}`),
  ...captureNames('kernels', '.log').map((name) => `kernels/${name}`),
])('writes every document of %s as JSON.stringify does', (name) => {
  const { documents } = decodeText(readCapture(name), { tags: ['replay'] });
  expect(documents.map(documentToJson)).toEqual(documents.map((document) => JSON.stringify(document)));
});

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\0', '\n', '\ud800', 'é', '\u2028'),
);
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const endpoint = fc.record({ ip: text, port: fc.nat(65_535) }, { requiredKeys: [] });
const object = fc.record(
  {
    kind: text,
    name: text,
    ioctl_command: text,
    namespace: fc.record({ type: text, id: text }, { requiredKeys: ['type'] }),
    capability: fc.record({ number: fc.nat(99), name: text }, { requiredKeys: ['number'] }),
    bound: endpoint,
    connected: endpoint,
    entries: fc.array(fc.record({ name: text, type: text, inode: text, device: text }, { requiredKeys: [] })),
  },
  { requiredKeys: ['kind'] },
);
const id = fc.record({ id: text });
const denial = fc.record(
  {
    kind: fc.constant('denial'),
    '@timestamp': text,
    event: fc.record({
      id: text,
      sequence: fc.nat(),
      action: fc.constant('violated-landlock-policy'),
      outcome: fc.constant('failure'),
      category: fc.array(text),
      type: fc.constant(['denied']),
      reason: text,
    }),
    host: fc.record({ id: text, name: optional(text), boot: fc.record({ id: text }) }),
    landlock: fc.record(
      {
        domain: id,
        blockers: fc.array(text),
        object,
        actor_certainty: fc.constantFrom('certain', 'absent'),
        target: fc.record({ process: fc.record({ pid: fc.nat(), name: text }, { requiredKeys: [] }) }),
        unknown_fields: fc.array(fc.record({ record: text, name: text, value: text })),
      },
      { requiredKeys: ['domain', 'blockers', 'object', 'actor_certainty'] },
    ),
    tags: fc.constant(['canary']),
    file: fc.record({ path: text, path_raw: text, name: text, device: text, inode: text }, { requiredKeys: [] }),
    source: endpoint,
    destination: endpoint,
    process: fc.record(
      {
        pid: fc.nat(),
        parent: fc.record({ pid: fc.nat() }),
        name: text,
        executable: text,
        args: fc.array(text),
        working_directory: text,
        tty: text,
        session_id: fc.nat(),
      },
      { requiredKeys: [] },
    ),
    user: fc.record({ id: text, audit: id, effective: id, saved: id, filesystem: id }, { requiredKeys: [] }),
    group: id,
    syscall: fc.record({ arch: text, name: text, number: fc.nat(), exit: fc.integer() }, { requiredKeys: [] }),
  },
  { requiredKeys: ['kind', '@timestamp', 'event', 'host', 'landlock'] },
) as fc.Arbitrary<Denial>;

it('writes any denial as JSON.stringify does', () => {
  fc.assert(
    fc.property(denial, (document) => {
      expect(documentToJson(document)).toBe(JSON.stringify(document));
    }),
    { numRuns: 500 },
  );
});

it('writes every other kind of document as JSON.stringify does', () => {
  const host = { id: 'h', boot: { id: 'b' } };
  const documents: Document[] = [
    { kind: 'gap', '@timestamp': 'T', event: { id: 'x' }, host, count: 3, cause: 'serial-gap', first: 1, last: 3 },
    { kind: 'malformed', event: { id: 'x' }, host, reason: 'r', text: '\0"\xff' },
    {
      kind: 'domain-deallocated',
      '@timestamp': 'T',
      event: { id: 'x', sequence: 1 },
      host,
      landlock: { domain: { id: '1', denials: '9' } },
    },
  ];
  expect(documents.map(documentToJson)).toEqual(documents.map((document) => JSON.stringify(document)));
});
