import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import { toForest, treeWith } from '../../../web/state/domain-forest.ts';
import { forestRows, levelOf, stepOf, treeRows } from '../../../web/state/tree-rows.ts';

function domain(id: string, parent?: string, changes: Partial<DomainAnswer> = {}): DomainAnswer {
  return {
    host: { id: 'h', name: 'web-1' },
    boot: 'b',
    id,
    status: 'live',
    denials: { logged: 1 },
    evidence: [],
    depth_min: 1,
    ...(parent === undefined ? {} : { parent }),
    ...changes,
  };
}

const shapeOf = (domains: readonly DomainAnswer[], closed: readonly string[] = []) => {
  const forests = toForest(domains);
  const keys = forestRows(forests, new Set()).filter(
    (row) => row.kind === 'domain' && closed.includes(row.node.data.id),
  );
  return forestRows(forests, new Set(keys.map((row) => row.key))).map((row) =>
    row.kind === 'boot'
      ? `${row.forest.host.name} ${row.forest.boot}`
      : `${row.rails.join(' ')} ${row.node.data.id}`.trim(),
  );
};

it('puts the latest trees first, and within a tree the oldest', () => {
  expect(shapeOf([domain('14'), domain('13', '11'), domain('12', '11'), domain('11'), domain('15', '12')])).toEqual([
    'web-1 b',
    '14',
    '11',
    'branch 12',
    'through last 15',
    'last 13',
  ]);
});

it('orders ids by their number, not as texts', () => {
  expect(shapeOf([domain('9'), domain('10'), domain('ff')])).toEqual(['web-1 b', 'ff', '10', '9']);
});

it('keeps the same id of another boot or host apart', () => {
  const other = { host: { id: 'h2', name: 'web-2' } };
  expect(shapeOf([domain('12', '11'), domain('11', undefined, other), domain('13', '11', { boot: 'c' })])).toEqual([
    'web-1 b',
    '12',
    'web-2 b',
    '11',
    'web-1 c',
    '13',
  ]);
});

it('leaves out what is below a closed domain', () => {
  expect(shapeOf([domain('11'), domain('12', '11'), domain('13', '12'), domain('14')], ['11'])).toEqual([
    'web-1 b',
    '14',
    '11',
  ]);
});

it('adds up the logged denials of a domain and all inside of it', () => {
  const tree = treeWith([domain('11'), domain('12', '11'), domain('13', '12')], '13');
  expect([tree?.data.id, tree?.value, tree?.height]).toEqual(['11', 3, 2]);
});

it('has every domain once, whatever parents are claimed', () => {
  const ids = ['1', '2', '3', '4', '5', '6'];
  const claims = fc.array(fc.option(fc.constantFrom(...ids, 'absent'), { nil: undefined }), {
    minLength: 6,
    maxLength: 6,
  });
  fc.assert(
    fc.property(claims, (parents) => {
      const rows = forestRows(toForest(ids.map((id, index) => domain(id, parents[index]))), new Set());
      const shown = rows.flatMap((row) => (row.kind === 'domain' ? [row.node.data.id] : []));
      expect([...shown].sort()).toEqual(ids);
    }),
  );
});

it('is walked by arrow keys: down and up by rows, right inwards, left outwards', () => {
  const rows = forestRows(toForest([domain('11'), domain('12', '11'), domain('13', '11')]), new Set());
  expect(rows.map(levelOf)).toEqual([1, 2, 3, 3]);
  expect(stepOf('ArrowDown', rows, 0)).toEqual({ kind: 'go', index: 1 });
  expect(stepOf('ArrowDown', rows, 3)).toBeUndefined();
  expect(stepOf('ArrowUp', rows, 0)).toBeUndefined();
  expect(stepOf('ArrowRight', rows, 1)).toEqual({ kind: 'go', index: 2 });
  expect(stepOf('ArrowRight', rows, 2)).toBeUndefined();
  expect(stepOf('ArrowLeft', rows, 3)).toEqual({ kind: 'go', index: 1 });
  expect(stepOf('ArrowLeft', rows, 1)).toEqual({ kind: 'close', key: rows[1]?.key });
  expect(stepOf('End', rows, 0)).toEqual({ kind: 'go', index: 3 });
  expect(stepOf('Home', rows, 3)).toEqual({ kind: 'go', index: 0 });
  expect(stepOf('x', rows, 0)).toBeUndefined();
});

it('opens what is closed with the right arrow, before it goes in', () => {
  const [forest] = toForest([domain('11'), domain('12', '11')]);
  const root = forest?.roots[0];
  if (root === undefined) {
    throw new Error('there is a root');
  }
  const key = treeRows(root, new Set())[0]?.key ?? '';
  expect(stepOf('ArrowRight', treeRows(root, new Set([key])), 0)).toEqual({ kind: 'open', key });
});
