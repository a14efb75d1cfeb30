// Denials over time as stacked bars by blocker class, with the spans in which records are missing hatched. The
// canvas is for the eye; legend and table beside it say the same in words.
import { BarController, BarElement, CategoryScale, Chart, LinearScale, type Plugin, Tooltip } from 'chart.js';
import type { BlockerClass } from '../../../src/api/schemas/stats.ts';
import { resolveColour } from '../../dom/colour.ts';
import { el } from '../../dom/el.ts';
import { onThemeChange } from '../../dom/theme.ts';
import { BLOCKER_CLASSES, classTitle } from '../../state/blocker-class.ts';
import { lostRecords } from '../../state/lost-records.ts';
import {
  type BarLoss,
  barStartMs,
  lossOfBars,
  type SeriesModel,
  silentHostsOfBars,
  totalOf,
} from '../../state/series-model.ts';
import { countOf } from '../../text/format-number.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { createChartDrag } from './chart-drag.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

export interface DenialsChart {
  update(model: SeriesModel): void;
  /** Gives the canvas back. */
  destroy(): void;
}

export interface ChartActions {
  /** Someone dragged over these bars. */
  onSpan(fromMs: number, toMs: number): void;
  /** Someone clicked a piece of a bar. */
  onClass(name: BlockerClass): void;
}

interface Colours {
  readonly fontFamily: string;
  readonly text: string;
  readonly ink: string;
  readonly grid: string;
  readonly loss: string;
  readonly surface: string;
  /** In the order of BLOCKER_CLASSES. */
  readonly classes: readonly string[];
}

/** Draws into `box`. */
export function createDenialsChart(box: HTMLElement, formats: TimeFormats, actions: ChartActions): DenialsChart {
  const canvas = el('canvas', { role: 'img', 'aria-label': 'Denials over time' });
  box.append(canvas);
  const drawn: Drawn = {
    model: { startMs: 0, intervalMs: 1, length: 0, points: new Map(), losses: [], silences: [] },
    losses: [],
    silent: [],
  };
  let chart: Chart<'bar'> | undefined;
  const drag = createChartDrag(box, {
    area: () => chart?.chartArea,
    onSpan: (from, to) => {
      const { model } = drawn;
      const first = Math.max(0, Math.floor(from * model.length));
      const last = Math.min(model.length - 1, Math.floor(to * model.length));
      actions.onSpan(barStartMs(model, first), barStartMs(model, last + 1));
    },
  });
  const draw = (): void => {
    if (chart === undefined) {
      const onClass = (name: BlockerClass) => drag.isDragging() || actions.onClass(name);
      chart = createChart(canvas, readColours(box), drawn, formats, onClass);
    } else {
      fillChart(chart, drawn, formats);
      chart.update('none');
    }
  };
  onThemeChange(() => {
    // Chart.js keeps resolved colours here and there: a new chart is the one sure way to new ones.
    if (chart !== undefined) {
      chart.destroy();
      chart = undefined;
      draw();
    }
  });
  return {
    update(model) {
      drawn.model = model;
      drawn.losses = lossOfBars(model);
      drawn.silent = silentHostsOfBars(model);
      canvas.setAttribute('aria-label', chartWords(model));
      draw();
    },
    destroy() {
      chart?.destroy();
      chart = undefined;
    },
  };
}

/** What the canvas shows at the moment. */
interface Drawn {
  model: SeriesModel;
  losses: readonly BarLoss[];
  /** Names of hosts that were not heard of. */
  silent: readonly (readonly string[])[];
}

function createChart(
  canvas: HTMLCanvasElement,
  colours: Colours,
  drawn: Drawn,
  formats: TimeFormats,
  onClass: (name: BlockerClass) => unknown,
): Chart<'bar'> {
  return new Chart<'bar'>(canvas, {
    type: 'bar',
    data: {
      labels: labelsOf(drawn, formats),
      datasets: BLOCKER_CLASSES.map((name, index) => ({
        label: classTitle(name),
        ...barsOf(drawn, name),
        stack: 'denials',
        backgroundColor: colours.classes[index] ?? colours.text,
        categoryPercentage: 1,
        barPercentage: 0.86,
        maxBarThickness: 36,
      })),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      font: { family: colours.fontFamily, size: 11 },
      onHover: (event, _items, chart) => {
        canvas.style.cursor = classAt(chart, event.native) === undefined ? 'crosshair' : 'pointer';
      },
      onClick: (event, _items, chart) => {
        // A finger asks for the tooltip, a mouse has it already.
        const isTouch = event.native instanceof PointerEvent && event.native.pointerType !== 'mouse';
        const name = classAt(chart, event.native);
        if (name !== undefined && !isTouch) {
          onClass(name);
        }
      },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          ticks: { color: colours.text, maxRotation: 0, autoSkipPadding: 20 },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          suggestedMax: 4,
          border: { display: false },
          grid: { color: colours.grid },
          ticks: { color: colours.text, precision: 0, maxTicksLimit: 6 },
        },
      },
      plugins: { tooltip: tooltipOptions(drawn, formats, colours) },
    },
    plugins: [hatchPlugin(drawn, colours)],
  });
}

