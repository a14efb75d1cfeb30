// One fleet: denials for its running time, against the time before or against another fleet, and by kernel, ABI and
// distribution.
import type { FleetMetrics } from '../../src/api/schemas/fleet-metrics.ts';
import type { FleetAnswer } from '../../src/api/schemas/host.ts';
import type { PackageMetrics } from '../../src/api/schemas/package-metrics.ts';
import type { SharedMetrics } from '../../src/api/schemas/shared-metrics.ts';
import type { TimeSeries } from '../../src/api/schemas/stats.ts';
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import type { Page as ListPage } from '../net/api-client.ts';
import { createAnswerCard } from '../parts/blocks/answer-card.ts';
import { missingBox } from '../parts/blocks/states.ts';
import { createChartCard } from '../parts/charts/chart-card.ts';
import { comparedTable, fleetTiles, groupTable, numbersTable } from '../parts/fleets/fleet-tables.ts';
import { packageTables } from '../parts/fleets/package-tables.ts';
import { aggregatedTables, SHARED_WEEKS, sharedTables } from '../parts/fleets/told-tables.ts';
import { type ComparedPart, comparedParts } from '../state/fleet-comparison.ts';
import { denialsView, toAddress, type View, without } from '../state/page-address.ts';
import { scopeParameters } from '../state/request-parameters.ts';
import { fromAnswer, type SeriesModel } from '../state/series-model.ts';
import { hoursBefore, intervalOf, rangeParameters, spanWords } from '../state/time-range.ts';
import { escapeOdd } from '../text/visible-text.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

interface Both {
  readonly here: FleetMetrics;
  readonly there: FleetMetrics;
}

export class FleetPage extends SimplePage {
  readonly #here: Section<FleetMetrics> = {};
  readonly #there: Section<FleetMetrics> = {};
  readonly #series: Section<{ readonly model: SeriesModel; readonly lost: TimeSeries['lost'] }> = {};
  readonly #packages: Section<PackageMetrics> = {};
  readonly #shared: Section<SharedMetrics> = {};
  readonly #fleets: Section<readonly FleetAnswer[]> = {};
  readonly #allPackages = el('a', { class: 'card-link' }, 'All packages');
  readonly #title = el('h1');
  readonly #tools = el('div', { class: 'page-tools' });
  readonly #against = el('select', { class: 'field-input' });
  readonly #tiles = el('div');
  /** In the place of the rest where there is no such fleet. */
  readonly #missing = el('div', { class: 'card', hidden: true });
  readonly #body = el('div', { class: 'stack' });
  readonly #chart;
  readonly #cards;
  #optionsKey = '';
  /** What the options after the first stand for: a name may hold what no attribute should. */
  #others: readonly string[] = [];
  #headKey = '';

