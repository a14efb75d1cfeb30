// A table whose cells share their denials with the rows of another one that is shown as well, such as versions of packages
// beside programs: taking cells from rows must not leave denials of too few hosts, nor the other way round. Pure.
import { type Cell, complete, type SafeTable } from './k-anonymity.ts';

/** What a cell and a row have in common; without a row it is not known which. */
export interface Shared {
  readonly row: string | undefined;
  readonly hosts: ReadonlySet<number>;
}

export interface NestedCell extends Cell {
  /** All of the cell. */
  readonly parts: readonly Shared[];
}

/**
 * A cell is shown where each of its parts is about enough hosts, and what is left of the parts' rows without all cells
 * that are shown is about enough, or nothing. So whatever rows and cells are added and taken from each other, what
 * comes out is made of pieces that are about enough hosts each. `without`: by row, the hosts of what is in no cell.
 * `rest`: the same of all rows, as a cell of its own where there is any.
 */
export function suppressNested(
  cells: readonly NestedCell[],
  without: ReadonlyMap<string, ReadonlySet<number>>,
  rest: Cell | undefined,
  hostsMin: number,
): SafeTable {
  const isTold = ({ parts }: NestedCell) =>
    parts.every(({ row, hosts }) => row !== undefined && hosts.size >= hostsMin);
  const shown = cells.filter(isTold).sort(bySize);
  const hidden: Cell[] = cells.filter((cell) => !isTold(cell));
  for (;;) {
    const found = shown.findIndex((cell) => cell.parts.some(({ row }) => isRevealing(row, cells, shown)));
    if (found < 0) break;
    hidden.push(...shown.splice(found, 1));
  }
  const [visible, few] = rest === undefined ? [[], []] : rest.hosts.size >= hostsMin ? [[rest], []] : [[], [rest]];
  return complete([...shown, ...visible], [...hidden, ...few], hostsMin);

  function isRevealing(row: string | undefined, all: readonly NestedCell[], told: readonly NestedCell[]): boolean {
    const left = new Set(row === undefined ? [] : without.get(row));
    for (const cell of all) {
      if (told.includes(cell)) continue;
      for (const part of cell.parts) if (part.row === row) for (const host of part.hosts) left.add(host);
    }
    return left.size > 0 && left.size < hostsMin;
  }
}

function bySize(a: Cell, b: Cell): number {
  return a.hosts.size - b.hosts.size || (a.value < b.value ? -1 : 1);
}