/** Of the piece of a bar under the pointer. */
function classAt(chart: Chart, event: Event | null): BlockerClass | undefined {
  const [hit] = event === null ? [] : chart.getElementsAtEventForMode(event, 'nearest', { intersect: true }, false);
  return hit && BLOCKER_CLASSES[hit.datasetIndex];
}

function tooltipOptions(drawn: Drawn, formats: TimeFormats, colours: Colours) {
  return {
    filter: (item: { readonly raw: unknown }) => item.raw !== 0,
    backgroundColor: colours.ink,
    titleColor: colours.surface,
    bodyColor: colours.surface,
    footerColor: colours.surface,
    cornerRadius: 4,
    boxPadding: 4,
    callbacks: {
      title: (items: readonly { readonly dataIndex: number }[]) => titleOf(drawn, items[0]?.dataIndex ?? 0, formats),
      footer: (items: readonly { readonly dataIndex: number }[]) => footerWords(drawn, items[0]?.dataIndex ?? 0),
    },
  };
}

function fillChart(chart: Chart<'bar'>, drawn: Drawn, formats: TimeFormats): void {
  chart.data.labels = labelsOf(drawn, formats);
  BLOCKER_CLASSES.forEach((name, index) => {
    Object.assign(chart.data.datasets[index] ?? {}, barsOf(drawn, name));
  });
}

function labelsOf({ model }: Drawn, formats: TimeFormats): string[] {
  return Array.from({ length: model.length }, (_, bar) => formats.axis(barStartMs(model, bar), model.intervalMs));
}

function barsOf({ model }: Drawn, name: BlockerClass): { readonly data: number[]; readonly hidden: boolean } {
  return {
    data: [...(model.points.get(name) ?? new Array<number>(model.length).fill(0))],
    hidden: totalOf(model, name) === 0,
  };
}

function readColours(element: HTMLElement): Colours {
  return {
    fontFamily: getComputedStyle(element).fontFamily,
    text: resolveColour(element, '--ink-3'),
    ink: resolveColour(element, '--ink'),
    grid: resolveColour(element, '--line'),
    loss: resolveColour(element, '--fail'),
    surface: resolveColour(element, '--surface'),
    classes: BLOCKER_CLASSES.map((name) => resolveColour(element, `--class-${name}`)),
  };
}

/** Hatches, behind the bars, each bar in which records are missing, and the other way each in which a host was silent. */
function hatchPlugin(drawn: Drawn, { loss, text }: Colours): Plugin<'bar'> {
  return {
    id: 'hatches',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea } = chart;
      const width = chartArea.width / Math.max(1, drawn.model.length);
      const hatchBars = (isHatched: readonly boolean[], colour: string, direction: 1 | -1): void => {
        ctx.save();
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1;
        isHatched.forEach((is, bar) => {
          if (is) {
            const box = { left: chartArea.left + bar * width, top: chartArea.top, width, height: chartArea.height };
            hatch(ctx, box, direction);
          }
        });
        ctx.restore();
      };
      hatchBars(
        drawn.silent.map((names) => names.length > 0),
        text,
        -1,
      );
      hatchBars(
        drawn.losses.map(({ isMissing }) => isMissing),
        loss,
        1,
      );
    },
  };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** 1: from the bottom left to the top right. */
function hatch(ctx: CanvasRenderingContext2D, { left, top, width, height }: Box, direction: 1 | -1): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  for (let offset = -height; offset < width; offset += 6) {
    ctx.moveTo(left + offset, direction === 1 ? top + height : top);
    ctx.lineTo(left + offset + height, direction === 1 ? top : top + height);
  }
  ctx.globalAlpha = 0.55;
  ctx.stroke();
  ctx.restore();
}

function titleOf(drawn: Drawn, bar: number, formats: TimeFormats): string {
  const fromMs = barStartMs(drawn.model, bar);
  return `${formats.axis(fromMs, drawn.model.intervalMs)} – ${formats.axis(barStartMs(drawn.model, bar + 1), drawn.model.intervalMs)}`;
}

function footerWords(drawn: Drawn, bar: number): string {
  const silent = drawn.silent[bar] ?? [];
  const heard = silent.length === 0 ? '' : `Not heard of: ${countOf(silent.length, 'host')}`;
  return [lossWords(drawn.losses[bar]), heard].filter((words) => words !== '').join('\n');
}

function lossWords(loss: BarLoss | undefined): string {
  if (loss?.isMissing !== true) {
    return '';
  }
  return loss.noticed.length === 0
    ? 'Records are missing here'
    : `${countOf(lostRecords(loss.noticed), 'record')} lost`;
}

function chartWords(model: SeriesModel): string {
  const classes = BLOCKER_CLASSES.filter((name) => totalOf(model, name) > 0).map(
    (name) => `${classTitle(name)} ${totalOf(model, name)}`,
  );
  return `Denials over time, stacked by blocker class. ${classes.length === 0 ? 'None.' : `${classes.join(', ')}.`} The table below has the numbers.`;
}
