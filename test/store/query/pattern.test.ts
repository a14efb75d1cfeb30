import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterPrefix, foldAscii, matchesPattern, toGlob, toLikeAnywhere } from '../../../src/store/query/pattern.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

// Two non-characters that SQLite's GLOB and LIKE take for U+FFFD; no text that a person asks for has them.
const nonCharacters = /[\0\ufffe\uffff]/u;
const letters = fc.constantFrom('a', 'b', 'A', '*', '?', '[', ']', '^', '-', '%', '_', '\\', 'é', '😀', '/');
const text = fc.oneof(
  fc.array(letters, { maxLength: 8 }).map((list) => list.join('')),
  fc.string({ unit: 'binary', maxLength: 8 }).filter((value) => !nonCharacters.test(value)),
);
const pattern = fc.array(text, { minLength: 2, maxLength: 4 });

describe('a pattern', () => {
  it('means the same to SQLite and in memory', () => {
    const db = temporaryDatabase();
    const glob = db.prepare<[string, string], { yes: number }>('SELECT ? GLOB ? AS yes');
    const like = db.prepare<[string, string], { yes: number }>("SELECT ? LIKE ? ESCAPE '\\' AS yes");
    const related = fc
      .tuple(pattern, fc.array(text, { minLength: 3, maxLength: 3 }), text)
      .map(([pieces, gaps, other]) => {
        const built = pieces.map((piece, i) => (i === 0 ? piece : (gaps[i - 1] ?? '') + piece)).join('');
        return { pieces, values: [built, other, `${built}${other}`, foldAscii(built)] };
      });
    fc.assert(
      fc.property(related, ({ pieces, values }) => {
        for (const value of values) {
          expect(matchesPattern(pieces, value)).toBe(glob.get(value, toGlob(pieces))?.yes === 1);
          const anywhere = matchesPattern(['', ...pieces.map(foldAscii), ''], foldAscii(value));
          expect(anywhere).toBe(like.get(value, toLikeAnywhere(pieces))?.yes === 1);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('has a range of texts that holds exactly those with its prefix', () => {
    const db = temporaryDatabase();
    const within = db.prepare<[string, string, string, string], { yes: number }>('SELECT (? >= ? AND ? < ?) AS yes');
    fc.assert(
      fc.property(text, text, (prefix, value) => {
        const end = afterPrefix(prefix);
        if (end === undefined) return;
        for (const candidate of [value, prefix + value, prefix, `${prefix}\u{10ffff}`, end]) {
          expect(within.get(candidate, prefix, candidate, end)?.yes === 1).toBe(candidate.startsWith(prefix));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('has no range where nothing is greater', () => {
    expect([afterPrefix(''), afterPrefix('\u{10ffff}'), afterPrefix('a\u{10ffff}'), afterPrefix('\ud7ff')]).toEqual([
      undefined,
      undefined,
      'b',
      '\ue000',
    ]);
  });

  it('is matched in time that its wildcards do not multiply', () => {
    const hard = Array.from({ length: 9 }, () => 'a');
    expect(matchesPattern([...hard, 'b'], 'a'.repeat(100_000))).toBe(false);
  });
});
