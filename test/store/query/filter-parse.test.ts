import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Filter, parseFilter } from '../../../src/store/query/filter-parse.ts';

const anywhere = (...pattern: string[]): Filter => ({ kind: 'anywhere', pattern });
const text = (field: string, ...pattern: string[]) => ({ kind: 'text', field, pattern }) as Filter;
const number = (field: string, comparison: string, value: number) =>
  ({ kind: 'number', field, comparison, value }) as Filter;
const all = (...items: Filter[]): Filter => ({ kind: 'all', items });
const any = (...items: Filter[]): Filter => ({ kind: 'any', items });
const not = (item: Filter): Filter => ({ kind: 'not', item });

describe('parseFilter', () => {
  it.each<[string, Filter]>([
    ['', all()],
    ['  ', all()],
    ['passwd', anywhere('passwd')],
    ['"a b"', anywhere('a b')],
    ['path:/etc/*', text('path', '/etc/', '')],
    ['path:"/etc/*"', text('path', '/etc/', '')],
    ['PATH=/etc/a**b', text('path', '/etc/a', 'b')],
    ['path:"/a\\*\\"\\\\b"', text('path', '/a*"\\b')],
    ['path:/a\\ b\\(', text('path', '/a b(')],
    ['path:C\\', text('path', 'C\\')],
    ['http', anywhere('http')],
    ['/a:b', anywhere('/a:b')],
    ['"http://x"', anywhere('http://x')],
    ['pid>100', number('pid', '>', 100)],
    ['pid:>100', number('pid', '>', 100)],
    ['port:>=1024', number('port', '>=', 1024)],
    ['uid<=0', number('uid', '<=', 0)],
    ['port:80', number('port', '=', 80)],
    ['a b', all(anywhere('a'), anywhere('b'))],
    ['a AND b', all(anywhere('a'), anywhere('b'))],
    ['a or b c', any(anywhere('a'), all(anywhere('b'), anywhere('c')))],
    ['(a or b) c', all(any(anywhere('a'), anywhere('b')), anywhere('c'))],
    ['not a b', all(not(anywhere('a')), anywhere('b'))],
    ['not not a', not(not(anywhere('a')))],
    ['not(a)', not(anywhere('a'))],
    ['nota', anywhere('nota')],
    ['order and sandbox', all(anywhere('order'), anywhere('sandbox'))],
    ['"and" "or"', all(anywhere('and'), anywhere('or'))],
    ['issue:1 kind:x fleet:y', all(text('issue', '1'), text('kind', 'x'), text('fleet', 'y'))],
    [
      'blocker:fs.* and not program:"/usr/bin/foo" and path:"/etc/*" and host:web-1',
      all(
        text('blocker', 'fs.', ''),
        not(text('program', '/usr/bin/foo')),
        text('path', '/etc/', ''),
        text('host', 'web-1'),
      ),
    ],
  ])('understands %j', (query, filter) => {
    expect(parseFilter(query)).toEqual(filter);
  });

  it.each<[string, string, number]>([
    ['(a', 'a "(" without its ")"', 0],
    ['a)', 'a ")" without its "("', 1],
    ['()', 'a value is missing here', 1],
    ['a or', 'a value is missing here', 4],
    ['a and', 'a value is missing here', 5],
    ['not', 'a value is missing here', 3],
    ['or a', 'a value is missing here', 0],
    ['path:', 'a value is missing here', 5],
    ['path: /etc', 'a value is missing here', 5],
    ['a "b', 'a quote without its end', 2],
    ['path:""', 'an empty value', 5],
    ['colour:red', 'there is no field "colour"', 0],
    ['a __proto__:red', 'there is no field "__proto__"', 2],
    ['pid:x', 'pid is a number, and "x" is none', 4],
    ['pid:1*', 'pid is a number, and "1*" is none', 4],
    ['pid:-1', 'pid is a number, and "-1" is none', 4],
    ['path>3', 'path is a text and has no order', 0],
    ['a \0', 'the query contains a character that no text has', 2],
    ['\ud800', 'the query contains a character that no text has', 0],
    ['*a*b*c*d*e*f*g*h*i', 'too many *', 0],
    [`${'('.repeat(20)}a`, 'nested too deeply', 17],
    ['not '.repeat(20), 'nested too deeply', 68],
    ['a '.repeat(70), 'too many terms', 128],
    ['x'.repeat(2_001), 'the query is longer than 2000 characters', 2_000],
  ])('says where %j is wrong', (query, message, position) => {
    const mistake = parseFilter(query);
    expect(mistake).toMatchObject({ kind: 'mistake', message, position });
    expect((mistake as { hint: string }).hint).not.toBe('');
  });

  it('answers every text, and places every mistake within it', () => {
    const words = fc.constantFrom(
      'and',
      'or',
      'not',
      '(',
      ')',
      '"',
      '\\',
      '*',
      ' ',
      'pid',
      'path',
      ':',
      '>',
      '=',
      '1',
      'é',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join('')),
        ),
        (query) => {
          const answer = parseFilter(query);
          if (answer.kind === 'mistake') {
            expect(answer.position).toBeGreaterThanOrEqual(0);
            expect(answer.position).toBeLessThanOrEqual(query.length);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
