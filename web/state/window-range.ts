// Which rows of a long list are in sight. Pure.

export interface WindowFacts {
  readonly count: number;
  readonly rowHeight: number;
  /** Where the first row would stand, relative to the upper edge of the window. */
  readonly top: number;
  readonly viewHeight: number;
}

export interface RowWindow {
  readonly start: number;
  /** One after the last. */
  readonly end: number;
}

/** Rows beyond the edges, so that there is something before the next frame, and something to move the focus to. */
export const BEYOND_ROWS = 16;

export function rowWindow({ count, rowHeight, top, viewHeight }: WindowFacts): RowWindow {
  if (count === 0 || rowHeight <= 0) {
    return { start: 0, end: Math.min(count, 2 * BEYOND_ROWS) };
  }
  const first = Math.floor(-top / rowHeight);
  const last = Math.ceil((viewHeight - top) / rowHeight);
  const start = Math.max(0, Math.min(first - BEYOND_ROWS, count - 2 * BEYOND_ROWS));
  return { start, end: Math.max(start, Math.min(count, Math.max(last, first, 0) + BEYOND_ROWS)) };
}
