// The greatest of many counts, found before anything is looked up for them: of some ten thousand issues ten have a name.

/** Those with the `count` greatest numbers, and all that have as many as the least of these; in the order given. */
export function largestOf<Row extends { readonly denials: number }>(
  rows: readonly Row[],
  count: number,
): readonly Row[] {
  if (rows.length <= count) return rows;
  const sorted = Float64Array.from(rows, ({ denials }) => denials).sort();
  const least = sorted[sorted.length - count] ?? 0;
  return rows.filter(({ denials }) => denials >= least);
}
