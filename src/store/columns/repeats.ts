// Denials of a flood that were not stored one by one: what the row that they went into tells of them (how many, from when
// to when), and what makes each of their event.ids, so that each is counted once however often it comes. Works within
// the writer's transaction: `begin`, `flush`, `clear` as in document-rows.ts.
import type { Repeated } from '../../landlock/document.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

/** A denial that a row stands for, by what makes its event.id. */
export interface Repeat {
  readonly boot: number;
  readonly ms: number;
  readonly serial: number;
  /** Of its record in its event. */
  readonly index: number;
}

/** The row that it goes into. */
export interface RepeatedRow {
  /** denials.id */
  readonly denial: number;
  /** Its own time. */
  readonly ms: number;
  readonly isReplay: boolean;
}

/** How many denials a row stands for, and when these were; null: for its own. */
export interface RepeatsColumns {
  readonly repeats: number | null;
  readonly repeats_first_ms: number | null;
  readonly repeats_last_ms: number | null;
}

export function toRepeated({ repeats, repeats_first_ms: first, repeats_last_ms: last }: RepeatsColumns): Repeated {
  return { count: repeats ?? 1, first: new Date(first ?? 0).toISOString(), last: new Date(last ?? 0).toISOString() };
}

/** How many denials a row of denials `d` stands for. */
export const WEIGHT = `CASE d.flags & 256 WHEN 0 THEN 1 ELSE (SELECT r.count FROM repeats r WHERE r.denial = d.id) END`;

/** What a row of denials `d` counts for in a sum. */
export const WEIGHTS = `sum(${WEIGHT})`;

const MARK_ROW = 'UPDATE denials SET flags = flags | 256 WHERE id = ? AND flags & 256 = 0';

const ADD_TO_ROW = `
  INSERT INTO repeats (denial, count, first_ms, last_ms)
  VALUES (@denial, 1 + @count, @firstMs, @lastMs)
  ON CONFLICT (denial) DO UPDATE
  SET count = count + @count,
      first_ms = min(first_ms, @firstMs),
      last_ms = max(last_ms, @lastMs)`;

