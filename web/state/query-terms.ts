// The query language as far as the page has to know it: cutting a query into the terms that all must hold, each a pill,
// and writing a term for a value. What a query means is the server's business. Pure.
import { QUERY_LENGTH_MAX } from './page-address.ts';

/** Fields that the filter bar offers, with what they are for. */
export const QUERY_FIELDS = [
  ['blocker', 'what was missing: fs.write_file, net.*'],
  ['program', 'executable of who was refused'],
  ['path', 'file or directory that it was about'],
  ['user', 'number of the user, or of whom they logged in as'],
  ['host', 'name or id of the machine'],
  ['fleet', 'set of machines'],
  ['port', 'network port, also port>=1024'],
  ['comm', 'name of the process'],
  ['pid', 'number of the process'],
  ['uid', 'number of the user'],
  ['domain', 'the sandbox, hexadecimal'],
  ['kind', 'file, directory, socket, process'],
  ['issue', 'denials of one kind'],
  ['package', 'package of the program: nginx, nginx=1.22*'],
  ['unit', 'systemd unit of the process'],
] as const;
export type QueryField = (typeof QUERY_FIELDS)[number][0];

const NUMBER_FIELDS: readonly string[] = ['pid', 'uid', 'port'];
/** Nothing in it has a meaning of its own in the language. */
const PLAIN = /^[\w./@+~%-]+$/;
const WORD = /^(?:and|or|not)$/i;

/** `field:value`, quoted where needed, so that it finds exactly this value. */
export function termOf(field: QueryField, value: string): string {
  if (NUMBER_FIELDS.includes(field) || (PLAIN.test(value) && !WORD.test(value))) {
    return `${field}:${value}`;
  }
  return `${field}:"${value.replace(/[\\"*]/g, '\\$&')}"`;
}

/** The terms of which all must hold. One that is an alternative, or cannot be cut, is a single term. */
export function termsOf(query: string): readonly string[] {
  const units = cut(query);
  if (units === undefined || units.some((unit) => /^or$/i.test(unit))) {
    return query.trim() === '' ? [] : [query.trim()];
  }
  const terms: string[] = [];
  let prefix = '';
  for (const unit of units) {
    if (/^not$/i.test(unit)) {
      prefix += 'not ';
    } else if (!/^and$/i.test(unit)) {
      terms.push(prefix + unit);
      prefix = '';
    }
  }
  return prefix === '' ? terms : [query.trim()];
}

/** A query in which all terms must hold; undefined: none. */
export function queryOfTerms(terms: readonly string[]): string | undefined {
  return terms.length === 0
    ? undefined
    : terms.map((term) => (terms.length > 1 && isAlternative(term) ? `(${term})` : term)).join(' and ');
}

/** The query with one more term; its opposite goes. undefined: it would be too long to be asked. */
export function withTerm(query: string | undefined, term: string): string | undefined {
  const terms = termsOf(query ?? '').filter((known) => known !== term && known !== opposite(term));
  const next = queryOfTerms([...terms, term]) ?? term;
  return next.length <= QUERY_LENGTH_MAX ? next : undefined;
}

/** `not path:/etc/*` for `path:/etc/*`, and back. */
export function opposite(term: string): string {
  if (isNegated(term)) {
    return term.replace(/^not\s+/i, '');
  }
  return isAlternative(term) ? `not (${term})` : `not ${term}`;
}

export function isNegated(term: string): boolean {
  return /^not\s/i.test(term) && !isAlternative(term);
}

function isAlternative(term: string): boolean {
  return cut(term)?.some((unit) => /^or$/i.test(unit)) ?? false;
}

/** Words, terms and whole parentheses of the outermost level; undefined where quotes or parentheses do not fit. */
function cut(query: string): readonly string[] | undefined {
  const units: string[] = [];
  let unit = '';
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < query.length; at += 1) {
    const character = query[at] ?? '';
    if (character === '\\') {
      unit += character + (query[at + 1] ?? '');
      at += 1;
      continue;
    }
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted) {
      depth += character === '(' ? 1 : character === ')' ? -1 : 0;
      const isEnd = /\s/.test(character) && depth === 0;
      if (depth < 0) {
        return undefined;
      }
      if (isEnd || (character === '(' && depth === 1)) {
        push(units, unit);
        unit = isEnd ? '' : character;
        continue;
      }
    }
    unit += character;
    if (character === ')' && depth === 0 && !isQuoted) {
      push(units, unit);
      unit = '';
    }
  }
  push(units, unit);
  return isQuoted || depth !== 0 ? undefined : units;
}

function push(units: string[], unit: string): void {
  if (unit !== '') {
    units.push(unit);
  }
}
