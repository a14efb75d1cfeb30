// Which blockers stopped most, as a short list with bars.
import type { Summary } from '../../src/api/schemas/stats.ts';
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import { classOfBlocker } from '../state/blocker-class.ts';
import { formatCount, formatShare } from '../text/format-number.ts';
import { escapeOdd } from '../text/visible-text.ts';

const SHOWN_MAX = 8;

export interface BlockerCounts {
  readonly element: HTMLElement;
  update(summary: Summary): void;
}

export function createBlockerCounts(): BlockerCounts {
  const body = el('div', { class: 'card-body' });
  return {
    element: el(
      'section',
      { class: 'card', 'aria-label': 'What was refused' },
      el('div', { class: 'card-head' }, el('h2', {}, 'What was refused'), el('span', { class: 'quiet' }, 'by blocker')),
      body,
    ),
    update(summary) {
      const counts = [...summary.by_blocker].sort((a, b) => b.denials - a.denials);
      const rest = counts.length - SHOWN_MAX;
      fill(
        body,
        counts.length === 0
          ? el('p', { class: 'quiet' }, 'Nothing in this time.')
          : el('ul', { class: 'counts' }, ...counts.slice(0, SHOWN_MAX).map((one) => countLine(one, counts, summary))),
        rest > 0 && el('p', { class: 'quiet counts-rest' }, `and ${formatCount(rest)} more`),
      );
    },
  };
}

function countLine(
  { blocker, denials }: Summary['by_blocker'][number],
  all: Summary['by_blocker'],
  summary: Summary,
): HTMLElement {
  const bar = el('span', { class: 'swatch', 'data-class': classOfBlocker(blocker) });
  bar.style.width = `${(100 * denials) / Math.max(1, all[0]?.denials ?? 1)}%`;
  return el(
    'li',
    {},
    el(
      'div',
      { class: 'count-head' },
      el('span', { class: 'count-name mono', title: escapeOdd(blocker) }, recordText(blocker)),
      el('span', { class: 'count-number' }, formatCount(denials)),
      el('span', { class: 'count-share' }, formatShare(denials, summary.denials)),
    ),
    el('div', { class: 'count-bar' }, bar),
  );
}
