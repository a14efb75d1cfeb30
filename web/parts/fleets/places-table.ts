// Hosts and fleets with their counts. Each name leads to its own page.
import type { FleetAnswer, HostAnswer } from '../../../src/api/schemas/host.ts';
import type { CollectorStatus } from '../../../src/api/schemas/status.ts';
import { el, fill } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { HOST_STATE_WORDS, hostLine } from '../../state/host-state.ts';
import { fleetView, hostView, toAddress, toPage, type View } from '../../state/page-address.ts';
import { formatShortCount } from '../../text/format-number.ts';
import { formatAgo, formatUtc } from '../../text/format-time.ts';
import { trendCell } from './fleet-columns.ts';

/** Longer lists go on elsewhere. */
const ROWS_MAX = 12;

export interface PlacesTable<T> {
  readonly element: HTMLElement;
  update(rows: readonly T[], context: PlacesContext): void;
  showInstead(box: HTMLElement): void;
}

export interface PlacesContext {
  readonly view: View;
  readonly nowMs: number;
  readonly collectors: readonly CollectorStatus[];
  /** Denials over the time that is shown, by fleet. */
  readonly trends: ReadonlyMap<string, readonly number[]>;
}

export function createHostsTable(): PlacesTable<HostAnswer> {
  return createTable('Hosts', 'over all time', ['Host', 'Denials', 'Latest'], (host, context) => {
    const { state } = hostLine(host, context.collectors);
    const details = [
      host.kernel,
      host.landlock_abi === undefined ? undefined : `ABI ${host.landlock_abi}`,
      host.fleet === 'default' ? undefined : host.fleet,
    ].filter((detail) => detail !== undefined);
    return el(
      'tr',
      {},
      el(
        'th',
        { scope: 'row' },
        el(
          'span',
          { class: 'state', 'data-state': state },
          el('span', { class: 'state-sign' }),
          el('a', { href: toAddress(hostView(context.view.range, host.id)) }, recordText(host.name)),
          host.replay && el('span', { class: 'tag' }, 'replay'),
          el('span', { class: 'quiet second-line' }, state === 'replay' ? '' : HOST_STATE_WORDS[state]),
        ),
        details.length > 0 && el('div', { class: 'second-line clip' }, recordText(details.join(' · '))),
      ),
      el('td', { class: 'number' }, formatShortCount(host.denials)),
      latestCell(host.last_denial_at, context.nowMs),
    );
  });
}

export function createFleetsTable(): PlacesTable<FleetAnswer> {
  return createTable('Fleets', 'denials in this time', ['Fleet', 'Hosts', 'In this time', 'Latest'], (fleet, context) =>
    el(
      'tr',
      {},
      el(
        'th',
        { scope: 'row' },
        el('a', { class: 'clip', href: toAddress(fleetView(context.view.range, fleet.name)) }, recordText(fleet.name)),
      ),
      el('td', { class: 'number' }, formatShortCount(fleet.hosts)),
      el('td', { class: 'number' }, trendCell(context.trends.get(fleet.name) ?? [])),
      latestCell(fleet.last_denial_at, context.nowMs),
    ),
  );
}

function createTable<T>(
  title: string,
  words: string,
  columns: readonly string[],
  rowOf: (row: T, context: PlacesContext) => HTMLElement,
): PlacesTable<T> {
  const body = el('tbody');
  const note = el('span', { class: 'quiet' });
  const all = el('a', { class: 'card-link' }, `All ${title.toLowerCase()}`);
  const table = el(
    'table',
    { class: 'table places' },
    el('caption', { class: 'off-screen' }, `${title}, ${words}`),
    el(
      'thead',
      {},
      el('tr', {}, ...columns.map((name, index) => el('th', { scope: 'col', class: index > 0 && 'number' }, name))),
    ),
    body,
  );
  const box = el('div', { class: 'table-box' }, table);
  const instead = el('div', { hidden: true });
  return {
    element: el(
      'section',
      { class: 'card', 'aria-label': title },
      el('div', { class: 'card-head' }, el('h2', {}, title), note, all),
      box,
      instead,
    ),
    update(rows, context) {
      all.href = toAddress(toPage(context.view, title === 'Hosts' ? 'hosts' : 'fleets'));
      box.hidden = false;
      instead.hidden = true;
      note.textContent = rows.length > ROWS_MAX ? `${ROWS_MAX} of them, ${words}` : words;
      if (rows.length === 0) {
        box.hidden = true;
        instead.hidden = false;
        fill(instead, el('div', { class: 'card-body quiet' }, `No ${title.toLowerCase()} yet.`));
        return;
      }
      fill(body, ...rows.slice(0, ROWS_MAX).map((row) => rowOf(row, context)));
    },
    showInstead(other) {
      box.hidden = true;
      instead.hidden = false;
      fill(instead, other);
    },
  };
}

function latestCell(at: string | undefined, nowMs: number): HTMLElement {
  if (at === undefined) {
    return el('td', { class: 'number quiet' }, 'none');
  }
  const atMs = Date.parse(at);
  return el('td', { class: 'number' }, el('time', { datetime: at, title: formatUtc(atMs) }, formatAgo(atMs, nowMs)));
}
