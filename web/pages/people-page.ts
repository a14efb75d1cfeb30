// "Why was alice refused at 14:05?": a user and a time, answered in sentences.
import type { Denial } from '../../src/api/schemas/document.ts';
import type { Explanation } from '../../src/api/schemas/explanation.ts';
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import type { UserAnswer } from '../../src/api/schemas/user.ts';
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import { getJson, type Page as ListPage } from '../net/api-client.ts';
import { createAnswerCard, nothingBox } from '../parts/blocks/answer-card.ts';
import { createFilterPills } from '../parts/blocks/filter-pills.ts';
import { type Column, plainTable } from '../parts/blocks/plain-table.ts';
import { emptyBox, loadingBox } from '../parts/blocks/states.ts';
import { ago } from '../parts/blocks/when.ts';
import { createPersonForm } from '../parts/denials/person-form.ts';
import { refusalLine } from '../parts/denials/refusal-line.ts';
import { emptyReason } from '../state/empty-reason.ts';
import { denialsView, toAddress, type View, without } from '../state/page-address.ts';
import { termOf } from '../state/query-terms.ts';
import { type Refusal, refusals } from '../state/refusals.ts';
import { scopeParameters, userParameters } from '../state/request-parameters.ts';
import { presetWords } from '../state/time-range.ts';
import { userName } from '../state/user-names.ts';
import { countOf, formatCount, formatShortCount } from '../text/format-number.ts';
import { escapeOdd } from '../text/visible-text.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

const DENIALS_MAX = 500;
const HOUR_MS = 3_600_000;
/** So many different refusals are explained; for the others there is the drawer. */
const EXPLAINED_MAX = 6;

