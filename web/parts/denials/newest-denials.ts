// The newest denials. Rows that arrive are put on top with a passing highlight; under a flood, or while the pointer
// rests on the table, they wait behind a button that says how many they are.
import type { Denial } from '../../../src/api/schemas/document.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { openOnClick } from '../../dom/open-on-click.ts';
import { syncRows } from '../../dom/sync-rows.ts';
import type { View } from '../../state/page-address.ts';
import { countOf, formatCount } from '../../text/format-number.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { createAnnouncer } from '../blocks/announcer.ts';
import { denialId, denialRow, denialsHead, markNew } from './denial-row.ts';

export interface NewestDenialsFacts {
  readonly view: View;
  readonly denials: readonly Denial[];
  /** Ids among them that have just arrived. */
  readonly fresh: ReadonlySet<string>;
  readonly waitingCount: number;
  /** Arrived while the page is open, but of another time or place than it shows. */
  readonly elsewhereCount: number;
  readonly nowMs: number;
  /** Said beside the heading instead of how many there are. */
  readonly note?: string;
  /** Where all of them are. */
  readonly allHref?: string;
}

export interface NewestDenials {
  readonly element: HTMLElement;
  update(facts: NewestDenialsFacts): void;
  /** Puts something else in the place of the table: loading, failed, empty. */
  showInstead(box: HTMLElement): void;
  /** Whether someone reads in the table just now. */
  isHeld(): boolean;
}

/** `onRelease`: what waits should be shown. */
export function createNewestDenials(formats: TimeFormats, title: string, onRelease: () => void): NewestDenials {
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'table denials' },
    el('caption', { class: 'off-screen' }, `${title}, newest first`),
    denialsHead(),
    body,
  );
  const more = el('button', { class: 'more-rows', type: 'button', hidden: true });
  const instead = el('div', { hidden: true });
  const announcer = createAnnouncer();
  const count = el('span', { class: 'quiet' });
  const all = el('a', { class: 'card-link', hidden: true }, 'All denials');
  more.addEventListener('click', onRelease);
  body.addEventListener('pointerleave', onRelease);
  openOnClick(body);
  return {
    element: el(
      'section',
      { class: 'card', 'aria-label': title },
      el('div', { class: 'card-head' }, el('h2', {}, title), count, all),
      more,
      table,
      instead,
      announcer.element,
    ),
    update(facts) {
      instead.hidden = true;
      table.hidden = false;
      all.hidden = facts.allHref === undefined;
      all.href = facts.allHref ?? '';
      more.hidden = facts.waitingCount === 0;
      setText(more, `${countOf(facts.waitingCount, 'more denial')} – show`);
      setText(count, facts.note ?? countWords(facts));
      syncRows(body, facts.denials, denialId, (denial) => makeRow(denial, facts, formats));
      announcer.add(facts.fresh.size);
    },
    showInstead(box) {
      table.hidden = true;
      more.hidden = true;
      instead.hidden = false;
      setText(count, '');
      body.replaceChildren();
      fill(instead, box);
    },
    isHeld: () => body.matches(':hover') || body.contains(document.activeElement),
  };
}

/** Beside the heading of the denials of one thing. */
export function storedNote(count: number, hasMore: boolean): string {
  if (hasMore) {
    return `the last ${formatCount(count)}`;
  }
  return count === 1 ? 'the only one that is stored' : `all ${formatCount(count)} that are stored`;
}

function countWords({ denials, elsewhereCount }: NewestDenialsFacts): string {
  const shown = denials.length === 0 ? [] : [`the last ${formatCount(denials.length)}`];
  const elsewhere = elsewhereCount === 0 ? [] : [`${formatCount(elsewhereCount)} arrived that are not of this view`];
  return [...shown, ...elsewhere].join('; ');
}

function makeRow(denial: Denial, facts: NewestDenialsFacts, formats: TimeFormats): HTMLElement {
  const row = denialRow(denial, { view: facts.view, nowMs: facts.nowMs, formats });
  if (facts.fresh.has(denial.event.id)) {
    markNew(row);
  }
  return row;
}
