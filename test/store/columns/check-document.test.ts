import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../src/store/columns/check-document.ts';
import { timeMs } from '../../../src/store/columns/check-parts.ts';
import { allocated, deallocated, denial, documentArbitrary, gap, malformed } from '../support/documents.ts';

/** `doc` with the member at `path` (dots between names) set to `value`. */
function changed(doc: object, path: string, value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(doc));
  const names = path.split('.');
  let at = copy;
  for (const name of names.slice(0, -1)) at = at[name];
  at[names.at(-1) ?? ''] = value;
  return copy;
}

describe('checkDocument', () => {
  it('gives back every document as it is', () => {
    fc.assert(
      fc.property(documentArbitrary, (doc) => {
        expect(checkDocument(doc)).toBe(doc);
      }),
    );
  });

  it.each<[object, string, unknown, string]>([
    [denial({ n: 1 }), 'kind', 'denied', 'document.kind: unknown'],
    [
      denial({ n: 1 }),
      '@timestamp',
      '2026-03-01T10:00:00Z',
      'document.@timestamp: not a time in UTC with milliseconds',
    ],
    [
      denial({ n: 1 }),
      '@timestamp',
      '2026-02-30T10:00:00.000Z',
      'document.@timestamp: not a time in UTC with milliseconds',
    ],
    [
      denial({ n: 1 }),
      '@timestamp',
      '9999-01-01T00:00:00.000Z',
      'document.@timestamp: not a time in UTC with milliseconds',
    ],
    [denial({ n: 1 }), 'event.id', 'short', 'document.event.id: not 26 characters of base32'],
    [denial({ n: 1 }), 'event.sequence', 2 ** 32, 'document.event.sequence: not an integer from 0 to 4294967295'],
    [denial({ n: 1 }), 'event.sequence', -0, 'document.event.sequence: not an integer from 0 to 4294967295'],
    [denial({ n: 1 }), 'event.sequence', 1.5, 'document.event.sequence: not an integer from 0 to 4294967295'],
    [denial({ n: 1 }), 'event.outcome', 'success', 'document.event.outcome: not "failure"'],
    [denial({ n: 1 }), 'event.type', [], 'document.event.type: empty'],
    [denial({ n: 1 }), 'event.reason', 'x'.repeat(30_000), 'document.event.reason: longer than 24576 characters'],
    [denial({ n: 1 }), 'event.reason', '\ud800', 'document.event.reason: not well-formed Unicode'],
    [denial({ n: 1 }), 'host.id', 'a\0b', 'document.host.id: has a U+0000'],
    [denial({ n: 1 }), 'host.boot', null, 'document.host.boot: not an object'],
    [denial({ n: 1 }), 'landlock.domain.id', '0x1f', 'document.landlock.domain.id: not a 64-bit number in hexadecimal'],
    [
      denial({ n: 1 }),
      'landlock.domain.id',
      '1'.repeat(17),
      'document.landlock.domain.id: not a 64-bit number in hexadecimal',
    ],
    [denial({ n: 1 }), 'landlock.blockers', 'fs.read_file', 'document.landlock.blockers: not a list'],
    [denial({ n: 1 }), 'landlock.blockers', ['a', 7], 'document.landlock.blockers[]: not a string'],
    [denial({ n: 1 }), 'landlock.blockers', Array(200).fill('x'), 'document.landlock.blockers: more than 128 items'],
    [denial({ n: 1 }), 'file.path', 'x'.repeat(13_000), 'document.file.path: longer than 12288 characters'],
    [denial({ n: 1 }), 'process.pid', '1', 'document.process.pid: not an integer from 0 to 4294967295'],
    [denial({ n: 1 }), 'destination', { port: 65_536 }, 'document.destination.port: not an integer from 0 to 65535'],
    [denial({ n: 1 }), 'x', { y: [{ z: '\udfff' }] }, 'document.x.y.0.z: not well-formed Unicode'],
    [denial({ n: 1 }), 'x', [[[[[[[[[[]]]]]]]]]], 'document.x.0.0.0.0.0.0.0.0: nested too deeply'],
    [allocated({ n: 1 }), 'landlock.domain.creator', [], 'document.landlock.domain.creator: not an object'],
    [
      deallocated({ n: 1, denials: 1 }),
      'landlock.domain.denials',
      '12',
      'document.landlock.domain.denials: not a number',
    ],
    [malformed({ n: 1 }), 'text', 'x'.repeat(5_000), 'document.text: longer than 4096 characters'],
    [
      gap({ n: 1, count: 1, cause: 'serial-gap' }),
      'count',
      -1,
      'document.count: not an integer from 0 to 9007199254740991',
    ],
  ])('refuses a %o with another %s (%o)', (doc, path, value, reason) => {
    expect(checkDocument(changed(doc, path, value))).toBe(reason);
  });

  it('refuses a document that lacks what it must have', () => {
    const { landlock: _, ...without } = denial({ n: 1 });
    expect(checkDocument(without)).toBe('document.landlock: missing');
  });

  it('refuses names that would change an object', () => {
    expect(checkDocument(JSON.parse('{"kind":"gap","__proto__":{}}'))).toBe(
      'document.__proto__: a name that no member has',
    );
  });

  it('answers whatever JSON it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(typeof checkDocument(value)).toBe('string');
      }),
    );
  });

  it('reads times back exactly or not at all', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        ),
        (text) => {
          const ms = timeMs(text);
          if (ms !== undefined) expect(new Date(ms).toISOString()).toBe(text);
        },
      ),
    );
  });
});
