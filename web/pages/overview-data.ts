// What the overview knows: the server's answers, each with its own fate, brought up to date by what arrives. Draws
// nothing; says `onChange` and leaves the rest to the page.
import type { Denial } from '../../src/api/schemas/document.ts';
import type { FleetAnswer, HostAnswer } from '../../src/api/schemas/host.ts';
import type { IssueAnswer } from '../../src/api/schemas/issue.ts';
import type { Summary, TimeSeries, Top, Trends } from '../../src/api/schemas/stats.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import type { UserAnswer } from '../../src/api/schemas/user.ts';
import { getJson, type Page, type Parameters } from '../net/api-client.ts';
import { TOP_ROWS, type TopTab } from '../parts/charts/top-card.ts';
import { Arrivals, ROWS_AT_ONCE_MAX, ROWS_MAX } from '../state/arrivals.ts';
import { classesOf } from '../state/blocker-class.ts';
import { asksTheSame, type View } from '../state/page-address.ts';
import { scopeParameters, userParameters } from '../state/request-parameters.ts';
import { RISING_MAX, type RisingFacts } from '../state/rising-issues.ts';
import { addDenial, fromAnswer, moveTo, type SeriesModel } from '../state/series-model.ts';
import { intervalOf, isWithin } from '../state/time-range.ts';
import { hasStranger, withUserNames } from '../state/user-names.ts';
import type { Section } from './section.ts';

/** What the issues that deserve a look are chosen from. */
export type RisingAnswers = Pick<RisingFacts, 'regressed' | 'youngest' | 'busiest'>;

export interface OverviewDataOptions {
  onChange(): void;
  onSignedOut(): void;
}

/** After denials arrived, the sums that cannot be counted here are asked for again, not faster than this. */
const RECOUNT_DELAY_MS = 3_000;
const STATUS_EVERY_MS = 10_000;
/** While the canary is out or a collector comes back, someone waits for the news. */
const STATUS_SOON_MS = 2_000;
const REFRESH_EVERY_MS = 30_000;
const ISSUES_EVERY_MS = 10_000;
/** Among those with most denials the escalating ones are looked for. */
const BUSIEST_ISSUES = 30;

export class OverviewData {
  readonly summary: Section<Summary> = {};
  readonly series: Section<SeriesModel> = {};
  readonly lost: Section<TimeSeries['lost']> = {};
  readonly denials: Section<true> = {};
  readonly hosts: Section<readonly HostAnswer[]> = {};
  readonly fleets: Section<readonly FleetAnswer[]> = {};
  readonly status: Section<Status> = {};
  readonly rising: Section<RisingAnswers> = {};
  /** Of the tab that is open. */
  top: Section<Top> = {};
  /** What users are called, as far as it was asked for. */
  readonly users: Section<readonly UserAnswer[]> = {};
  /** Behind the numbers of the tiles. */
  readonly tileTrends: Section<Trends> = {};
  /** Denials over time of each fleet. */
  readonly trends: Section<SeriesModel> = {};
  #topBy: TopTab = 'blocker';
  readonly arrivals = new Arrivals();
  /** Arrived since the summary was answered. */
  extraDenials = 0;
  /** Arrived, but of a time or place that is not shown. */
  elsewhereCount = 0;
  latestMs: number | undefined;

