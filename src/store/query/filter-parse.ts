// The query language of the API, the command line and the dashboard: from text to a tree. What a tree means is said
// twice, in filter-sql.ts and filter-match.ts, and a property test holds the two to the same answer.
//
//   query   = [ any ]                          an empty query finds everything
//   any     = all { "or" all }
//   all     = one { [ "and" ] one }            two terms side by side: both
//   one     = "not" one | "(" any ")" | term
//   term    = FIELD OP value | value           a lone value is looked for in path, program and comm
//   OP      = ":" | "=" | ">" | ">=" | "<" | "<="    also with a colon before: "port:>=1024"
//   value   = bare | '"' … '"'                 bare ends at a blank, a quote or a parenthesis
//
// `*` stands for any text, in quotes too; `\` takes the next character as it is (`\*`, `\"`, `\\`). Fields with text
// compare the whole text and mind the case (`path:/etc/*`); a lone value may stand anywhere and does not mind the case
// of A–Z. pid, uid and port are numbers: they take comparisons and no wildcards. A denial without the field does not
// match, so `not pid>100` also finds denials without a pid. "and", "or" and "not" in any case; quote them to look for
// them. `issue` is a fingerprint. `package` is a name, or a name and a version as in `nginx=1.22.1-9`; `unit` a unit of
// systemd's or of a user's own manager. Both are only known of denials whose host could tell.
import type { Pattern } from './pattern.ts';

export const TEXT_FIELDS = [
  'blocker',
  'path',
  'program',
  'comm',
  'user',
  'host',
  'fleet',
  'domain',
  'kind',
  'issue',
  'unit',
  'package',
] as const;
export const NUMBER_FIELDS = ['pid', 'uid', 'port'] as const;

export type TextField = (typeof TEXT_FIELDS)[number];
export type NumberField = (typeof NUMBER_FIELDS)[number];
export type Comparison = '=' | '>' | '>=' | '<' | '<=';

export type Filter =
  | { readonly kind: 'all' | 'any'; readonly items: readonly Filter[] }
  | { readonly kind: 'not'; readonly item: Filter }
  | { readonly kind: 'anywhere'; readonly pattern: Pattern }
  | { readonly kind: 'text'; readonly field: TextField; readonly pattern: Pattern }
  | { readonly kind: 'number'; readonly field: NumberField; readonly comparison: Comparison; readonly value: number };

/** Where and why a query makes no sense. `position` counts characters from 0. */
export interface FilterMistake {
  readonly kind: 'mistake';
  readonly message: string;
  readonly hint: string;
  readonly position: number;
}

export const QUERY_LENGTH_MAX = 2_000;
const termsMax = 64;
const depthMax = 16;
const wildcardsMax = 8;

/** The tree of `query`, or what is wrong with it. Never throws. */
export function parseFilter(query: string): Filter | FilterMistake {
  if (query.length > QUERY_LENGTH_MAX) {
    return mistake(`the query is longer than ${QUERY_LENGTH_MAX} characters`, 'ask for less at once', QUERY_LENGTH_MAX);
  }
  const bad = query.search(BAD_CHARACTER);
  if (bad >= 0) return mistake('the query contains a character that no text has', 'leave it out', bad);
  return new Parser(query).parse();
}

