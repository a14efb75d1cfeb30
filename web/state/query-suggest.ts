// What could follow in the filter bar: after the beginning of a word the fields, after `field:` its values. Pure.
import { isNegated, QUERY_FIELDS, type QueryField, termOf } from './query-terms.ts';

export type Wanted =
  | { readonly kind: 'fields'; readonly start: number; readonly fields: readonly (typeof QUERY_FIELDS)[number][] }
  | { readonly kind: 'values'; readonly start: number; readonly field: QueryField; readonly prefix: string };

/** What to suggest for the text before the caret. `start`: where the word to be replaced begins. */
export function wantedAt(text: string): Wanted {
  const value = /(?:^|[\s(])([A-Za-z]+):(?:"([^"]*)|([^\s()"]*))$/.exec(text);
  const field = QUERY_FIELDS.find(([name]) => name === value?.[1]?.toLowerCase())?.[0];
  if (value !== null && field !== undefined) {
    const start = value.index + (/^[\s(]/.test(value[0]) ? 1 : 0);
    const prefix = (value[2] ?? value[3] ?? '').replace(/\\(.)/g, '$1').replace(/\*$/, '');
    return { kind: 'values', start, field, prefix };
  }
  const word = /([A-Za-z]*)$/.exec(text)?.[1] ?? '';
  const isOpen = word.length === text.length || /[\s(]/.test(text[text.length - word.length - 1] ?? '');
  const fields = isOpen ? QUERY_FIELDS.filter(([name]) => name.startsWith(word.toLowerCase())) : [];
  return { kind: 'fields', start: text.length - word.length, fields };
}

/** The text with the chosen value in the place of what was typed of it. */
export function withValue(text: string, wanted: Wanted & { readonly kind: 'values' }, value: string): string {
  return `${text.slice(0, wanted.start)}${termOf(wanted.field, value)}`;
}

/** What a pill says: the word before it apart. */
export function pillParts(term: string): { readonly negated: boolean; readonly text: string } {
  return isNegated(term) ? { negated: true, text: term.replace(/^not\s+/i, '') } : { negated: false, text: term };
}