  readonly #options: OverviewDataOptions;
  #view: View;
  #request = new AbortController();
  #timers: ReturnType<typeof setInterval>[] = [];
  #statusAtMs = 0;
  #issuesAtMs = Number.NEGATIVE_INFINITY;
  #recountTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: View, options: OverviewDataOptions) {
    this.#view = view;
    this.#options = options;
  }

  get view(): View {
    return this.#view;
  }

  start(): void {
    this.#timers = [
      setInterval(() => this.#isStatusDue() && void this.#loadStatus(), STATUS_SOON_MS),
      setInterval(() => document.hidden || this.#loadSums(), REFRESH_EVERY_MS),
    ];
    this.refresh();
  }

  stop(): void {
    this.#request.abort();
    clearTimeout(this.#recountTimer);
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
  }

  /** Shows another view: what belongs to the old one is forgotten. */
  setView(view: View): void {
    const isSame = asksTheSame(view, this.#view);
    this.#view = view;
    if (isSame) {
      return;
    }
    for (const section of [
      this.summary,
      this.series,
      this.lost,
      this.denials,
      this.rising,
      this.top,
      this.users,
      this.trends,
      this.tileTrends,
    ]) {
      delete section.value;
      delete section.failure;
    }
    this.arrivals.replace([]);
    this.extraDenials = 0;
    this.elsewhereCount = 0;
    this.latestMs = undefined;
    this.refresh();
    this.#options.onChange();
  }

  /** Asks for everything anew. */
  refresh(): void {
    this.#request.abort();
    this.#request = new AbortController();
    this.#issuesAtMs = Number.NEGATIVE_INFINITY;
    // A browser asks some six things at a time: what is read first is asked first.
    this.#loadSummary();
    void this.#loadDenials();
    void this.#loadStatus();
    this.#loadParts();
  }

  /** A denial from the stream. True when it belongs to what is shown and was not seen before. */
  add(denial: Denial, nowMs: number): boolean {
    const atMs = Date.parse(denial['@timestamp']);
    if (denial.tags?.includes('canary')) {
      return false;
    }
    if (!this.#isShown(denial) || !isWithin(this.#view.range, atMs, nowMs)) {
      this.elsewhereCount += 1;
      this.#options.onChange();
      return false;
    }
    if (!this.arrivals.add(denial)) {
      return false;
    }
    this.extraDenials += 1;
    this.latestMs = Math.max(atMs, this.latestMs ?? 0);
    if (this.series.value !== undefined) {
      this.series.value = addDenial(this.#moved(this.series.value, nowMs), atMs, classesOf(denial.landlock.blockers));
    }
    this.recountSoon();
    return true;
  }

  /** Moves the bars on with the time. */
  tick(nowMs: number): void {
    if (this.series.value !== undefined) {
      this.series.value = this.#moved(this.series.value, nowMs);
    }
  }

  /** Sums that cannot be kept here are asked for again, soon. */
  recountSoon(): void {
    this.#recountTimer ??= setTimeout(() => {
      this.#recountTimer = undefined;
      this.#loadSums();
    }, RECOUNT_DELAY_MS);
  }

  /** Whether so many wait that showing them would only flicker. */
  isFlooded(): boolean {
    return this.arrivals.waitingCount > ROWS_AT_ONCE_MAX;
  }

  /** Another tab of top values is open. */
  openTop(by: TopTab): void {
    this.#topBy = by;
    this.top = {};
    this.#loadTop();
    this.#options.onChange();
  }

  /** The open tab's, users by their names. */
  get namedTop(): Section<Top> {
    const { value } = this.top;
    return value?.by === 'user' ? { ...this.top, value: withUserNames(value, this.users.value) } : this.top;
  }

  /** Blockers stand in the summary. */
  #loadTop(): void {
    if (this.#topBy !== 'blocker') {
      const asked: Parameters = [...scopeParameters(this.#view), ['by', this.#topBy], ['limit', String(TOP_ROWS)]];
      // An answer that comes late fills a section that nobody looks at.
      const section = this.top;
      void this.#load<Top>('/stats/top', asked, section, (top) => {
        if (top.by === 'user' && hasStranger(top, this.users.value)) {
          void this.#load<Page<UserAnswer>, readonly UserAnswer[]>(
            '/users',
            userParameters(this.#view),
            this.users,
            dataOf,
          );
        }
        return top;
      });
    }
  }

  #isStatusDue(): boolean {
    const isUnsettled = this.status.value?.collectors.some(
      (one) => one.state === 'restarting' || one.heartbeat.canary.state === 'waiting',
    );
    return !document.hidden && (isUnsettled === true || performance.now() - this.#statusAtMs >= STATUS_EVERY_MS);
  }

  #moved(model: SeriesModel, nowMs: number): SeriesModel {
    return this.#view.range.kind === 'relative' ? moveTo(model, nowMs) : model;
  }

  #isShown(denial: Denial): boolean {
    const { host, blockerClass } = this.#view;
    return (
      (host === undefined || denial.host.id === host) &&
      (blockerClass === undefined || classesOf(denial.landlock.blockers).includes(blockerClass))
    );
  }

  #loadSums(): void {
    this.#loadSummary();
    this.#loadParts();
  }

  #loadSummary(): void {
    void this.#load<Summary>('/stats/summary', scopeParameters(this.#view), this.summary, (summary) => {
      this.extraDenials = 0;
      if (summary.last_denial_at !== undefined) {
        this.latestMs = Math.max(Date.parse(summary.last_denial_at), this.latestMs ?? 0);
      }
      return summary;
    });
  }

  /** What else is counted. */
  #loadParts(): void {
    const scope = scopeParameters(this.#view);
    const interval = intervalOf(this.#view.range);
    const seriesScope: Parameters = [...scope, ['interval', interval], ['group_by', 'class']];
    void this.#load<TimeSeries, SeriesModel>('/stats/timeseries', seriesScope, this.series, (answer) => {
      this.lost.value = answer.lost;
      return fromAnswer(answer);
    });
    void this.#load<Page<HostAnswer>, readonly HostAnswer[]>('/hosts', [['limit', '500']], this.hosts, dataOf);
    void this.#load<Page<FleetAnswer>, readonly FleetAnswer[]>('/fleets', [], this.fleets, dataOf);
    const fleetScope: Parameters = [...scope, ['interval', interval], ['group_by', 'fleet']];
    void this.#load<TimeSeries, SeriesModel>('/stats/timeseries', fleetScope, this.trends, fromAnswer);
    void this.#load<Trends>('/stats/trends', scope, this.tileTrends, (trends) => trends);
    this.#loadTop();
    void this.#loadIssues();
  }

  /** Three short lists, not as often as the sums. */
  async #loadIssues(): Promise<void> {
    if (performance.now() - this.#issuesAtMs < ISSUES_EVERY_MS) {
      return;
    }
    this.#issuesAtMs = performance.now();
    const { signal } = this.#request;
    const ask = (status: string, sort: string, limit: number) => {
      const asked: Parameters = [
        ['status', status],
        ['sort', sort],
        ['limit', String(limit)],
        ['trend', 'true'],
      ];
      return getJson<Page<IssueAnswer>>('/issues', [...scopeParameters(this.#view), ...asked], signal);
    };
    const [regressed, youngest, busiest] = await Promise.all([
      ask('regressed', 'last_seen', RISING_MAX),
      ask('open', 'first_seen', RISING_MAX),
      ask('open', 'denials', BUSIEST_ISSUES),
    ]);
    if (signal.aborted) {
      return;
    }
    if (regressed.ok && youngest.ok && busiest.ok) {
      const [back, young, busy] = [regressed, youngest, busiest].map((answer) => answer.value.data);
      this.rising.value = { regressed: back ?? [], youngest: young ?? [], busiest: busy ?? [] };
      delete this.rising.failure;
    } else {
      for (const answer of [regressed, youngest, busiest]) {
        if (!answer.ok) {
          this.rising.failure = answer.failure;
        }
      }
    }
    this.#options.onChange();
  }

  async #loadDenials(): Promise<void> {
    const parameters: Parameters = [...scopeParameters(this.#view), ['limit', String(ROWS_MAX)]];
    await this.#load<Page<Denial>, true>('/denials', parameters, this.denials, (page) => {
      this.arrivals.replace(page.data);
      return true;
    });
  }

  async #loadStatus(): Promise<void> {
    this.#statusAtMs = performance.now();
    await this.#load<Status>('/status', [], this.status, (status) => status);
  }

  async #load<T, V = T>(
    path: string,
    parameters: Parameters,
    section: Section<V>,
    use: (value: T) => V,
  ): Promise<void> {
    const { signal } = this.#request;
    const answer = await getJson<T>(path, parameters, signal);
    if (signal.aborted) {
      return;
    }
    if (answer.ok) {
      section.value = use(answer.value);
      delete section.failure;
    } else if (answer.failure.kind === 'signed-out') {
      this.#options.onSignedOut();
      return;
    } else {
      section.failure = answer.failure;
    }
    this.#options.onChange();
  }
}

function dataOf<T>(page: Page<T>): readonly T[] {
  return page.data;
}