const BAD_CHARACTER = /[\0\p{Surrogate}]/u;
const FIELD = /([A-Za-z_]+)(:?(?:>=|<=|>|<|=)|:)/y;
const BLANKS = /\s*/y;
const WORD = /(and|or|not)(?![^\s()"])/iy;
const BARE = /(?:\\[\s\S]|[^\s()"\\])+\\?/y;
const QUOTED = /"((?:\\[\s\S]|[^"\\])*)"/y;

function mistake(message: string, hint: string, position: number): FilterMistake {
  return { kind: 'mistake', message, hint, position };
}

class Parser {
  readonly #query: string;
  #at = 0;
  #terms = 0;

  constructor(query: string) {
    this.#query = query;
  }

  parse(): Filter | FilterMistake {
    this.#skip();
    if (this.#at === this.#query.length) return { kind: 'all', items: [] };
    const filter = this.#any(0);
    if (filter.kind === 'mistake' || this.#at === this.#query.length) return filter;
    return mistake('a ")" without its "("', 'take it out, or quote it', this.#at);
  }

  #any(depth: number): Filter | FilterMistake {
    const items: Filter[] = [];
    do {
      const item = this.#all(depth);
      if (item.kind === 'mistake') return item;
      items.push(item);
    } while (this.#word('or'));
    return joined('any', items);
  }

  #all(depth: number): Filter | FilterMistake {
    const items: Filter[] = [];
    do {
      const item = this.#one(depth);
      if (item.kind === 'mistake') return item;
      items.push(item);
    } while (this.#word('and') || this.#standsTerm());
    return joined('all', items);
  }

  #one(depth: number): Filter | FilterMistake {
    if (depth > depthMax) return mistake('nested too deeply', `use at most ${depthMax} levels`, this.#at);
    if (this.#word('not')) {
      const item = this.#one(depth + 1);
      return item.kind === 'mistake' ? item : { kind: 'not', item };
    }
    if (this.#query[this.#at] !== '(') return this.#term();
    const opened = this.#at;
    this.#at += 1;
    this.#skip();
    const inner = this.#any(depth + 1);
    if (inner.kind === 'mistake') return inner;
    if (this.#query[this.#at] !== ')') return mistake('a "(" without its ")"', 'close it', opened);
    this.#at += 1;
    this.#skip();
    return inner;
  }

  #term(): Filter | FilterMistake {
    const start = this.#at;
    this.#terms += 1;
    if (this.#terms > termsMax) return mistake('too many terms', `use at most ${termsMax}`, start);
    const field = this.#match(FIELD);
    if (field === undefined && this.#next(WORD) !== undefined) return missingValue(start);
    if (field === undefined) {
      const pattern = this.#value();
      return 'kind' in pattern ? pattern : { kind: 'anywhere', pattern };
    }
    const name = (field[1] ?? '').toLowerCase();
    const operator = field[2] ?? ':';
    const textField = TEXT_FIELDS.find((known) => known === name);
    const numberField = NUMBER_FIELDS.find((known) => known === name);
    if (textField === undefined && numberField === undefined) {
      const known = [...TEXT_FIELDS, ...NUMBER_FIELDS].join(', ');
      return mistake(`there is no field "${name}"`, `the fields are ${known}; quote a text with a colon`, start);
    }
    const valueAt = this.#at;
    const pattern = this.#value();
    if ('kind' in pattern) return pattern;
    const comparison = toComparison(operator);
    if (numberField !== undefined) return toNumber(numberField, comparison, pattern, valueAt);
    if (comparison !== '=') {
      return mistake(`${name} is a text and has no order`, `write ${name}:VALUE`, start);
    }
    return textField === undefined ? mistake('no field', '', start) : { kind: 'text', field: textField, pattern };
  }

  #value(): Pattern | FilterMistake {
    const start = this.#at;
    const quoted = this.#match(QUOTED);
    const text = quoted === undefined ? this.#match(BARE)?.[0] : quoted[1];
    if (text === undefined) {
      if (this.#query[start] === '"') return mistake('a quote without its end', 'close it with "', start);
      return missingValue(start);
    }
    this.#skip();
    const pattern = toPattern(text);
    if (pattern.length - 1 > wildcardsMax)
      return mistake('too many *', `use at most ${wildcardsMax} in a value`, start);
    if (pattern.length === 1 && pattern[0] === '') return mistake('an empty value', 'use * for any value', start);
    return pattern;
  }

  #standsTerm(): boolean {
    const next = this.#query[this.#at];
    if (next === undefined || next === ')') return false;
    return this.#next(WORD)?.[1]?.toLowerCase() !== 'or';
  }

  #word(word: 'and' | 'or' | 'not'): boolean {
    if (this.#next(WORD)?.[1]?.toLowerCase() !== word) return false;
    this.#at += word.length;
    this.#skip();
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    const found = this.#next(pattern);
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  #next(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#query) ?? undefined;
  }

  #skip(): void {
    this.#match(BLANKS);
  }
}

function missingValue(at: number): FilterMistake {
  return mistake('a value is missing here', 'write a text or a number, in quotes if it has blanks', at);
}

function joined(kind: 'all' | 'any', items: readonly Filter[]): Filter {
  const only = items[0];
  return items.length === 1 && only !== undefined ? only : { kind, items };
}

function toComparison(operator: string): Comparison {
  switch (operator.replace(':', '')) {
    case '>':
      return '>';
    case '>=':
      return '>=';
    case '<':
      return '<';
    case '<=':
      return '<=';
    default:
      return '=';
  }
}

function toNumber(field: NumberField, comparison: Comparison, pattern: Pattern, at: number): Filter | FilterMistake {
  const text = pattern.join('*');
  if (!/^\d{1,15}$/.test(text)) return mistake(`${field} is a number, and "${text}" is none`, 'write digits only', at);
  return { kind: 'number', field, comparison, value: Number(text) };
}

/** Splits at the wildcards and takes the escapes away. A lone `\` at the end stands for itself. */
function toPattern(text: string): Pattern {
  const pieces = [''];
  let last = 0;
  for (let i = 0; i < text.length; i++) {
    const escaped = text[i] === '\\' && i + 1 < text.length;
    if (text[i] === '*') {
      // Two wildcards side by side are one.
      if (pieces.length === 1 || pieces[last] !== '') last = pieces.push('') - 1;
      continue;
    }
    if (escaped) i += 1;
    pieces[last] += text[i] ?? '';
  }
  return pieces;
}
