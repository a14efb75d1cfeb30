// All hosts, those that need somebody first.
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import { type Answer, getJson, type Page as ListPage, type Parameters } from '../net/api-client.ts';
import { createAnswerCard, nothingBox } from '../parts/answer-card.ts';
import { createFilterPills } from '../parts/filter-pills.ts';
import { hostState } from '../parts/host-state.ts';
import { placeTabs } from '../parts/place-tabs.ts';
import { type Column, plainTable } from '../parts/plain-table.ts';
import { ago } from '../parts/when.ts';
import { type HostLine, hostLines, stateCounts } from '../state/host-state.ts';
import { denialsView, fleetView, hostView, toAddress, type View, without } from '../state/page-address.ts';
import { countOf, formatCount, formatShortCount } from '../text/format-number.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

const PAGE_ROWS = 500;
/** A fleet of more is looked at by fleet, or by the API. */
const HOSTS_MAX = 5_000;

export class HostsPage extends SimplePage {
  readonly #hosts: Section<readonly HostAnswer[]> = {};
  readonly #status: Section<Status> = {};
  readonly #pills = createFilterPills();
  readonly #search = el('input', {
    class: 'field-input',
    type: 'search',
    placeholder: 'name, kernel, fleet, offline …',
    'data-search': true,
    spellcheck: 'false',
    autocomplete: 'off',
  });
  readonly #card = createAnswerCard<readonly HostLine[]>({
    title: 'Hosts',
    what: 'The hosts',
    onRetry: () => this.ask(),
  });
  #tabs = el('div');

  constructor(view: View, options: PageOptions) {
    super(view, options);
    const form = el(
      'form',
      { class: 'filter-bar', role: 'search', 'aria-label': 'Find hosts' },
      el('label', { class: 'field field-wide' }, el('span', { class: 'field-name' }, 'Find'), this.#search),
    );
    form.addEventListener('submit', (event) => event.preventDefault());
    this.#search.addEventListener('change', () => {
      const find = this.#search.value.trim();
      const rest = without(this.view, 'find');
      this.navigate(find === '' ? rest : { ...rest, find });
    });
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Hosts'),
        el(
          'p',
          { class: 'quiet' },
          'Where records come from, and how far each can be believed. Those that need somebody come first.',
        ),
      ),
      this.#tabs,
      form,
      this.#pills.element,
      this.#card.element,
    );
  }

  protected forget(): void {
    delete this.#hosts.value;
    delete this.#hosts.failure;
  }

  protected ask(): void {
    void this.#askHosts();
    void this.load<Status>('/status', [], this.#status, (status) => status);
  }

  /** All pages of the list, as far as they are shown. */
  async #askHosts(): Promise<void> {
    const { signal } = this;
    const fleet = this.view.fleet === undefined ? [] : [['fleet', this.view.fleet] as const];
    const hosts: HostAnswer[] = [];
    let cursor: string | null = null;
    do {
      const more: Parameters = cursor === null ? [] : [['cursor', cursor]];
      const answer: Answer<ListPage<HostAnswer>> = await getJson<ListPage<HostAnswer>>(
        '/hosts',
        [...fleet, ...more, ['limit', String(PAGE_ROWS)]],
        signal,
      );
      if (signal.aborted) {
        return;
      }
      if (!answer.ok) {
        this.settleFailure(answer.failure, this.#hosts);
        return;
      }
      hosts.push(...answer.value.data);
      cursor = answer.value.next_cursor;
    } while (cursor !== null && hosts.length < HOSTS_MAX);
    this.#hosts.value = hosts;
    delete this.#hosts.failure;
    this.options.onChange();
  }

  protected draw(nowMs: number): void {
    const { view } = this;
    const { value, failure } = this.#hosts;
    fill(this.#tabs, placeTabs(view));
    this.#pills.update(view, value ?? []);
    if (document.activeElement !== this.#search) {
      this.#search.value = view.find ?? '';
    }
    const lines = value && hostLines(value, this.#status.value?.collectors ?? [], view.find ?? '');
    this.#card.setNote(lines === undefined ? '' : `${countOf(lines.length, 'host')}: ${stateCounts(lines)}`);
    const answer = { ...(lines && { value: lines }), ...(failure && { failure }) };
    this.#card.update(answer, [view, Math.floor(nowMs / 10_000)], (shown) =>
      shown.length === 0 ? nothingBox('No such host.') : plainTable('Hosts', columns(view, nowMs), shown),
    );
  }
}

function columns(view: View, nowMs: number): readonly Column<HostLine>[] {
  return [
    {
      title: 'Host',
      cell: ({ host }) =>
        el(
          'a',
          { class: 'row-link clip host-name', href: toAddress(hostView(view.range, host.id)) },
          recordText(host.name),
        ),
    },
    {
      title: 'Fleet',
      cell: ({ host }) =>
        el(
          'a',
          { class: 'clip host-name', href: toAddress(fleetView(view.range, host.fleet)) },
          recordText(host.fleet),
        ),
      isExtra: true,
    },
    { title: 'State', cell: ({ state }) => hostState(state) },
    { title: 'Last seen', cell: ({ host }) => ago(host.last_seen, nowMs), isNumber: true },
    { title: 'Kernel', cell: ({ host }) => host.kernel && recordText(host.kernel), isExtra: true },
    { title: 'ABI', note: 'Version of Landlock', cell: ({ host }) => host.landlock_abi, isNumber: true, isExtra: true },
    { title: 'Agent', cell: ({ collector }) => collector && recordText(collector.heartbeat.version), isExtra: true },
    {
      title: 'Queue',
      note: 'Documents that wait at the host until the server has stored them',
      cell: ({ collector }) => (collector === undefined ? '–' : formatCount(collector.heartbeat.spool.documents)),
      isNumber: true,
      isExtra: true,
    },
    {
      title: 'Lost',
      note: 'Records known to be missing, over all time',
      cell: ({ lost }) => el('span', { class: lost > 0 && 'is-warning' }, formatShortCount(lost)),
      isNumber: true,
    },
    { title: 'Not logged', cell: ({ host }) => formatShortCount(host.unlogged), isNumber: true, isExtra: true },
    {
      title: 'Denials',
      cell: ({ host }) =>
        el(
          'a',
          { href: toAddress({ ...denialsView({ ...view, page: 'hosts' }), host: host.id }) },
          formatShortCount(host.denials),
        ),
      isNumber: true,
    },
    { title: 'Latest', cell: ({ host }) => ago(host.last_denial_at, nowMs, 'none'), isNumber: true },
  ];
}
