// A table of rows that differ in nothing but what they are of.
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

export function plainTable<T>(caption: string, columns: readonly Column<T>[], rows: readonly T[]): HTMLElement {
  const box = el(
    'div',
    { class: 'table-box' },
    el(
      'table',
      { class: 'table plain' },
      el('caption', { class: 'off-screen' }, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          ...columns.map((column) =>
            el('th', { scope: 'col', class: classOf(column), title: column.note }, column.title),
          ),
        ),
      ),
      el('tbody', {}, ...rows.map((row) => tableRow(columns, row))),
    ),
  );
  return reachScrolled(box);
}

function tableRow<T>(columns: readonly Column<T>[], row: T): HTMLElement {
  return el(
    'tr',
    {},
    ...columns.map((column, index) =>
      index === 0
        ? el('th', { scope: 'row' }, column.cell(row))
        : el('td', { class: classOf(column) }, column.cell(row)),
    ),
  );
}

function classOf<T>({ isNumber, isExtra }: Column<T>): string | undefined {
  const classes = [isNumber && 'number', isExtra && 'extra'].filter((name) => typeof name === 'string');
  return classes.length === 0 ? undefined : classes.join(' ');
}
