// From an event.id to the denials that may have it. An index would be a third of a denial's bytes and, as ids are
// hashes, the one index whose every page is written to all the time. Here the first 32 bits of each id and its row are
// appended to a tail; full tails become a run, whose entries are told apart by their first 8 bits, and a look-up reads
// one small row of each run. Whoever asks has to check what it gets: entries outlive their denials.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

/** Entries of the tails before they become a run. */
const runMin = 65_536;
/** Entries of a tail before the next batch begins another. */
const tailMin = 4_096;
/** Rows of a run: one for each value of the first 8 bits. Part of the format. */
const BUCKETS = 256;
/** An entry is the key in 4 bytes and the row in 8; the keys of a row stand together, and then the denials. */
const ENTRY_BYTES = 12;

export class IdRuns {
  readonly #db: Database;
  #keys: number[] = [];
  #denials: number[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  add(key: number, denial: number): void {
    this.#keys.push(key);
    this.#denials.push(denial);
  }

  /** Writes what was added, in the transaction of the denials. */
  flush(): void {
    if (this.#keys.length === 0) return;
    const added = encode(this.#keys, this.#denials);
    this.clear();
    const last = statement<{ id: number; entries: Buffer }>(
      this.#db,
      'SELECT id, entries FROM id_tails ORDER BY id DESC LIMIT 1',
    ).get();
    if (last !== undefined && last.entries.length < tailMin * ENTRY_BYTES) {
      const entries = join([last.entries, added]);
      statement(this.#db, 'UPDATE id_tails SET entries = ? WHERE id = ?').run(entries, last.id);
    } else {
      statement(this.#db, 'INSERT INTO id_tails (entries) VALUES (?)').run(added);
    }
    const sum = statement<{ bytes: number }>(this.#db, 'SELECT total(length(entries)) AS bytes FROM id_tails').get();
    if ((sum?.bytes ?? 0) >= runMin * ENTRY_BYTES) this.#makeRun();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#keys = [];
    this.#denials = [];
  }

  #makeRun(): void {
    const tails = statement<{ entries: Buffer }>(this.#db, 'SELECT entries FROM id_tails ORDER BY id').all();
    const { keys, denials } = decode(join(tails.map((tail) => tail.entries)));
    let last = Number.NEGATIVE_INFINITY;
    const buckets = Array.from({ length: BUCKETS }, () => ({ keys: [] as number[], denials: [] as number[] }));
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] ?? 0;
      const denial = denials[i] ?? 0;
      const bucket = buckets[key >>> 24];
      bucket?.keys.push(key);
      bucket?.denials.push(denial);
      if (denial > last) last = denial;
    }
    const greatest = statement<{ id: number | null }>(this.#db, 'SELECT max(id) AS id FROM id_runs').get();
    const run = greatest?.id == null ? 0 : Math.floor(greatest.id / BUCKETS) + 1;
    const insert = statement(this.#db, 'INSERT INTO id_runs (id, last, entries) VALUES (?, ?, ?)');
    // Every bucket has a row, also an empty one: the greatest id tells which runs there are.
    for (const [index, bucket] of buckets.entries()) {
      insert.run(run * BUCKETS + index, last, encode(bucket.keys, bucket.denials));
    }
    this.#db.exec('DELETE FROM id_tails');
  }
}

export const TAILS_SQL = 'SELECT entries FROM id_tails';

export const RUN_ROW_SQL = 'SELECT entries FROM id_runs WHERE id = ?';

/** The rows of denials whose id begins with these bits, or did when they were stored. */
export function denialsOfKey(db: Database, key: number): readonly number[] {
  const found: number[] = [];
  for (const { entries } of statement<{ entries: Buffer }>(db, TAILS_SQL).iterate()) collect(entries, key, found);
  const ends = statement<{ first: number | null; last: number | null }>(
    db,
    'SELECT (SELECT min(id) FROM id_runs) AS first, (SELECT max(id) FROM id_runs) AS last',
  ).get();
  if (ends?.first == null || ends.last == null) return found;
  const row = statement<{ entries: Buffer }>(db, RUN_ROW_SQL);
  for (let run = Math.floor(ends.last / BUCKETS); run >= Math.floor(ends.first / BUCKETS); run--) {
    const entries = row.get(run * BUCKETS + (key >>> 24))?.entries;
    if (entries !== undefined) collect(entries, key, found);
  }
  return found;
}

/** Rows of id_runs, of runs whose greatest denial is in [from, to); all rows of a run have the same one. */
export function runRows(db: Database, from: number, to: number): readonly number[] {
  const next = statement<{ id: number; last: number }>(
    db,
    'SELECT id, last FROM id_runs WHERE id >= ? ORDER BY id LIMIT 1',
  );
  const rows: number[] = [];
  for (let run = next.get(0); run !== undefined; ) {
    const end = (Math.floor(run.id / BUCKETS) + 1) * BUCKETS;
    if (run.last >= from && run.last < to) for (let id = run.id; id < end; id++) rows.push(id);
    run = next.get(end);
  }
  return rows;
}

/** Forgets those of a row's entries whose denials are gone, and the row where none is left. Answers how many. */
export function forgetGone(db: Database, table: 'id_runs' | 'id_tails', id: number): number {
  const row = statement<{ entries: Buffer }>(db, `SELECT entries FROM ${table} WHERE id = ?`).get(id);
  if (row === undefined) return 0;
  const { keys, denials } = decode(row.entries);
  const isThere = statement(db, 'SELECT 1 FROM denials WHERE id = ?');
  const kept = Array.from(denials.keys()).filter((i) => isThere.get(denials[i]) !== undefined);
  if (kept.length === keys.length && kept.length > 0) return 0;
  if (kept.length === 0) statement(db, `DELETE FROM ${table} WHERE id = ?`).run(id);
  else {
    const left = encode(
      kept.map((i) => keys[i] ?? 0),
      kept.map((i) => denials[i] ?? 0),
    );
    statement(db, `UPDATE ${table} SET entries = ? WHERE id = ?`).run(left, id);
  }
  return keys.length - kept.length;
}

function collect(entries: Buffer, key: number, found: number[]): void {
  const { keys, denials } = decode(entries);
  for (let at = keys.indexOf(key); at >= 0; at = keys.indexOf(key, at + 1)) found.push(denials[at] ?? 0);
}

function encode(keys: readonly number[], denials: readonly number[]): Buffer {
  const entries = Buffer.allocUnsafeSlow(keys.length * ENTRY_BYTES);
  // The eight-byte numbers first, so that both stand where typed arrays want them.
  new Float64Array(entries.buffer, 0, keys.length).set(denials);
  new Int32Array(entries.buffer, keys.length * 8, keys.length).set(keys);
  return entries;
}

function decode(entries: Buffer): { readonly keys: Int32Array; readonly denials: Float64Array } {
  const count = Math.floor(entries.length / ENTRY_BYTES);
  // SQLite's buffers begin anywhere.
  const bytes = entries.byteOffset % 8 === 0 ? entries : Buffer.from(new Uint8Array(entries).buffer);
  return {
    denials: new Float64Array(bytes.buffer, bytes.byteOffset, count),
    keys: new Int32Array(bytes.buffer, bytes.byteOffset + count * 8, count),
  };
}

function join(parts: readonly Buffer[]): Buffer {
  const all = parts.map(decode);
  return encode(
    all.flatMap((part) => Array.from(part.keys)),
    all.flatMap((part) => Array.from(part.denials)),
  );
}
