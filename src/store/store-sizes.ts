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
  /** Largest first. */
  readonly tables: readonly TableSize[];
}

const SIZES_SQL = `
  SELECT s.tbl_name AS name,
    total(p.pgsize) FILTER (WHERE p.name = s.tbl_name) AS bytes,
    total(p.pgsize) FILTER (WHERE p.name <> s.tbl_name) AS index_bytes
  FROM dbstat p
  JOIN sqlite_schema s ON s.name = p.name
  WHERE p.aggregate = TRUE
  GROUP BY s.tbl_name
  ORDER BY total(p.pgsize) DESC, s.tbl_name`;

export function storeSizes(db: Database): StoreSizes {
  const free = Number(db.pragma('freelist_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  return { reusable_bytes: free, tables: db.prepare<[], TableSize>(SIZES_SQL).all() };
}
