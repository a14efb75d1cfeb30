// A drag over a chart marks a part of it. For mouse and pen: a finger scrolls the page.
import { el } from '../../dom/el.ts';

export interface ChartDragOptions {
  /** Where the bars are, within the box. */
  area(): { readonly left: number; readonly right: number } | undefined;
  /** Shares of the area's width, from 0 to 1. */
  onSpan(from: number, to: number): void;
}

export interface ChartDrag {
  /** True until the click that ends a drag is over. */
  isDragging(): boolean;
}

/** Less is a click of an unsteady hand. */
const LEAST_PX = 6;

export function createChartDrag(box: HTMLElement, { area, onSpan }: ChartDragOptions): ChartDrag {
  const mark = el('div', { class: 'chart-mark', hidden: true });
  box.append(mark);
  let startPx: number | undefined;
  let isDragging = false;
  const at = (event: PointerEvent): number => {
    const { left = 0, right = 0 } = area() ?? {};
    return Math.max(left, Math.min(right, event.clientX - box.getBoundingClientRect().left));
  };
  const end = (): void => {
    startPx = undefined;
    mark.hidden = true;
  };
  box.addEventListener('pointerdown', (event) => {
    if (event.button === 0 && event.pointerType !== 'touch' && area() !== undefined) {
      startPx = at(event);
      isDragging = false;
    }
  });
  box.addEventListener('pointermove', (event) => {
    if (startPx === undefined) {
      return;
    }
    const nowPx = at(event);
    if (!isDragging && Math.abs(nowPx - startPx) >= LEAST_PX) {
      // Not before: a captured pointer's click would not reach the chart.
      isDragging = true;
      box.setPointerCapture(event.pointerId);
    }
    mark.hidden = !isDragging;
    mark.style.left = `${Math.min(startPx, nowPx)}px`;
    mark.style.width = `${Math.abs(nowPx - startPx)}px`;
  });
  box.addEventListener('pointerup', (event) => {
    const bounds = area();
    if (startPx !== undefined && isDragging && bounds !== undefined) {
      const width = Math.max(1, bounds.right - bounds.left);
      const [from = 0, to = 0] = [startPx, at(event)].sort((a, b) => a - b).map((px) => (px - bounds.left) / width);
      onSpan(from, to);
      setTimeout(() => {
        isDragging = false;
      });
    }
    end();
  });
  box.addEventListener('pointercancel', end);
  return { isDragging: () => isDragging };
}