const ADD_IDS = `
  INSERT INTO repeat_ids (boot, second, first_serial, last_serial, denial, is_replay, members)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

export const SAME_REPEAT_SQL = `
  SELECT members
  FROM repeat_ids
  WHERE boot = ? AND second = ? AND last_serial >= ? AND first_serial <= ?`;

export const LAST_REPEAT_SQL = `
  SELECT second, last_serial AS serial
  FROM repeat_ids
  WHERE boot = ?
  ORDER BY second DESC, last_serial DESC
  LIMIT 1`;

export const IDS_OF_ROW_SQL = 'SELECT boot, second, members FROM repeat_ids WHERE denial = ?';

/** Members of one row of repeat_ids: look-ups read it whole. */
const membersMax = 2_048;
/** A greater serial has no room. */
export const SERIAL_MAX = 2 ** 32 - 1;
/** The serial in four bytes, then the millisecond of the second and the index in two. */
const MEMBER_BYTES = 6;
const INDEXES = 16;

interface LastRepeat {
  readonly second: number;
  readonly serial: number;
}

interface Pending {
  readonly row: RepeatedRow;
  firstMs: number;
  lastMs: number;
  readonly repeats: Repeat[];
}

export class Repeats {
  readonly #db: Database;
  /** Of this transaction, by row. */
  readonly #pending = new Map<number, Pending>();
  readonly #pendingIds = new Set<string>();
  /** By boot: the last second of which there are any, and the greatest serial in it. */
  readonly #last = new Map<number, LastRepeat>();

  constructor(db: Database) {
    this.#db = db;
  }

  begin(): void {
    this.#last.clear();
  }

  /** False: nothing at `ms` with this serial or a greater one was stored as a repeat, nor at a later second. */
  mayHave(boot: number, ms: number, serial: number): boolean {
    let last = this.#last.get(boot);
    if (last === undefined) {
      last = statement<LastRepeat>(this.#db, LAST_REPEAT_SQL).get(boot) ?? { second: -1, serial: -1 };
      this.#last.set(boot, last);
    }
    const second = secondOf(ms);
    return second < last.second || (second === last.second && serial <= last.serial);
  }

  has(repeat: Repeat): boolean {
    if (this.#pendingIds.has(idOf(repeat))) return true;
    const { boot, ms, serial } = repeat;
    const found = statement<{ members: Buffer }>(this.#db, SAME_REPEAT_SQL);
    const member = toMember(repeat);
    for (const { members } of found.iterate(boot, secondOf(ms), serial, serial)) {
      if (hasMember(members, serial, member)) return true;
    }
    return false;
  }

  add(row: RepeatedRow, repeat: Repeat): void {
    const { ms } = repeat;
    const pending = this.#pending.get(row.denial);
    if (pending === undefined) {
      const [firstMs, lastMs] = [Math.min(ms, row.ms), Math.max(ms, row.ms)];
      this.#pending.set(row.denial, { row, firstMs, lastMs, repeats: [repeat] });
    } else {
      pending.firstMs = Math.min(ms, pending.firstMs);
      pending.lastMs = Math.max(ms, pending.lastMs);
      pending.repeats.push(repeat);
    }
    this.#pendingIds.add(idOf(repeat));
    if (this.mayHave(repeat.boot, ms, repeat.serial)) return;
    this.#last.set(repeat.boot, { second: secondOf(ms), serial: repeat.serial });
  }

  flush(): void {
    for (const pending of this.#pending.values()) this.#write(pending);
    this.clear();
  }

  clear(): void {
    this.#pending.clear();
    this.#pendingIds.clear();
    this.#last.clear();
  }

  #write({ row, firstMs, lastMs, repeats }: Pending): void {
    const { denial, isReplay } = row;
    statement(this.#db, MARK_ROW).run(denial);
    statement(this.#db, ADD_TO_ROW).run({ denial, count: repeats.length, firstMs, lastMs });
    repeats.sort((a, b) => a.serial - b.serial);
    const addIds = statement(this.#db, ADD_IDS);
    for (let from = 0; from < repeats.length; from += membersMax) {
      const some = repeats.slice(from, from + membersMax);
      const [first, last] = [some[0], some.at(-1)];
      if (first === undefined || last === undefined) break;
      const second = secondOf(first.ms);
      addIds.run(first.boot, second, first.serial, last.serial, denial, isReplay ? 1 : 0, encode(some));
    }
  }
}

/** Those that the row stands for beside its own. */
export function repeatsOfRow(db: Database, denial: number): readonly Repeat[] {
  const rows = statement<{ boot: number; second: number; members: Buffer }>(db, IDS_OF_ROW_SQL).all(denial);
  return rows.flatMap(({ boot, second, members }) => decode(boot, second, members));
}

/** Forgets that the row stands for more, and what these were; answers how many denials it stood for, with its own. */
export function removeRepeats(db: Database, denial: number): number {
  statement(db, 'DELETE FROM repeat_ids WHERE denial = ?').run(denial);
  return removeCount(db, denial);
}

/** The same for a row that was too old, of which some may come again that are not: what these were stays known. */
export function detachRepeats(db: Database, denial: number): number {
  statement(db, 'UPDATE repeat_ids SET denial = NULL WHERE denial = ?').run(denial);
  return removeCount(db, denial);
}

function removeCount(db: Database, denial: number): number {
  const remove = statement<{ count: number }>(db, 'DELETE FROM repeats WHERE denial = ? RETURNING count');
  return remove.get(denial)?.count ?? 1;
}

/** Forgets what is refused as too old anyway; `rowsMax` at a time. Answers how many rows. */
export function forgetRepeatsBefore(db: Database, ms: number, origins: 'live' | 'all', rowsMax: number): number {
  const condition = origins === 'all' ? '1' : 'is_replay = 0';
  const sql = `DELETE FROM repeat_ids WHERE second < ? AND denial IS NULL AND ${condition} LIMIT ${rowsMax}`;
  return statement(db, sql).run(secondOf(ms)).changes;
}

/** All of the second of a repeat go into one row. */
export function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

function idOf({ boot, ms, serial, index }: Repeat): string {
  return `${boot} ${ms} ${serial} ${index}`;
}

function toMember({ ms, index }: Repeat): number {
  return (ms - secondOf(ms) * 1_000) * INDEXES + index;
}

function encode(repeats: readonly Repeat[]): Buffer {
  const members = Buffer.allocUnsafe(repeats.length * MEMBER_BYTES);
  for (const [i, repeat] of repeats.entries()) {
    members.writeUInt32LE(repeat.serial, i * MEMBER_BYTES);
    members.writeUInt16LE(toMember(repeat), i * MEMBER_BYTES + 4);
  }
  return members;
}

function decode(boot: number, second: number, members: Buffer): readonly Repeat[] {
  return Array.from({ length: Math.floor(members.length / MEMBER_BYTES) }, (_, i) => {
    const member = members.readUInt16LE(i * MEMBER_BYTES + 4);
    return {
      boot,
      ms: second * 1_000 + Math.floor(member / INDEXES),
      serial: members.readUInt32LE(i * MEMBER_BYTES),
      index: member % INDEXES,
    };
  });
}

/** They stand in the order of their serials. */
function hasMember(members: Buffer, serial: number, member: number): boolean {
  let [low, high] = [0, Math.floor(members.length / MEMBER_BYTES)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (members.readUInt32LE(middle * MEMBER_BYTES) < serial) low = middle + 1;
    else high = middle;
  }
  for (let at = low * MEMBER_BYTES; at < members.length; at += MEMBER_BYTES) {
    if (members.readUInt32LE(at) !== serial) return false;
    if (members.readUInt16LE(at + 4) === member) return true;
  }
  return false;
}
