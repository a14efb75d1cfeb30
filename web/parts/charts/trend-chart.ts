// Thirty days of an issue as bars, and as a table.
import { el, svg } from '../../dom/el.ts';
import type { TrendDay } from '../../state/issue-trend.ts';
import { countOf, formatCount } from '../../text/format-number.ts';

const BAR_WIDTH = 10;
const GAP = 3;
const HEIGHT = 60;
const LEAST_HEIGHT = 2;

/** Days are those of UTC, as the server counts them. */
export function trendChart(days: readonly TrendDay[]): HTMLElement {
  const most = Math.max(1, ...days.map((day) => day.denials));
  const sum = days.reduce((all, day) => all + day.denials, 0);
  const busiest = days.reduce((top, day) => (day.denials > top.denials ? day : top), days[0] ?? NO_DAY);
  const words =
    sum === 0
      ? `none in the last ${days.length} days`
      : `${countOf(sum, 'denial')} in ${days.length} days, most on ${dayText(busiest.startMs)}: ${formatCount(busiest.denials)}`;
  return el(
    'section',
    { class: 'card trend-card', 'aria-label': 'Trend' },
    el('div', { class: 'card-head' }, el('h2', {}, 'Trend'), el('span', { class: 'quiet' }, words)),
    el('div', { class: 'trend-box' }, bars(days, most, words), axis(days)),
    el('details', { class: 'data-table' }, el('summary', {}, 'Show as a table'), table(days)),
  );
}

const NO_DAY: TrendDay = { startMs: 0, denials: 0 };

function bars(days: readonly TrendDay[], most: number, words: string): SVGSVGElement {
  const width = days.length * (BAR_WIDTH + GAP) - GAP;
  return svg(
    'svg',
    {
      class: 'trend-bars',
      viewBox: `0 0 ${width} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `Denials by the day: ${words}`,
    },
    ...days.map(({ startMs, denials }, index) => {
      const height = denials === 0 ? 1 : Math.max(LEAST_HEIGHT, (denials / most) * HEIGHT);
      return svg(
        'rect',
        {
          class: denials === 0 ? 'trend-none' : 'trend-bar',
          x: index * (BAR_WIDTH + GAP),
          y: HEIGHT - height,
          width: BAR_WIDTH,
          height,
        },
        svg('title', {}, `${dayText(startMs)}: ${countOf(denials, 'denial')}`),
      );
    }),
  );
}

function axis(days: readonly TrendDay[]): HTMLElement {
  return el(
    'div',
    { class: 'trend-axis', 'aria-hidden': 'true' },
    el('span', {}, dayText(days[0]?.startMs ?? 0)),
    el('span', {}, 'today (UTC)'),
  );
}

function table(days: readonly TrendDay[]): HTMLElement {
  return el(
    'div',
    { class: 'table-box', tabindex: 0, role: 'region', 'aria-label': 'Denials by the day' },
    el(
      'table',
      { class: 'table' },
      el('caption', { class: 'off-screen' }, 'Denials by the day (UTC)'),
      el(
        'thead',
        {},
        el('tr', {}, el('th', { scope: 'col' }, 'Day'), el('th', { scope: 'col', class: 'number' }, 'Denials')),
      ),
      el(
        'tbody',
        {},
        ...days
          .toReversed()
          .map(({ startMs, denials }) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row' }, dayText(startMs)),
              el('td', { class: 'number' }, formatCount(denials)),
            ),
          ),
      ),
    ),
  );
}

/** `2026-03-01`. */
function dayText(startMs: number): string {
  return new Date(startMs).toISOString().slice(0, 10);
}
