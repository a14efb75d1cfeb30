// All hosts, those that need somebody first.
import type { Agent } from '../../src/api/schemas/agent.ts';
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { Session } from '../../src/api/schemas/session.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import type { Token } from '../../src/api/schemas/token.ts';
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import { type Answer, getJson, type Page as ListPage, type Parameters } from '../net/api-client.ts';
import { createAnswerCard, nothingBox } from '../parts/blocks/answer-card.ts';
import { createFilterPills } from '../parts/blocks/filter-pills.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { type Column, plainTable } from '../parts/blocks/plain-table.ts';
import { ago } from '../parts/blocks/when.ts';
import { createEnrolPanel } from '../parts/fleets/enrol-panel.ts';
import { hostState } from '../parts/fleets/host-state.ts';
import { placeTabs } from '../parts/fleets/place-tabs.ts';
import { FIRST_ROWS } from '../state/first-question.ts';
import { clockWords, type HostLine, hostLines, stateCounts } from '../state/host-state.ts';
import { denialsView, fleetView, hostView, toAddress, type View, without } from '../state/page-address.ts';
import { countOf, formatCount, formatShortCount } from '../text/format-number.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

/** A fleet of more is looked at by fleet, or by the API. */
const HOSTS_MAX = 10_000;
/** Shown, and more at each asking. */
const ROWS_AT_ONCE = 100;

export class HostsPage extends SimplePage {
  readonly #hosts: Section<readonly HostAnswer[]> = {};
  readonly #agents: Section<readonly Agent[]> = {};
  readonly #tokens: Section<readonly Token[]> = {};
  readonly #status: Section<Status> = {};
  readonly #enrol = createEnrolPanel(() => this.ask());
  readonly #foot = createListFoot(() => {
    this.#rowsMax += ROWS_AT_ONCE;
    this.options.onChange();
  });
  #rowsMax = ROWS_AT_ONCE;
  /** Lists of which only the first part is known. */
  readonly #parts = new Set<object>();
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
    foot: this.#foot.element,
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
    this.#enrol.element.hidden = true;
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
      this.#enrol.element,
      this.#card.element,
    );
  }

  protected forget(): void {
    delete this.#hosts.value;
    delete this.#hosts.failure;
    this.#rowsMax = ROWS_AT_ONCE;
  }

  protected ask(): void {
    const fleet = this.view.fleet === undefined ? [] : [['fleet', this.view.fleet] as const];
    void this.#askAll<HostAnswer>('/hosts', fleet, this.#hosts);
    void this.#askAll<Agent>('/agents', [], this.#agents);
    void this.load<Status>('/status', [], this.#status, (status) => status);
    void this.load<Session, true>('/session', [], {}, ({ scopes }) => {
      this.#enrol.element.hidden = !scopes.includes('admin');
      if (scopes.includes('admin')) void this.#askAll<Token>('/tokens', [], this.#tokens);
      return true;
    });
  }

  /** All pages of a list, as far as they are shown. */
  async #askAll<T>(path: string, parameters: Parameters, section: Section<readonly T[]>): Promise<void> {
    const { signal } = this;
    const all: T[] = [];
    let cursor: string | null = null;
    do {
      const more: Parameters = cursor === null ? [] : [['cursor', cursor]];
      const answer: Answer<ListPage<T>> = await getJson<ListPage<T>>(
        path,
        [...parameters, ...more, ['limit', String(FIRST_ROWS.hosts)]],
        signal,
      );
      if (signal.aborted) {
        return;
      }
      if (!answer.ok) {
        this.settleFailure(answer.failure, section);
        return;
      }
      all.push(...answer.value.data);
      cursor = answer.value.next_cursor;
      const isWhole = cursor === null || all.length >= HOSTS_MAX;
      // The first part is shown while the rest is on its way; what is shown already is not made less.
      if (isWhole || section.value === undefined) {
        section.value = [...all];
        this.#parts[isWhole ? 'delete' : 'add'](section);
      }
      delete section.failure;
      this.options.onChange();
    } while (cursor !== null && all.length < HOSTS_MAX);
  }

  protected draw(nowMs: number): void {
    const { view } = this;
    const { value, failure } = this.#hosts;
    fill(this.#tabs, placeTabs(view));
    this.#pills.update(view, value ?? []);
    if (document.activeElement !== this.#search) {
      this.#search.value = view.find ?? '';
    }
    const agents = this.#agents.value ?? [];
    const lines = value && hostLines(value, this.#status.value?.collectors ?? [], agents, view.find ?? '');
    const soFar = this.#parts.has(this.#hosts) ? ' so far' : '';
    this.#card.setNote(
      lines === undefined || lines.length === 0
        ? ''
        : `${countOf(lines.length, 'host')}${soFar}: ${stateCounts(lines)}`,
    );
    const shownLines = lines?.slice(0, this.#rowsMax);
    const answer = { ...(shownLines && { value: shownLines }), ...(failure && { failure }) };
    this.#card.update(answer, [view, this.#rowsMax, Math.floor(nowMs / 10_000)], (shown) =>
      shown.length === 0 ? nothingBox(nothingWords(value)) : plainTable('Hosts', columns(view, nowMs), shown),
    );
    const left = (lines?.length ?? 0) - this.#rowsMax;
    this.#foot.update({
      hasMore: left > 0,
      isLoading: false,
      note: left > 0 ? `${countOf(left, 'more host')}; the field above finds one` : '',
    });
    this.#enrol.update({
      tokens: this.#tokens.value ?? [],
      agents,
      certificate: this.#status.value?.certificate,
      nowMs,
    });
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
    { title: 'Kernel', cell: ({ host }) => (host.kernel === undefined ? '–' : recordText(host.kernel)), isExtra: true },
    {
      title: 'ABI',
      note: 'Version of Landlock',
      cell: ({ host }) => host.landlock_abi ?? '–',
      isNumber: true,
      isExtra: true,
    },
    {
      title: 'Agent',
      note: 'Version of Trespass at the host',
      cell: ({ collector, agent }) => recordText(collector?.heartbeat.version ?? agent?.version ?? '–'),
      isExtra: true,
    },
    {
      title: 'Clock',
      note: 'Of the host, against that of this server',
      cell: (line) => {
        const clock = clockWords(line);
        return clock === undefined ? '–' : el('span', { class: clock.isOff && 'is-warning' }, clock.words);
      },
      isNumber: true,
      isExtra: true,
    },
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
    { title: 'Latest', cell: ({ host }) => ago(host.last_denial_at, nowMs, 'none'), isNumber: true, isExtra: true },
  ];
}

/** `all`: whoever was searched for. */
function nothingWords(all: readonly HostAnswer[] | undefined): string {
  return all?.length === 0
    ? 'No host was heard of yet. Start trespass run on this machine, or add others by the command above.'
    : 'No such host.';
}
