// What the page of denials knows: rows as far as they were asked for, bars, sums, and top values of the open fields.
// Draws nothing.
import type { Denial } from '../../src/api/schemas/document.ts';
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { Summary, TimeSeries, Top } from '../../src/api/schemas/stats.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import type { UserAnswer } from '../../src/api/schemas/user.ts';
import type { Page, Parameters } from '../net/api-client.ts';
import { TOP_VALUES, type TopField } from '../parts/denials/field-list.ts';
import { classesOf } from '../state/blocker-class.ts';
import { DenialRows } from '../state/denial-rows.ts';
import { FIRST_ROWS } from '../state/first-question.ts';
import type { View } from '../state/page-address.ts';
import { scopeParameters, userParameters } from '../state/request-parameters.ts';
import { addDenial, fromAnswer, moveTo, type SeriesModel } from '../state/series-model.ts';
import { intervalOf, isWithin } from '../state/time-range.ts';
import { hasStranger, withUserNames } from '../state/user-names.ts';
import type { Section } from './section.ts';
import { ViewData, type ViewDataOptions } from './view-data.ts';

/** Whoever scrolls that far wants many: as many as one answer may have. */
const LATER_ROWS = 500;
/** After denials arrived the sums are asked for again, not faster than this. */
const RECOUNT_DELAY_MS = 5_000;
const REFRESH_EVERY_MS = 30_000;

export class DenialsData extends ViewData {
  readonly list = new DenialRows();
  readonly page: Section<true> = {};
  readonly series: Section<SeriesModel> = {};
  readonly summary: Section<Summary> = {};
  readonly hosts: Section<readonly HostAnswer[]> = {};
  readonly status: Section<Status> = {};
  readonly tops = new Map<TopField, Section<Top>>();
  /** What users are called, as far as it was asked for. */
  readonly users: Section<readonly UserAnswer[]> = {};
  lost: TimeSeries | undefined;
  extraDenials = 0;
  nextCursor: string | null = null;
  isLoading = false;
  readonly #openFields: () => readonly TopField[];
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(view: View, options: ViewDataOptions, openFields: () => readonly TopField[]) {
    super(view, options);
    this.#openFields = openFields;
  }

  start(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => document.hidden || this.#loadSums(), REFRESH_EVERY_MS);
    void this.#loadPage(undefined);
    this.#loadSums();
    void this.load<Page<HostAnswer>, readonly HostAnswer[]>(
      '/hosts',
      [['limit', '500']],
      this.hosts,
      (page) => page.data,
    );
    void this.load<Status>('/status', [], this.status, (status) => status);
  }

  override stop(): void {
    super.stop();
    clearInterval(this.#timer);
  }

  refresh(): void {
    this.start();
  }

  get hasMore(): boolean {
    return this.nextCursor !== null && !this.list.isCut;
  }

  loadMore(): void {
    if (this.hasMore && !this.isLoading && this.nextCursor !== null && this.page.failure === undefined) {
      void this.#loadPage(this.nextCursor);
    }
  }

  /** From the stream. True when it is of this view. */
  add(denial: Denial, nowMs: number): boolean {
    const atMs = Date.parse(denial['@timestamp']);
    const isOurs = !denial.tags?.includes('canary') && isWithin(this.view.range, atMs, nowMs);
    if (!isOurs || !this.list.add(denial)) {
      return false;
    }
    this.extraDenials += 1;
    if (this.series.value !== undefined) {
      this.tick(nowMs);
      this.series.value = addDenial(this.series.value, atMs, classesOf(denial.landlock.blockers));
    }
    this.soon(RECOUNT_DELAY_MS, () => this.#loadSums());
    return true;
  }

  /** Moves the bars on with the time. */
  tick(nowMs: number): void {
    if (this.series.value !== undefined && this.view.range.kind === 'relative') {
      this.series.value = moveTo(this.series.value, nowMs);
    }
  }

  /** What waits; where too many did, the first page comes anew. */
  release(): ReadonlySet<string> {
    if (this.list.hasHole) {
      void this.#loadPage(undefined);
      return new Set();
    }
    return this.list.release();
  }

  /** Counts the open fields that were not counted yet. */
  countOpened(): void {
    for (const field of this.#openFields().filter((one) => !this.tops.has(one))) {
      this.#loadTop(field);
    }
  }

  #loadTop(field: TopField): void {
    const section = this.tops.get(field) ?? {};
    this.tops.set(field, section);
    const parameters: Parameters = [...scopeParameters(this.view), ['by', field], ['limit', String(TOP_VALUES)]];
    void this.load<Top>('/stats/top', parameters, section, (top) => {
      if (field === 'user' && hasStranger(top, this.users.value)) {
        void this.load<Page<UserAnswer>, readonly UserAnswer[]>(
          '/users',
          userParameters(this.view),
          this.users,
          ({ data }) => data,
        );
      }
      return top;
    });
  }

  /** Users by their names, as far as those are known. */
  get namedTops(): ReadonlyMap<TopField, Section<Top>> {
    const users = this.tops.get('user');
    return users?.value === undefined
      ? this.tops
      : new Map([...this.tops, ['user', { ...users, value: withUserNames(users.value, this.users.value) }]]);
  }

  protected forget(): void {
    this.list.clear();
    this.tops.clear();
    for (const section of [this.page, this.series, this.summary, this.users]) {
      delete section.value;
      delete section.failure;
    }
    this.lost = undefined;
    this.extraDenials = 0;
    this.nextCursor = null;
    this.isLoading = false;
  }

  #loadSums(): void {
    const scope = scopeParameters(this.view);
    void this.load<Summary>('/stats/summary', scope, this.summary, (summary) => {
      this.extraDenials = 0;
      return summary;
    });
    const parameters: Parameters = [...scope, ['interval', intervalOf(this.view.range)], ['group_by', 'class']];
    void this.load<TimeSeries, SeriesModel>('/stats/timeseries', parameters, this.series, (answer) => {
      this.lost = answer;
      return fromAnswer(answer);
    });
    for (const field of this.#openFields()) {
      this.#loadTop(field);
    }
  }

  async #loadPage(cursor: string | undefined): Promise<void> {
    this.isLoading = true;
    this.options.onChange();
    const parameters: Parameters = [
      ...scopeParameters(this.view),
      ['limit', String(cursor === undefined ? FIRST_ROWS.denials : LATER_ROWS)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ];
    await this.load<Page<Denial>, true>(
      '/denials',
      parameters,
      this.page,
      ({ data, next_cursor: nextCursor }) => {
        if (cursor !== undefined) {
          this.list.takeOlder(data);
          this.nextCursor = nextCursor;
        } else if (this.list.takeNewest(data)) {
          this.nextCursor = nextCursor;
        }
        return true;
      },
      () => {
        this.isLoading = false;
      },
    );
  }
}
