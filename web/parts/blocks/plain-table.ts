// A table of rows that differ in nothing but what they are of. Where there is little room, a table of many columns stacks:
// each row becomes a block, the name first and each number below the title of its column.
import { type Child, el } from '../../dom/el.ts';
import { reachScrolled } from '../../dom/reach-scrolled.ts';

export interface Column<T> {
  readonly title: string;
  /** The first column names the row. */
  readonly cell: (row: T) => Child;
  /** For the tooltip of the head. */
  readonly note?: string;
  readonly isNumber?: boolean;
  /** Left out where there is little room. */
  readonly isExtra?: boolean;
}

/** As many stand side by side on a telephone. */
const SIDE_BY_SIDE_MAX = 4;

export interface TableOptions<T> {
  /** One more class of the table. */
  readonly name?: string;
  /** Stacks on a telephone however few its columns are: its names need the whole width. */
  readonly hasLongNames?: boolean;
  /** The row that the page is of. */
  readonly isCurrent?: (row: T) => boolean;
}

/** In a box of its own. */
export function plainTable<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  options: TableOptions<T> = {},
): HTMLElement {
  return reachScrolled(el('div', { class: 'table-box' }, bareTable(caption, columns, rows, options)));
}

export function bareTable<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  { name = '', hasLongNames = false, isCurrent }: TableOptions<T> = {},
): HTMLElement {
  const classes = ['table', 'plain', ...stackClasses(columns, hasLongNames), name].filter((one) => one !== '');
  return el(
    'table',
    { class: classes.join(' '), role: 'table' },
    el('caption', { class: 'off-screen' }, caption),
    el('thead', ROLES.group, el('tr', ROLES.row, ...columns.map(columnHead))),
    el('tbody', ROLES.group, ...rows.map((row) => tableRow(columns, row, isCurrent?.(row) === true))),
  );
}

/** `pairs`: the only other words of a row stand beside its name. */
function stackClasses<T>(columns: readonly Column<T>[], hasLongNames: boolean): readonly string[] {
  const shown = columns.filter(({ isExtra }) => isExtra !== true);
  if (shown.length <= SIDE_BY_SIDE_MAX && !hasLongNames) {
    return [];
  }
  const words = shown.slice(1).filter(({ isNumber }) => isNumber !== true);
  return words.length === 1 ? ['stacks', 'pairs'] : ['stacks'];
}

/** Said of what a table is made of anyway: a browser may forget it where styles make blocks of rows. */
const ROLES = { group: { role: 'rowgroup' }, row: { role: 'row' } } as const;

function columnHead<T>(column: Column<T>): HTMLElement {
  return el('th', { scope: 'col', role: 'columnheader', class: classOf(column), title: column.note }, column.title);
}

function tableRow<T>(columns: readonly Column<T>[], row: T, isCurrent: boolean): HTMLElement {
  return el(
    'tr',
    { ...ROLES.row, 'aria-current': isCurrent && 'true' },
    ...columns.map((column, index) => {
      // Shown by the styles where rows are stacked, beside what is read out as the head of the column.
      const title = { 'data-title': column.title };
      return index === 0
        ? el('th', { scope: 'row', role: 'rowheader', ...title }, column.cell(row))
        : el('td', { role: 'cell', class: classOf(column), ...title }, column.cell(row));
    }),
  );
}

function classOf<T>({ isNumber, isExtra }: Column<T>): string | undefined {
  const classes = [isNumber && 'number', isExtra && 'extra'].filter((name) => typeof name === 'string');
  return classes.length === 0 ? undefined : classes.join(' ');
}
