// Beside the table: for each field its most frequent values in what is shown, each with + to see only it and − to leave
// it out. A field is counted when it is open.
import type { Top } from '../../../src/api/schemas/stats.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { recordPath } from '../../dom/record-text.ts';
import type { Failure } from '../../net/api-client.ts';
import { classOfBlocker } from '../../state/blocker-class.ts';
import { toAddress, type View, without } from '../../state/page-address.ts';
import { opposite, termOf, termsOf, withTerm } from '../../state/query-terms.ts';
import { countOf, formatCount, formatShare, formatShortCount } from '../../text/format-number.ts';
import { sentences } from '../../text/sentences.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { withQuery } from './query-bar.ts';

export type TopField = Top['by'];

export const TOP_FIELDS: readonly (readonly [TopField, string])[] = [
  ['blocker', 'Blocker'],
  ['program', 'Program'],
  ['path', 'Path'],
  ['user', 'User'],
  ['host', 'Host'],
  ['port', 'Port'],
  ['domain', 'Domain'],
  ['issue', 'Issue'],
];
const OPEN_AT_FIRST: readonly TopField[] = ['blocker', 'program', 'path', 'user'];
export const TOP_VALUES = 6;

export interface FieldFacts {
  readonly view: View;
  readonly tops: ReadonlyMap<TopField, { readonly value?: Top; readonly failure?: Failure }>;
  /** All denials of the view. */
  readonly denials: number | undefined;
}

export interface FieldList {
  readonly element: HTMLElement;
  openFields(): readonly TopField[];
  update(facts: FieldFacts): void;
}

/** `onOpen`: another field wants to be counted. */
export function createFieldList(onOpen: () => void): FieldList {
  const fields = TOP_FIELDS.map(([field, title]) => createField(field, title, onOpen));
  const isWide = matchMedia('(min-width: 72rem)');
  const element = el(
    'details',
    { class: 'card field-list', open: isWide.matches },
    el('summary', { class: 'card-head' }, el('h2', {}, 'Fields'), el('span', { class: 'quiet' }, 'top values')),
    ...fields.map((field) => field.element),
  );
  return {
    element,
    openFields: () => (element.open ? fields.filter((field) => field.element.open).map((field) => field.name) : []),
    update(facts) {
      for (const field of fields) {
        field.update(facts);
      }
    },
  };
}

function createField(name: TopField, title: string, onOpen: () => void) {
  const note = el('span', { class: 'quiet' });
  const body = el('div', { class: 'field-body' });
  const isOpen = OPEN_AT_FIRST.includes(name);
  const element = el(
    'details',
    { class: 'field-part', open: isOpen, 'data-field': name },
    el('summary', {}, el('h3', {}, title), note),
    body,
  );
  element.addEventListener('toggle', () => element.open && onOpen());
  let drawn: string | undefined;
  let drawnView: string | undefined;
  return {
    name,
    element,
    update({ view, tops, denials }: FieldFacts) {
      const top = tops.get(name);
      const address = toAddress(without(view, 'denial'));
      const key = JSON.stringify([top, denials, address]);
      const hasFocus = body.contains(document.activeElement);
      // New counts alone do not take away what someone has reached by keyboard.
      if (key === drawn || (hasFocus && address === drawnView)) {
        return;
      }
      drawn = key;
      drawnView = address;
      if (hasFocus) {
        element.querySelector('summary')?.focus({ preventScroll: true });
      }
      const { value, failure } = top ?? {};
      setText(note, value === undefined ? '' : formatShortCount(value.values));
      if (value !== undefined) {
        fill(body, value.data.length === 0 ? quiet('None in this view.') : valueList(value, name, view, denials));
      } else {
        fill(body, failure === undefined ? quiet('Counting…') : quiet(sentences(failure.message, failure.hint)));
      }
    },
  };
}

function quiet(words: string): HTMLElement {
  return el('p', { class: 'quiet field-note' }, escapeOdd(words));
}

function valueList(top: Top, field: TopField, view: View, denials: number | undefined): HTMLElement {
  const most = Math.max(1, ...top.data.map((one) => one.denials));
  const rest = top.values - top.data.length;
  return el(
    'div',
    {},
    el('ul', { class: 'field-values' }, ...top.data.map((one) => valueLine(one, field, view, most, denials))),
    rest > 0 && el('p', { class: 'quiet field-note' }, `and ${countOf(rest, 'other value')}`),
  );
}

function valueLine(
  one: Top['data'][number],
  field: TopField,
  view: View,
  most: number,
  denials: number | undefined,
): HTMLElement {
  const name = one.label ?? one.value;
  const title = escapeOdd(shorten(name, 400));
  const term = termOf(field, one.value);
  const isChosen = termsOf(view.query ?? '').includes(term);
  const bar = el('span', { class: 'swatch', 'data-class': field === 'blocker' && classOfBlocker(one.value) });
  bar.style.width = `${(100 * one.denials) / most}%`;
  const share = denials === undefined ? '' : ` (${formatShare(one.denials, denials)})`;
  return el(
    'li',
    { class: 'field-value', 'data-chosen': isChosen },
    el('span', { class: 'field-text clip', title: `${title}${share}` }, recordPath(name)),
    el('span', { class: 'field-count' }, formatShortCount(one.denials)),
    el(
      'span',
      { class: 'field-tools' },
      filterLink(view, term, '+', `Only ${title}`),
      filterLink(view, opposite(term), '−', `Without ${title}`),
    ),
    el('span', { class: 'count-bar' }, bar),
    el('span', { class: 'off-screen' }, `${formatCount(one.denials)} denials`),
  );
}

function filterLink(view: View, term: string, sign: string, words: string): HTMLElement | undefined {
  const query = withTerm(view.query, term);
  return query === undefined
    ? undefined
    : el(
        'a',
        {
          class: 'field-tool',
          href: toAddress(withQuery(without(view, 'denial'), query)),
          title: words,
          'aria-label': words,
        },
        sign,
      );
}
