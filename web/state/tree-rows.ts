// Trees as rows, one domain each, the way in which they are drawn and walked. Pure.
import type { HierarchyNode } from 'd3-hierarchy';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { type BootForest, type DomainNode, domainKey } from './domain-forest.ts';

/** A stroke of the lines between parents and children, one for each level left of a row's own place. */
export type Rail = 'through' | 'branch' | 'last' | 'none';

export interface DomainRow {
  readonly kind: 'domain';
  readonly key: string;
  readonly node: DomainNode;
  /** From the outermost level inwards; the last one leads to the row itself. Empty for a root. */
  readonly rails: readonly Rail[];
  readonly isOpen: boolean;
  /** Its place among its siblings, from 1. */
  readonly position: number;
  readonly siblings: number;
}

export interface BootRow {
  readonly kind: 'boot';
  readonly key: string;
  readonly forest: BootForest;
}

export type ForestRow = BootRow | DomainRow;

/** Every boot with its trees; what is below a key of `closed` is left out. */
export function forestRows(forests: readonly BootForest[], closed: ReadonlySet<string>): readonly ForestRow[] {
  return forests.flatMap((forest): ForestRow[] => {
    const head: BootRow = { kind: 'boot', key: forest.key, forest };
    if (closed.has(forest.key)) {
      return [head];
    }
    return [head, ...forest.roots.flatMap((root, index) => treeRows(root, closed, index + 1, forest.roots.length))];
  });
}

/** One tree, parents before children. */
export function treeRows(
  root: DomainNode,
  closed: ReadonlySet<string>,
  position = 1,
  siblings = 1,
): readonly DomainRow[] {
  const rows: DomainRow[] = [];
  const stack: Omit<DomainRow, 'kind' | 'key' | 'isOpen'>[] = [{ node: root, rails: [], position, siblings }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const key = domainKey(next.node.data);
    const isOpen = !closed.has(key);
    rows.push({ kind: 'domain', key, ...next, isOpen });
    const children = isOpen ? (next.node.children ?? []) : [];
    const inherited = next.rails.map((rail) => (rail === 'through' || rail === 'branch' ? 'through' : 'none'));
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const node = children[index] as HierarchyNode<DomainAnswer>;
      const own = index === children.length - 1 ? 'last' : 'branch';
      stack.push({ node, rails: [...inherited, own], position: index + 1, siblings: children.length });
    }
  }
  return rows;
}

/** What an arrow key does in a tree of rows (the tree view pattern of ARIA): go to a row, open or close one. */
export type Step =
  | { readonly kind: 'go'; readonly index: number }
  | { readonly kind: 'open' | 'close'; readonly key: string }
  | undefined;

export function stepOf(key: string, rows: readonly ForestRow[], index: number): Step {
  const row = rows[index];
  const last = rows.length - 1;
  if (row === undefined) {
    return undefined;
  }
  switch (key) {
    case 'ArrowDown':
      return index < last ? { kind: 'go', index: index + 1 } : undefined;
    case 'ArrowUp':
      return index > 0 ? { kind: 'go', index: index - 1 } : undefined;
    case 'Home':
      return { kind: 'go', index: 0 };
    case 'End':
      return { kind: 'go', index: last };
    case 'ArrowRight':
      return stepIn(rows, index, row);
    case 'ArrowLeft':
      return stepOut(rows, index, row);
    default:
      return undefined;
  }
}

function stepIn(rows: readonly ForestRow[], index: number, row: ForestRow): Step {
  const next = rows[index + 1];
  if (next !== undefined && levelOf(next) > levelOf(row)) {
    return { kind: 'go', index: index + 1 };
  }
  const hasMore = row.kind === 'boot' || (!row.isOpen && row.node.children !== undefined);
  return hasMore ? { kind: 'open', key: row.key } : undefined;
}

function stepOut(rows: readonly ForestRow[], index: number, row: ForestRow): Step {
  const next = rows[index + 1];
  if (next !== undefined && levelOf(next) > levelOf(row)) {
    return { kind: 'close', key: row.key };
  }
  for (let above = index - 1; above >= 0; above -= 1) {
    const candidate = rows[above];
    if (candidate !== undefined && levelOf(candidate) < levelOf(row)) {
      return { kind: 'go', index: above };
    }
  }
  return undefined;
}

/** 1 for a boot, 2 for a root below it. */
export function levelOf(row: ForestRow): number {
  return row.kind === 'boot' ? 1 : row.rails.length + 2;
}
