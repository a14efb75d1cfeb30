// The newest denials. Rows that arrive are put on top with a passing highlight; under a flood, or while the pointer
// rests on the table, they wait behind a button that says how many they are.
import type { Denial } from '../../src/api/schemas/document.ts';
import { el, fill, setText } from '../dom/el.ts';
import { openOnClick } from '../dom/open-on-click.ts';
import type { View } from '../state/page-address.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import type { TimeFormats } from '../text/format-time.ts';
import { denialRow } from './denial-row.ts';

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
}

export interface NewestDenials {
  readonly element: HTMLElement;
  update(facts: NewestDenialsFacts): void;
  /** Puts something else in the place of the table: loading, failed, empty. */
  showInstead(box: HTMLElement): void;
  /** Whether someone reads in the table just now. */
  isHeld(): boolean;
}

/** Announcements for screen readers come no faster than this. */
const ANNOUNCE_EVERY_MS = 5_000;
const COLUMNS = [
  ['at', 'Time'],
  ['blocker', 'Blocker'],
  ['object', 'Object'],
  ['program', 'Program'],
  ['domain', 'Domain'],
  ['user', 'User'],
  ['host', 'Host'],
] as const;

/** `onRelease`: what waits should be shown. */
export function createNewestDenials(formats: TimeFormats, title: string, onRelease: () => void): NewestDenials {
  const body = el('tbody');
  const table = el(
    'table',
    { class: 'table denials' },
    el('caption', { class: 'off-screen' }, `${title}, newest first`),
    el('thead', {}, el('tr', {}, ...COLUMNS.map(([name, title]) => el('th', { scope: 'col', class: name }, title)))),
    body,
  );
  const more = el('button', { class: 'more-rows', type: 'button', hidden: true });
  const instead = el('div', { hidden: true });
  const announcer = el('p', { class: 'off-screen', 'aria-live': 'polite' });
  const count = el('span', { class: 'quiet' });
  more.addEventListener('click', onRelease);
  body.addEventListener('pointerleave', onRelease);
  openOnClick(body);
  const announce = createAnnouncer(announcer);
  return {
    element: el(
      'section',
      { class: 'card', 'aria-label': title },
      el('div', { class: 'card-head' }, el('h2', {}, title), count),
      more,
      table,
      instead,
      announcer,
    ),
    update(facts) {
      instead.hidden = true;
      table.hidden = false;
      more.hidden = facts.waitingCount === 0;
      setText(more, `${countOf(facts.waitingCount, 'more denial')} – show`);
      setText(count, facts.note ?? countWords(facts));
      syncRows(body, facts, formats);
      announce(facts.fresh.size);
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

function countWords({ denials, elsewhereCount }: NewestDenialsFacts): string {
  const shown = denials.length === 0 ? [] : [`the last ${formatCount(denials.length)}`];
  const elsewhere = elsewhereCount === 0 ? [] : [`${formatCount(elsewhereCount)} arrived that are not of this view`];
  return [...shown, ...elsewhere].join('; ');
}

/** Adds, moves and removes rows; those that stay are not touched. */
function syncRows(body: HTMLElement, facts: NewestDenialsFacts, formats: TimeFormats): void {
  const present = new Map<string, Element>();
  for (const row of body.children) {
    if (row instanceof HTMLElement) {
      present.set(row.dataset.id ?? '', row);
    }
  }
  let next: Element | null = body.firstElementChild;
  for (const denial of facts.denials) {
    const { id } = denial.event;
    const old = present.get(id);
    if (old !== undefined && old === next) {
      next = next.nextElementSibling;
    } else {
      const row = old ?? makeRow(denial, facts, formats);
      body.insertBefore(row, next);
    }
    present.delete(id);
  }
  for (const gone of present.values()) {
    gone.remove();
  }
}

function makeRow(denial: Denial, facts: NewestDenialsFacts, formats: TimeFormats): HTMLElement {
  const { id } = denial.event;
  const row = denialRow(denial, { view: facts.view, nowMs: facts.nowMs, formats });
  if (facts.fresh.has(id)) {
    row.classList.add('is-new');
    row.addEventListener('animationend', () => row.classList.remove('is-new'), { once: true });
  }
  return row;
}

function createAnnouncer(element: HTMLElement): (fresh: number) => void {
  let pending = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (fresh) => {
    pending += fresh;
    if (pending > 0 && timer === undefined) {
      timer = setTimeout(() => {
        timer = undefined;
        element.textContent = countOf(pending, 'new denial');
        pending = 0;
      }, ANNOUNCE_EVERY_MS);
    }
  };
}
