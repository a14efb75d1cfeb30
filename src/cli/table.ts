// Tables for terminals: columns as wide as their content, the last one cut at the edge. Cells are escaped here, so
// that no caller can forget it.
import { escapeTerminal, fitText, textWidth } from '../runtime/terminal-text.ts';
import type { Io } from './command.ts';

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  /** A cell never takes more than this, terminal or not. */
  readonly widthMax?: number;
  value(row: Row): string;
}

const GAP = '  ';

/** Where bold may be used: a terminal, and nobody said NO_COLOR (https://no-color.org). */
export function hasStyle(io: Pick<Io, 'env' | 'isStdoutTty'>): boolean {
  return io.isStdoutTty && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
}

/** The lines of a table with its header. Outside of a terminal nothing is cut. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  io: Pick<Io, 'env' | 'isStdoutTty' | 'columns'>,
): string {
  const cells = rows.map((row) =>
    columns.map(({ value, widthMax }) => {
      const text = escapeTerminal(value(row));
      return io.isStdoutTty && widthMax !== undefined ? fitText(text, widthMax) : text;
    }),
  );
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index] ?? ''))),
  );
  const toLine = (line: readonly string[]): string => {
    const padded = line.map((text, index) => {
      const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - textWidth(text)));
      return columns[index]?.align === 'right' ? padding + text : text + padding;
    });
    const whole = padded.join(GAP).trimEnd();
    return io.isStdoutTty && io.columns !== undefined ? fitText(whole, io.columns) : whole;
  };
  const header = toLine(columns.map((column) => column.title));
  const lines = [hasStyle(io) ? `\u001b[1m${header}\u001b[0m` : header, ...cells.map(toLine)];
  return `${lines.join('\n')}\n`;
}
