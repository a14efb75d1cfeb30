import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseFilter } from '../../../src/store/query/filter-parse.ts';
import { wantedAt, withValue } from '../../../web/state/query-suggest.ts';
import { opposite, QUERY_FIELDS, queryOfTerms, termOf, termsOf, withTerm } from '../../../web/state/query-terms.ts';

it('cuts a query where all must hold, and leaves alternatives whole', () => {
  expect(termsOf('blocker:fs.* and not path:"/a b" pid>3')).toEqual(['blocker:fs.*', 'not path:"/a b"', 'pid>3']);
  expect(termsOf('(a or b) AND NOT (c and d)')).toEqual(['(a or b)', 'not (c and d)']);
  expect(termsOf('a or b and c')).toEqual(['a or b and c']);
  expect(termsOf('path:"a or b"')).toEqual(['path:"a or b"']);
  expect(termsOf('  ')).toEqual([]);
  for (const broken of ['(a', 'a)', '"a', 'a not']) {
    expect(termsOf(broken)).toEqual([broken]);
  }
});

it('adds a term once, in the place of its opposite, and beside alternatives', () => {
  expect(withTerm(undefined, 'uid:0')).toBe('uid:0');
  expect(withTerm('uid:0', 'uid:0')).toBe('uid:0');
  expect(withTerm('uid:0 and x', 'not uid:0')).toBe('x and not uid:0');
  expect(withTerm('a or b', 'uid:0')).toBe('(a or b) and uid:0');
  expect(withTerm('x', 'y'.repeat(1_500))).toBeUndefined();
});

it('turns a term around and back', () => {
  for (const term of ['uid:0', 'path:"/a b"', 'x']) {
    expect(opposite(opposite(term))).toBe(term);
  }
  expect(opposite('a or b')).toBe('not (a or b)');
});

it('writes terms that the server reads as exactly that value, whatever it holds', () => {
  const fields = QUERY_FIELDS.map(([name]) => name).filter((name) => !['pid', 'uid', 'port'].includes(name));
  const value = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[\0\p{Surrogate}]/u.test(text));
  fc.assert(
    fc.property(fc.constantFrom(...fields), value, (field, text) => {
      const term = termOf(field, text);
      expect(parseFilter(term)).toEqual({ kind: 'text', field, pattern: [text] });
      expect(termsOf(term)).toEqual([term]);
    }),
  );
});

it('means the same when cut and put together again', () => {
  const term = fc.constantFrom('a', 'not b', 'path:"x or y"', '(c or d)', 'pid>=3', 'e or f', 'not (g and h)');
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 5 }), (terms) => {
      const query = queryOfTerms(terms) ?? '';
      expect(parseFilter(queryOfTerms(termsOf(query)) ?? '')).toEqual(parseFilter(query));
    }),
  );
});

it('suggests fields for the beginning of a word, and values behind a field', () => {
  expect(wantedAt('')).toMatchObject({ kind: 'fields', start: 0 });
  expect(wantedAt('not pro')).toMatchObject({ kind: 'fields', start: 4, fields: [['program', expect.any(String)]] });
  expect(wantedAt('uid:0 and path:/et')).toEqual({ kind: 'values', start: 10, field: 'path', prefix: '/et' });
  expect(wantedAt('(path:"/a b')).toEqual({ kind: 'values', start: 1, field: 'path', prefix: '/a b' });
  expect(wantedAt('nope:x')).toMatchObject({ kind: 'fields', fields: [] });
});

it('puts a chosen value in the place of what was typed of it', () => {
  const wanted = wantedAt('uid:0 and path:/et');
  expect(wanted.kind === 'values' && withValue('uid:0 and path:/et', wanted, '/etc/a*b')).toBe(
    'uid:0 and path:"/etc/a\\*b"',
  );
});
