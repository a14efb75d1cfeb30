// What takes the room in a database: by table, with its indexes apart. Reads every page, so it takes seconds where
// there are gigabytes.
import type { Database } from './open.ts';

export interface TableSize {
  readonly name: string;
  readonly bytes: number;
  readonly index_bytes: number;
}

export interface StoreSizes {
  /** Pages within the file that are free for what comes next. */
  readonly reusable_bytes: number;
  /** Largest first, with SQLite's own. */
  readonly tables: readonly TableSize[];
}

const SIZES_SQL = `
  SELECT coalesce(s.tbl_name, p.name) AS name,
    total(p.pgsize) FILTER (WHERE s.type IS NOT 'index') AS bytes,
    total(p.pgsize) FILTER (WHERE s.type IS 'index') AS index_bytes
  FROM dbstat p
  LEFT JOIN sqlite_schema s ON s.name = p.name
  WHERE p.aggregate = TRUE
  GROUP BY coalesce(s.tbl_name, p.name)
  ORDER BY total(p.pgsize) DESC, coalesce(s.tbl_name, p.name)`;

export function storeSizes(db: Database): StoreSizes {
  const free = Number(db.pragma('freelist_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  return { reusable_bytes: free, tables: db.prepare<[], TableSize>(SIZES_SQL).all() };
}
