// The place of the chart: takes what there is to draw at once, and draws it when the numbers stand on the page. The code
// that draws is the largest part of the dashboard, so it is loaded then too.
import { el, fill } from '../../dom/el.ts';
import { whenIdle } from '../../dom/when-idle.ts';
import { loadCode } from '../../net/load-code.ts';
import type { SeriesModel } from '../../state/series-model.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import type { ChartActions, DenialsChart } from './denials-chart.ts';

export interface LateChart extends DenialsChart {
  readonly element: HTMLElement;
}

export function createLateChart(formats: TimeFormats, actions: ChartActions): LateChart {
  const element = el('div', { class: 'chart-box' });
  let chart: DenialsChart | undefined;
  let waiting: SeriesModel | undefined;
  let isWanted = false;
  let isDestroyed = false;
  const begin = async (): Promise<void> => {
    const code = await loadCode(() => import('./denials-chart.ts'));
    if (isDestroyed || waiting === undefined) {
      return;
    }
    if (code === undefined) {
      fill(element, el('p', { class: 'quiet' }, 'The chart could not be loaded. The table below has the numbers.'));
      return;
    }
    chart = code.createDenialsChart(element, formats, actions);
    chart.update(waiting);
    waiting = undefined;
  };
  return {
    element,
    update(model) {
      if (isDestroyed) {
        return;
      }
      if (chart !== undefined) {
        chart.update(model);
        return;
      }
      waiting = model;
      if (!isWanted) {
        isWanted = true;
        whenIdle(() => void begin());
      }
    },
    destroy() {
      isDestroyed = true;
      chart?.destroy();
    },
  };
}
