// Names with counts and bars: the greatest first.
import type { BlockerClass } from '../../../src/api/schemas/stats.ts';
import { el } from '../../dom/el.ts';
import { recordPath } from '../../dom/record-text.ts';
import { formatCount, formatShare } from '../../text/format-number.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';

export interface CountedName {
  /** From records. */
  readonly name: string;
  readonly count: number;
  readonly href?: string;
  readonly note?: string;
  /** Gives the bar its colour. */
  readonly blockerClass?: BlockerClass;
}

const TITLE_MAX = 400;

/** Shares are those of `all`. `shownMax`: the others are counted. */
export function countList(rows: readonly CountedName[], all: number, shownMax: number): HTMLElement {
  const most = Math.max(1, ...rows.map((row) => row.count));
  const rest = rows.length - shownMax;
  return el(
    'div',
    {},
    el('ul', { class: 'counts' }, ...rows.slice(0, shownMax).map((row) => countLine(row, most, all))),
    rest > 0 && el('p', { class: 'quiet counts-rest' }, `and ${formatCount(rest)} more`),
  );
}

function countLine({ name, count, href, note, blockerClass }: CountedName, most: number, all: number): HTMLElement {
  const bar = el(
    'span',
    blockerClass === undefined ? { class: 'count-plain' } : { class: 'swatch', 'data-class': blockerClass },
  );
  bar.style.width = `${(100 * count) / most}%`;
  const title = escapeOdd(shorten(name, TITLE_MAX));
  const text = recordPath(name);
  return el(
    'li',
    {},
    el(
      'div',
      { class: 'count-head' },
      href === undefined
        ? el('span', { class: 'count-name clip', title }, text)
        : el('a', { class: 'count-name clip', title, href }, text),
      el('span', { class: 'count-number' }, formatCount(count)),
      el('span', { class: 'count-share' }, formatShare(count, all)),
    ),
    el('div', { class: 'count-bar' }, bar),
    note !== undefined && el('div', { class: 'second-line' }, note),
  );
}
