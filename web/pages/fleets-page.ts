// All fleets, each with how its denials went over the time that is shown.
import type { FleetAnswer } from '../../src/api/schemas/host.ts';
import type { TimeSeries } from '../../src/api/schemas/stats.ts';
import { el, fill } from '../dom/el.ts';
import type { Page as ListPage } from '../net/api-client.ts';
import { createAnswerCard, nothingBox } from '../parts/blocks/answer-card.ts';
import { plainTable } from '../parts/blocks/plain-table.ts';
import { fleetColumns } from '../parts/fleets/fleet-columns.ts';
import { placeTabs } from '../parts/fleets/place-tabs.ts';
import { FIRST_ROWS } from '../state/first-question.ts';
import type { View } from '../state/page-address.ts';
import { fromAnswer, type SeriesModel } from '../state/series-model.ts';
import { intervalOf, rangeParameters } from '../state/time-range.ts';
import { countOf } from '../text/format-number.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

export class FleetsPage extends SimplePage {
  readonly #fleets: Section<readonly FleetAnswer[]> = {};
  readonly #trends: Section<SeriesModel> = {};
  readonly #tabs = el('div');
  readonly #card = createAnswerCard<readonly FleetAnswer[]>({
    title: 'Fleets',
    what: 'The fleets',
    onRetry: () => this.ask(),
  });

  constructor(view: View, options: PageOptions) {
    super(view, options);
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Fleets'),
        el(
          'p',
          { class: 'quiet' },
          'Named sets of hosts. A fleet’s page counts denials for its running time, and compares.',
        ),
      ),
      this.#tabs,
      this.#card.element,
    );
  }

  protected forget(): void {
    delete this.#trends.value;
    delete this.#trends.failure;
  }

  protected ask(): void {
    const { range } = this.view;
    void this.load<ListPage<FleetAnswer>, readonly FleetAnswer[]>(
      '/fleets',
      [['limit', String(FIRST_ROWS.fleets)]],
      this.#fleets,
      ({ data }) => data,
    );
    void this.load<TimeSeries, SeriesModel>(
      '/stats/timeseries',
      [...rangeParameters(range), ['interval', intervalOf(range)], ['group_by', 'fleet']],
      this.#trends,
      fromAnswer,
    );
  }

  protected draw(nowMs: number): void {
    const { view } = this;
    fill(this.#tabs, placeTabs(view));
    const trends = this.#trends.value?.points ?? new Map<string, readonly number[]>();
    this.#card.setNote(this.#fleets.value === undefined ? '' : countOf(this.#fleets.value.length, 'fleet'));
    this.#card.update(this.#fleets, [view, [...trends], Math.floor(nowMs / 10_000)], (fleets) =>
      fleets.length === 0
        ? nothingBox('No fleet yet: the first host makes one.')
        : plainTable('Fleets', fleetColumns(view, trends, nowMs), fleets),
    );
  }
}
