// What lists of domains can be sorted by. No index helps: a domain's counts change with each of its denials, and an index
// would cost each of these more than a list costs whoever asks for it now and then.

export const DOMAIN_SORTS = ['denials', 'unlogged', 'last_denial_at', 'allocated_at', 'deallocated_at'] as const;
export type DomainSort = (typeof DOMAIN_SORTS)[number];

/** What domains can be sorted by. What is not known is less than nothing, and so comes last. */
const SORT_COLUMNS: Readonly<Record<DomainSort, string>> = {
  denials: 'max(m.logged, ifnull(m.total, 0))',
  unlogged: 'ifnull(max(m.total - m.logged, 0), -1)',
  last_denial_at: 'ifnull(m.last_denial_ms, -1)',
  allocated_at: 'ifnull(m.allocated_ms, -1)',
  deallocated_at: 'ifnull(m.deallocated_ms, -1)',
};

/** After the place of a value and a row; of the same value the last to become known first. */
export function sortedDomainIdsSql(sort: DomainSort, condition: string): string {
  const value = SORT_COLUMNS[sort];
  return `
  SELECT m.id, ${value} AS place
  FROM domains m
  WHERE (${value} < ? OR (${value} = ? AND m.id < ?)) AND m.first_ms < ? AND m.last_ms >= ?
    AND ${condition}
  ORDER BY place DESC, m.id DESC
  LIMIT ?`;
}
