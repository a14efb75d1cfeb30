// What most denials are of: by blocker, program, object, host or user, one tab each. Only the open one is counted.
import type { Summary, Top } from '../../../src/api/schemas/stats.ts';
import { el, fill } from '../../dom/el.ts';
import { holdsFocus } from '../../dom/holds-focus.ts';
import type { Failure } from '../../net/api-client.ts';
import { classOfBlocker } from '../../state/blocker-class.ts';
import { denialsView, toAddress, type View } from '../../state/page-address.ts';
import { termOf } from '../../state/query-terms.ts';
import { formatCount } from '../../text/format-number.ts';
import { countList } from '../blocks/count-list.ts';
import { failedBox, loadingBox } from '../blocks/states.ts';

export type TopTab = 'blocker' | 'program' | 'path' | 'host' | 'user';

export interface TopFacts {
  readonly view: View;
  readonly summary: Summary | undefined;
  /** Of the tab that is open, but for blockers, which the summary has. */
  readonly top: { readonly value?: Top; readonly failure?: Failure };
}

export interface TopCard {
  readonly element: HTMLElement;
  tab(): TopTab;
  update(facts: TopFacts): void;
}

const TABS: readonly (readonly [TopTab, string])[] = [
  ['blocker', 'Blockers'],
  ['program', 'Programs'],
  ['path', 'Objects'],
  ['host', 'Hosts'],
  ['user', 'Users'],
];
export const TOP_ROWS = 8;

/** `onTab`: another one was opened, or its answer is to be asked for again. */
export function createTopCard(onTab: () => void): TopCard {
  let open: TopTab = 'blocker';
  let drawn: string | undefined;
  const body = el('div', { class: 'card-body', role: 'tabpanel', id: 'top-panel', tabindex: -1 });
  const buttons = TABS.map(([tab, title]) =>
    el('button', { class: 'tab', type: 'button', role: 'tab', id: `top-${tab}`, 'aria-controls': 'top-panel' }, title),
  );
  const mark = (): void => {
    TABS.forEach(([tab], index) => {
      buttons[index]?.setAttribute('aria-selected', String(tab === open));
      buttons[index]?.setAttribute('tabindex', tab === open ? '0' : '-1');
    });
    body.setAttribute('aria-labelledby', `top-${open}`);
  };
  const choose = (index: number): void => {
    const at = (index + TABS.length) % TABS.length;
    open = TABS[at]?.[0] ?? open;
    drawn = undefined;
    mark();
    buttons[at]?.focus();
    onTab();
  };
  buttons.forEach((button, index) => {
    button.addEventListener('click', () => choose(index));
    button.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        choose(index + step);
      }
    });
  });
  mark();
  return {
    element: el(
      'section',
      { class: 'card top-card', 'aria-label': 'What was refused most' },
      el('div', { class: 'card-head' }, el('h2', {}, 'What was refused most')),
      el('div', { class: 'tabs', role: 'tablist', 'aria-label': 'By' }, ...buttons),
      body,
    ),
    tab: () => open,
    update({ view, summary, top }) {
      const rows = open === 'blocker' ? summary && blockerRows(summary) : top.value && topRows(top.value);
      const key = JSON.stringify([open, rows, top.failure, view]);
      if (key === drawn || (drawn !== undefined && holdsFocus(body))) {
        return;
      }
      drawn = key;
      if (rows !== undefined) {
        fill(body, list(rows, open, view, summary?.denials));
      } else {
        fill(body, top.failure === undefined ? loadingBox('the counts') : failedBox('The counts', top.failure, onTab));
      }
    },
  };
}

interface Rows {
  readonly data: readonly { readonly value: string; readonly label?: string; readonly denials: number }[];
  /** Values that are not in data. */
  readonly rest: number;
}

function blockerRows({ by_blocker: all }: Summary): Rows {
  const sorted = [...all].sort((a, b) => b.denials - a.denials);
  const data = sorted.slice(0, TOP_ROWS).map(({ blocker, denials }) => ({ value: blocker, denials }));
  return { data, rest: sorted.length - data.length };
}

function topRows({ data, values }: Top): Rows {
  return { data, rest: values - data.length };
}

function list({ data, rest }: Rows, tab: TopTab, view: View, denials: number | undefined): HTMLElement {
  if (data.length === 0) {
    return el('p', { class: 'quiet' }, 'Nothing in this time.');
  }
  const all = denials ?? data.reduce((sum, one) => sum + one.denials, 0);
  const rows = data.map(({ value, label, denials: count }) => ({
    name: label ?? value,
    count,
    href: toAddress(denialsView(view, termOf(tab, value))),
    ...(tab === 'blocker' ? { blockerClass: classOfBlocker(value) } : {}),
  }));
  return el(
    'div',
    { class: 'plain-counts' },
    countList(rows, all, rows.length),
    rest > 0 && el('p', { class: 'quiet counts-rest' }, `and ${formatCount(rest)} more`),
  );
}