export class PeoplePage extends SimplePage {
  readonly #users: Section<readonly UserAnswer[]> = {};
  readonly #denials: Section<ListPage<Denial>> = {};
  /** Asked for where there is nobody. */
  readonly #status: Section<Status> = {};
  readonly #hosts: Section<readonly HostAnswer[]> = {};
  readonly #explanations = new Map<string, Explanation>();
  readonly #form;
  readonly #pills = createFilterPills();
  readonly #answer = createAnswerCard<ListPage<Denial>>({
    title: 'Refused',
    what: 'The denials',
    onRetry: () => this.ask(),
  });
  readonly #everyone = createAnswerCard<readonly UserAnswer[]>({
    title: 'Users who were refused something',
    what: 'The users',
    onRetry: () => this.ask(),
  });

  constructor(view: View, options: PageOptions) {
    super(view, options);
    this.#form = createPersonForm(options.navigate);
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'People'),
        el('p', { class: 'quiet' }, 'Why was somebody refused, and when? By user and time, in plain words.'),
      ),
      this.#form.element,
      this.#pills.element,
      this.#answer.element,
      this.#everyone.element,
    );
  }

  protected forget(): void {
    for (const section of [this.#users, this.#denials]) {
      delete section.value;
      delete section.failure;
    }
    this.#explanations.clear();
  }

  protected ask(): void {
    const { view } = this;
    void this.load<ListPage<UserAnswer>, readonly UserAnswer[]>(
      '/users',
      userParameters(view),
      this.#users,
      ({ data }) => {
        if (data.length === 0) this.#askWhy();
        return data;
      },
    );
    if (view.user !== undefined) {
      const asked = [...scopeParameters(view), ['limit', String(DENIALS_MAX)]] as const;
      void this.load<ListPage<Denial>>('/denials', asked, this.#denials, (page) => {
        void this.#explain(refusals(page.data));
        return page;
      });
    }
  }

  /** Whether nothing happened, or something is broken. */
  #askWhy(): void {
    void this.load<Status>('/status', [], this.#status, (status) => status);
    void this.load<ListPage<HostAnswer>, readonly HostAnswer[]>(
      '/hosts',
      [['limit', '500']],
      this.#hosts,
      ({ data }) => data,
    );
  }

  #nobody(nowMs: number): HTMLElement {
    const { value: status, failure } = this.#status;
    const { value: hosts } = this.#hosts;
    if (failure === undefined && (status === undefined || hosts === undefined)) {
      return loadingBox('why there is nobody');
    }
    const view = without(this.view, 'user');
    return emptyBox(emptyReason({ view, nowMs, ...(status && { status }), ...(hosts && { hosts }) }), view, nowMs);
  }

  /** The likely cause of each of the first few, one after the other. */
  async #explain(found: readonly Refusal[]): Promise<void> {
    const { signal } = this;
    for (const { denials } of found.slice(0, EXPLAINED_MAX)) {
      const id = denials[0]?.event.id ?? '';
      if (!this.#explanations.has(id)) {
        const answer = await getJson<Explanation>(`/denials/${encodeURIComponent(id)}/explanation`, [], signal);
        if (signal.aborted) {
          return;
        }
        if (answer.ok) {
          this.#explanations.set(id, answer.value);
          this.options.onChange();
        }
      }
    }
  }

  protected draw(nowMs: number): void {
    const { view } = this;
    const users = this.#users.value ?? [];
    this.#form.update(view, users);
    this.#pills.update(view, []);
    const minute = Math.floor(nowMs / 60_000);
    this.#answer.element.hidden = view.user === undefined;
    if (view.user !== undefined) {
      const name = escapeOdd(userName(view.user, users));
      const { value } = this.#denials;
      this.#answer.setNote(value === undefined ? name : answerWords(name, value, view));
      this.#answer.update(this.#denials, [view, minute, [...this.#explanations.keys()]], (page) =>
        this.#list(page, nowMs),
      );
    }
    const why = [this.#status.value?.problems, this.#hosts.value?.length];
    this.#everyone.update(this.#users, [view, minute, why], (all) =>
      all.length === 0 ? this.#nobody(nowMs) : plainTable('Users', userColumns(view, nowMs), all),
    );
  }

  #list(page: ListPage<Denial>, nowMs: number): HTMLElement {
    const { view, formats } = this;
    const found = refusals(page.data);
    if (found.length === 0) {
      return nothingBox(
        'Nothing was refused to this user in this time. Try a longer time, or look at the users below.',
      );
    }
    return el(
      'div',
      {},
      el(
        'ol',
        { class: 'refusals' },
        ...found.map((one) =>
          refusalLine(one, this.#explanations.get(one.denials[0]?.event.id ?? ''), { view, nowMs, formats }),
        ),
      ),
      el(
        'p',
        { class: 'card-note' },
        el('a', { href: toAddress(denialsView(view, termOf('user', view.user ?? ''))) }, 'All of them in a table'),
      ),
    );
  }
}

function answerWords(name: string, { data, next_cursor: more }: ListPage<Denial>, { range }: View): string {
  const time = range.kind === 'relative' ? `in the last ${presetWords(range.preset)}` : 'in this time';
  const count = more === null ? countOf(data.length, 'time') : `more than ${countOf(data.length, 'time')}`;
  return `${name}, ${count} ${time}`;
}

function userColumns(view: View, nowMs: number): readonly Column<UserAnswer>[] {
  return [
    {
      title: 'User',
      cell: ({ uid, names = [] }) =>
        el(
          'a',
          {
            class: view.user === undefined ? 'row-link' : undefined,
            href: toAddress({ ...without(view, 'denial'), user: String(uid) }),
            'aria-current': view.user === String(uid) && 'true',
          },
          ...(names.length === 0 ? [`uid ${uid}`] : [recordText(names.map(({ name }) => name).join(', '))]),
        ),
    },
    { title: 'uid', cell: ({ uid }) => uid, isNumber: true },
    { title: 'Hosts', cell: ({ hosts }) => formatCount(hosts), isNumber: true },
    { title: 'Denials', cell: ({ denials }) => formatShortCount(denials), isNumber: true },
    {
      title: 'Last',
      note: 'Told by the hour',
      cell: ({ last_seen: at }) => (nowMs - Date.parse(at) < HOUR_MS ? 'this hour' : ago(at, nowMs)),
      isNumber: true,
    },
  ];
}