  constructor(view: View, options: PageOptions) {
    super(view, options);
    const onRetry = () => this.ask();
    const card = <T>(title: string) => createAnswerCard<T>({ title, what: title, onRetry });
    this.#chart = createChartCard(options.formats, options.navigate);
    this.#cards = {
      numbers: card<Both>('Compared'),
      programs: card<Both>('Programs'),
      blockers: card<Both>('Blockers'),
      kernels: card<FleetMetrics>('By kernel'),
      abis: card<FleetMetrics>('By Landlock ABI'),
      distributions: card<FleetMetrics>('By distribution'),
      packages: createAnswerCard<PackageMetrics>({
        title: 'Packages',
        what: 'The packages',
        onRetry,
        tools: [this.#allPackages],
      }),
      shared: card<SharedMetrics>('What may be told to others'),
      aggregated: card<NonNullable<FleetMetrics['aggregated']>>('Of hosts that only count'),
    };
    this.#against.addEventListener('change', () => {
      const rest = without(this.view, 'against');
      const against = this.#others[this.#against.selectedIndex - 1];
      this.navigate(against === undefined ? rest : { ...rest, against });
    });
    this.#layOut();
  }

  #layOut(): void {
    const { numbers, programs, blockers, kernels, abis, distributions, packages, shared, aggregated } = this.#cards;
    const { range } = this.view;
    const trail = el(
      'nav',
      { class: 'trail', 'aria-label': 'Where this is' },
      el('a', { href: toAddress({ page: 'fleets', range }) }, 'Fleets'),
    );
    fill(
      this.#body,
      this.#tiles,
      this.#chart.element,
      el(
        'div',
        { class: 'filter-bar' },
        el('label', { class: 'field field-wide' }, el('span', { class: 'field-name' }, 'Compare with'), this.#against),
      ),
      el('div', { class: 'thirds' }, numbers.element, programs.element, blockers.element),
      packages.element,
      el('div', { class: 'thirds' }, kernels.element, abis.element, distributions.element),
      el('div', { class: 'columns columns-top' }, shared.element, aggregated.element),
    );
    fill(this.element, trail, el('div', { class: 'page-title' }, this.#title, this.#tools), this.#missing, this.#body);
  }

  override stop(): void {
    super.stop();
    this.#chart.destroy();
  }

  protected forget(): void {
    for (const section of [this.#here, this.#there, this.#series, this.#packages, this.#shared]) {
      delete section.value;
      delete section.failure;
    }
  }

  protected ask(): void {
    const { view } = this;
    const { fleet = '', against, range } = view;
    const { fromMs, toMs } = hoursBefore(range, Date.now());
    const before = [
      ['from', new Date(fromMs).toISOString()],
      ['to', new Date(toMs).toISOString()],
    ] as const;
    const path = (name: string) => `/fleets/${encodeURIComponent(name)}/metrics`;
    const same = <T>(value: T): T => value;
    void this.load<FleetMetrics>(path(fleet), rangeParameters(range), this.#here, same);
    void this.load<FleetMetrics>(
      path(against ?? fleet),
      against === undefined ? before : rangeParameters(range),
      this.#there,
      same,
    );
    void this.load<TimeSeries, { model: SeriesModel; lost: TimeSeries['lost'] }>(
      '/stats/timeseries',
      [...scopeParameters(view), ['interval', intervalOf(range)], ['group_by', 'class']],
      this.#series,
      (answer) => ({ model: fromAnswer(answer), lost: answer.lost }),
    );
    const named = view.package === undefined ? [] : [['package', view.package] as const];
    const below = `/fleets/${encodeURIComponent(fleet)}`;
    void this.load<PackageMetrics>(`${below}/packages`, [...rangeParameters(range), ...named], this.#packages, same);
    void this.load<SharedMetrics>(`${below}/shared`, [['weeks', String(SHARED_WEEKS)]], this.#shared, same);
    void this.load<ListPage<FleetAnswer>, readonly FleetAnswer[]>(
      '/fleets',
      [['limit', '500']],
      this.#fleets,
      ({ data }) => data,
    );
  }

  protected draw(): void {
    const { view } = this;
    this.#drawHead(view);
    this.#drawOptions(view);
    const isMissing = this.#here.failure?.kind === 'missing';
    this.#body.hidden = isMissing;
    this.#missing.hidden = !isMissing;
    if (isMissing && this.#missing.childElementCount === 0) {
      fill(this.#missing, missingBox('This fleet', view));
    }
    const series = this.#series.value;
    this.#chart.element.hidden = series === undefined;
    if (series !== undefined) {
      this.#chart.update({ view, model: series.model, lost: series.lost });
    }
    const [here, there] = [this.#here.value, this.#there.value];
    const failure = this.#here.failure ?? this.#there.failure;
    const both = { ...(here && there && { value: { here, there } }), ...(failure && { failure }) };
    const names = [
      escapeOdd(view.fleet ?? ''),
      view.against === undefined ? 'before' : escapeOdd(view.against),
    ] as const;
    const { numbers, programs, blockers, kernels, abis, distributions } = this.#cards;
    const note =
      view.against === undefined ? `with the ${spanWords(view.range)} before` : 'with another fleet at the same time';
    numbers.setNote(note);
    numbers.update(both, view, (value) => numbersTable(value.here, value.there, names));
    const parts = (rows: readonly ComparedPart[], field: 'program' | 'blocker') =>
      comparedTable(rows, field, view, names);
    programs.update(both, view, (value) =>
      parts(
        comparedParts(value.here, value.there, (one) => one.by_program),
        'program',
      ),
    );
    blockers.update(both, view, (value) =>
      parts(
        comparedParts(value.here, value.there, (one) => one.by_blocker),
        'blocker',
      ),
    );
    kernels.update(this.#here, view, (value) => groupTable('Kernel', value.by_kernel));
    abis.update(this.#here, view, (value) => groupTable('ABI', value.by_abi));
    distributions.update(this.#here, view, (value) => groupTable('Distribution', value.by_distribution));
    this.#drawTold(view);
  }

  #drawTold(view: View): void {
    const { packages, shared, aggregated } = this.#cards;
    this.#allPackages.hidden = view.package === undefined;
    this.#allPackages.href = toAddress(without(view, 'package'));
    packages.setNote(view.package === undefined ? 'by version, whole days of UTC' : `${escapeOdd(view.package)} alone`);
    packages.update(this.#packages, view, (value) => packageTables(value, view));
    shared.update(this.#shared, view, sharedTables);
    const counted = this.#here.value?.aggregated;
    aggregated.element.hidden = counted === undefined;
    aggregated.update(counted === undefined ? {} : { value: counted }, view, aggregatedTables);
  }

  #drawHead(view: View): void {
    const { fleet = '', range } = view;
    const key = JSON.stringify([view, this.#here.value]);
    if (key === this.#headKey) {
      return;
    }
    this.#headKey = key;
    fill(this.#title, recordText(fleet));
    fill(
      this.#tools,
      el('a', { class: 'button', href: toAddress(denialsView(view)) }, 'Denials'),
      el('a', { class: 'button', href: toAddress({ page: 'issues', range, fleet }) }, 'Issues'),
      el('a', { class: 'button', href: toAddress({ page: 'hosts', range, fleet }) }, 'Hosts'),
    );
    fill(this.#tiles, this.#here.value && fleetTiles(this.#here.value, spanWords(range)));
  }

  #drawOptions(view: View): void {
    const others = (this.#fleets.value ?? []).map(({ name }) => name).filter((name) => name !== view.fleet);
    const known = view.against === undefined || others.includes(view.against) ? others : [...others, view.against];
    const key = JSON.stringify([known, view.against, spanWords(view.range)]);
    if (key !== this.#optionsKey) {
      this.#optionsKey = key;
      this.#others = known;
      fill(
        this.#against,
        el('option', {}, `the ${spanWords(view.range)} before`),
        ...known.map((name) => el('option', { selected: name === view.against }, escapeOdd(name))),
      );
    }
  }
}
