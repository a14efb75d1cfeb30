import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../src/landlock/document.ts';
import { AggregateTally } from '../../../src/landlock/privacy/aggregate.ts';
import { reduceDocument } from '../../../src/landlock/privacy/reduce-document.ts';
import { reducePath } from '../../../src/landlock/privacy/reduce-path.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { audited, denial, documentArbitrary } from '../../store/support/documents.ts';
import { temporaryDatabase } from '../../store/support/temporary-database.ts';

const SECRET = 'alice7391';
/** Long, and looked for as a number of its own: shorter ones are in counts and serials by chance. */
const UID = '3141592653';
const UID_IN_TEXT = new RegExp(`(?<!\\d)${UID}(?!\\d)`);
const isPackaged = (path: string) => path.startsWith('/usr/bin/') && !path.includes(SECRET);

/** What is no secret: the ids that the documents are joined by, times, and words that the decoder chose. */
const NOT_SECRET = new Set(
  [
    'kind @timestamp id boot call cause since provider action outcome category type actor_certainty rule_type tags denials',
  ].flatMap((text) => text.split(' ')),
);

/** The document with something secret in every text of a record, whatever the text is for. */
function plant(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return NOT_SECRET.has(key) ? value : `${value}/${SECRET}`;
  if (Array.isArray(value)) return value.map((item) => plant(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) =>
      name === 'user' || name === 'group' ? [name, { id: UID, audit: { id: UID } }] : [name, plant(item, name)],
    ),
  );
}

const reduced = (doc: AnyDocument) => JSON.parse(JSON.stringify(reduceDocument(doc, isPackaged)));

describe('a reduced document', () => {
  it('tells nothing of what a record says in words, whatever document it is and wherever it stands', () => {
    fc.assert(
      fc.property(documentArbitrary, (doc) => {
        const text = JSON.stringify(reduced(plant(doc) as AnyDocument));
        expect(text).not.toContain(SECRET);
        expect(text).not.toMatch(UID_IN_TEXT);
      }),
      { numRuns: 500 },
    );
  });

  it('is stored as any other', () => {
    const writer = new EventWriter(temporaryDatabase());
    fc.assert(
      fc.property(documentArbitrary, (doc) => {
        const { stored, duplicates, rejected } = writer.write([{ doc: reduced(doc) }], 0);
        expect({ kept: stored + duplicates, rejected }).toEqual({ kept: 1, rejected: [] });
      }),
    );
  });

  it('still says which program of the distribution was refused what, and of what kind its object was', () => {
    const whole = audited(denial({ n: 1, path: `/home/${SECRET}/.ssh/id_ed25519`, program: '/usr/bin/curl' }));
    expect(reduced(whole)).toMatchObject({
      process: { name: 'curl', executable: '/usr/bin/curl' },
      file: { path: '<home>' },
      event: { id: whole.event.id, reason: expect.stringMatching(/^curl \(pid \d+\) was not allowed to .*<home>/) },
    });
    expect(reduced(whole).host).toEqual({ id: whole.host.id, boot: whole.host.boot });
  });

  it('knows root and services from people, and no more of them', () => {
    const classOf = (id: string) => reduced({ ...denial({ n: 1 }), user: { id, audit: { id: UID } } }).user;
    expect([classOf('0'), classOf('33'), classOf(UID)]).toEqual([
      { id: '0', class: 'root' },
      { class: 'system' },
      { class: 'user' },
    ]);
  });
});

describe('a reduced path', () => {
  it.each([
    ['/usr/bin/python3.11', '/usr/bin/python<version>'],
    [`/usr/bin/${SECRET}`, '<software>'],
    ['/usr/local/bin/x', '<local software>'],
    [`/home/${SECRET}/x`, '<home>'],
    ['/homes/x', '<elsewhere>'],
    ['/run/user/1000/bus', '<user runtime>'],
    ['/proc/4711/mem', '<processes>'],
    ['/dev/shm/x', '<temporary>'],
    ['/', '<elsewhere>'],
  ])('%s is %s', (path, expected) => {
    expect(reducePath(path, isPackaged)).toBe(expected);
  });
});

describe('a count', () => {
  it('tells nothing of what a record says in words, nor of the host, whatever document is counted', () => {
    fc.assert(
      fc.property(fc.array(documentArbitrary, { maxLength: 4 }), (docs) => {
        const tally = new AggregateTally(isPackaged);
        const planted = docs.map((doc) => plant(doc) as AnyDocument);
        for (const doc of planted) tally.add(doc, 0);
        const text = JSON.stringify(tally.hours.flatMap((hour) => tally.of(hour)));
        expect(text).not.toContain(SECRET);
        expect(text).not.toMatch(UID_IN_TEXT);
        for (const { host, event } of planted) {
          for (const secret of [host.id, host.boot.id, event.id]) expect(text).not.toContain(secret);
        }
        expect(text).not.toMatch(/"(?:pid|args|user|serial|sequence|domain)"/);
      }),
      { numRuns: 200 },
    );
  });

  it('adds up what is alike, and counts what is too various together', () => {
    const tally = new AggregateTally(isPackaged);
    for (let n = 0; n < 3; n++) tally.add(denial({ n, path: `/home/${SECRET}/${n}`, program: '/usr/bin/curl' }), 0);
    tally.add(denial({ n: 4, tags: ['canary'] }), 0);
    const [hour = 0] = tally.hours;
    expect(tally.of(hour)).toEqual([
      {
        what: {
          of: 'denials',
          landlock: { blockers: ['fs.read_file'], object: { kind: 'file' } },
          file: { path: '<home>' },
          process: { executable: '/usr/bin/curl' },
        },
        count: 3,
      },
    ]);
    // Templates keep most apart no longer than this: letters alone are no numbers.
    const word = (n: number) => [...String(n)].map((digit) => 'qwzxvkjpyb'[Number(digit)]).join('');
    for (let n = 0; n < 2_100; n++) tally.add(denial({ n, program: `/usr/bin/prog-${word(n)}` }), 0);
    const counts = tally.of(hour);
    expect(counts.length).toBeLessThanOrEqual(2_001);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(2_103);
    expect(counts.find(({ what }) => what.process === undefined)?.count).toBeGreaterThan(50);
  });
});
