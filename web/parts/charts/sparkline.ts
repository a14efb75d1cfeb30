// A small line without axes: the shape of the last bars behind a number. Decoration; the chart tells the same.
import { svg } from '../../dom/el.ts';

const WIDTH = 120;
const HEIGHT = 40;
/** Room at the right, so that a peak at the very end is not cut off. */
const MARGIN = 3;

export function sparkline(values: readonly number[]): SVGSVGElement {
  const top = Math.max(1, ...values);
  const step = (WIDTH - MARGIN) / Math.max(1, values.length - 1);
  const points = values.map((value, index) => `${round(index * step)},${round(HEIGHT - (value / top) * (HEIGHT - 4))}`);
  return svg(
    'svg',
    { class: 'sparkline', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('polygon', { class: 'sparkline-area', points: `0,${HEIGHT} ${points.join(' ')} ${WIDTH - MARGIN},${HEIGHT}` }),
    svg('polyline', { class: 'sparkline-line', points: points.join(' ') }),
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
