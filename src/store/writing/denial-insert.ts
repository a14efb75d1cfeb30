// The last step of a denial's way into the table: whether it is new, its slot, its row or the row of a flood that it goes
// into, the rollups and the look-up by event.id. What leads here is in denial-rows.ts (from a document) and
// planned-denials.ts (from a stencil). Works within the writer's transaction: `begin`, `flush`, `clear` as in
// document-rows.ts.
import type { Statement } from 'better-sqlite3';
import { FLAG_CANARY, FLAG_REPLAY } from '../columns/common-columns.ts';
import { indexOfFlags, spillOfFlags, toDenialFlags } from '../columns/denial-flags.ts';
import { toEventKey, toKey } from '../columns/event-key.ts';
import { FOREIGN_INDEX } from '../columns/record-index.ts';
import { Repeats, SERIAL_MAX, secondOf } from '../columns/repeats.ts';
import { firstSlot, millisecondOf, SlotAllocator, slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { IdRuns } from '../interning/id-runs.ts';
import type { IssueRegister } from '../interning/issue-register.ts';
import { RollupBatch } from '../rollups/rollups.ts';
import { FloodGuard } from './flood-guard.ts';
import { NewestDenials } from './newest-denials.ts';

/** What makes a denial's event.id. */
export interface DenialIdentity {
  readonly boot: number;
  readonly ms: number;
  readonly serial: number;
  /** FOREIGN_INDEX where the id is made of something else. */
  readonly index: number;
}

/** All of a row but its slot; columns and rows of other tables. */
export interface DenialRow extends DenialIdentity {
  /** Those of every kind (common-columns.ts). */
  readonly flags: number;
  readonly host: number;
  readonly domain: number;
  readonly issue: number;
  readonly blockers: number;
  readonly shape: number;
  readonly actor: number;
  readonly program: number | null;
  /** The user's id itself. */
  readonly uid: number | null;
  readonly object: number | null;
  readonly number: number | null;
  readonly pid: number | null;
  readonly parentPid: number | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  /** As denial-columns.ts writes them; null where there are none. */
  readonly argsText: string | null;
  readonly extra: string | null;
}

/** What is worked out for a row of its own, and not for one that goes into another's. */
export interface RowParts {
  /** The value of the column `args`. */
  args(): string | bigint | null;
  /** The reference of the records' text. */
  raw(): number | null;
  /** event.id, or its first 32 bits where they are known and the id is not foreign. */
  id(): string | number;
}

interface FloodRow {
  readonly id: number;
  readonly flags: number;
}

export const FLOOD_ROW_SQL = `
  SELECT id, flags
  FROM denials
  WHERE id = ? AND serial = ? AND domain = ? AND issue = ?`;

const INSERT_DENIAL = `
  INSERT INTO denials (
    id, flags, host, domain, serial, issue, shape, actor, object, number, pid, parent, source_port, destination_port,
    args, raw, extra
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Those that may be the same: of the millisecond's slots, and those that found no room in it. */
export const SAME_EVENT_SQL = `
  SELECT d.id, d.flags, m.boot
  FROM denials d
  JOIN domains m ON m.id = d.domain
  WHERE d.id >= ? AND d.id < ? AND d.serial = ?
  UNION ALL
  SELECT d.id, d.flags, m.boot
  FROM denials d
  JOIN domains m ON m.id = d.domain
  WHERE (d.id >> 8) - (d.flags >> 9) = ? AND d.serial = ? AND d.flags >= 512
  LIMIT ?`;

/** Hosts and boots that share a millisecond and a serial; someone who makes up more gets no further. */
const alikeMax = 1_024;

const TOO_MANY_ALIKE = 'document: too many others have its time and sequence';

export class DenialInsert {
  readonly #db: Database;
  readonly #rollups: RollupBatch;
  readonly #slots: SlotAllocator;
  readonly #ids: IdRuns;
  readonly #guard: FloodGuard;
  readonly #repeats: Repeats;
  readonly #newest = new NewestDenials();
  readonly #insert: Statement<unknown[]>;

  /** `floodPerMinute`: as FloodGuard has it. */
  constructor(db: Database, issues: IssueRegister, floodPerMinute: number) {
    this.#db = db;
    this.#guard = new FloodGuard(floodPerMinute);
    this.#repeats = new Repeats(db);
    this.#rollups = new RollupBatch(db, issues);
    this.#ids = new IdRuns(db);
    this.#insert = db.prepare(INSERT_DENIAL);
    this.#slots = new SlotAllocator((from, to) => {
      const last = statement<{ id: number | null }>(db, 'SELECT max(id) AS id FROM denials WHERE id >= ? AND id < ?');
      return last.get(from, to)?.id ?? undefined;
    });
  }

  begin(): void {
    const last = statement<{ id: number | null }>(this.#db, 'SELECT max(id) AS id FROM denials').get();
    this.#slots.begin(last?.id ?? Number.NEGATIVE_INFINITY);
    this.#newest.begin();
    this.#repeats.begin();
  }

  flush(): void {
    this.#repeats.flush();
    this.#rollups.flush();
    this.#ids.flush();
  }

  clear(): void {
    this.#guard.clear();
    this.#repeats.clear();
    this.#rollups.clear();
    this.#ids.clear();
    this.#slots.clear();
  }

  /** Whether a foreign id is stored already. */
  hasForeign(id: string): boolean {
    const { key, rest } = toEventKey(id);
    const find = statement(this.#db, 'SELECT 1 FROM foreign_ids WHERE event_key = ? AND event_rest = ?');
    return find.get(key, rest) !== undefined;
  }

  /** Whether one whose id is not foreign is stored already; a string where it never can be. */
  isThere(boot: number, ms: number, serial: number, index: number): boolean | string {
    if (this.#repeats.mayHave(boot, ms, serial) && this.#repeats.has({ boot, ms, serial, index })) return true;
    // Such an id is made of the time too, so at a time after all that is stored there cannot be the same one.
    if (this.#slots.isAfterAll(ms)) {
      this.#newest.open(ms);
      return false;
    }
    if (this.#newest.isOf(ms)) return this.#newest.has(boot, serial, index);
    return this.#isInTable(boot, ms, serial, index);
  }

  /** Stores a denial that is not there. Answers the millisecond of its slot; its own where it went into another's row. */
  put(row: DenialRow, parts: RowParts): number {
    const { ms, index, serial, domain, issue } = row;
    const isFlood = this.#guard.isFlood({ domain, issue, ms }) && index !== FOREIGN_INDEX && serial <= SERIAL_MAX;
    const common = isFlood ? commonText(row) : '';
    const into = isFlood ? this.#rowFor(common, domain, issue) : undefined;
    if (into !== undefined) {
      this.#repeat(row, into, parts.id());
      return ms;
    }
    const slot = this.#slots.take(ms);
    const seenMs = slotMs(slot);
    if (isFlood) this.#guard.setRow(common, { id: slot, serial });
    this.#insert.run(
      slot,
      toDenialFlags(row.flags, index, seenMs - ms),
      row.host,
      domain,
      serial,
      issue,
      row.shape,
      row.actor,
      row.object,
      row.number,
      row.pid,
      parentOf(row.pid, row.parentPid),
      row.sourcePort,
      row.destinationPort,
      parts.args(),
      parts.raw(),
      row.extra,
    );
    this.#keepId(parts.id(), index, slot);
    this.#newest.add(ms, row.boot, serial, index);
    this.#count(row, slot, seenMs);
    return seenMs;
  }

  #count(row: DenialRow, slot: number, ms: number): void {
    const isCanary = (row.flags & FLAG_CANARY) !== 0;
    this.#rollups.add({
      slot,
      ms,
      host: row.host,
      blockers: row.blockers,
      program: row.program,
      uid: row.uid,
      isCanary,
      issue: row.issue,
    });
  }

  /** The row that a denial of a flood goes into; it may be gone by now, and its place taken. */
  #rowFor(common: string, domain: number, issue: number): FloodRow | undefined {
    const guarded = this.#guard.rowOf(common);
    if (guarded === undefined) return undefined;
    const find = statement<FloodRow>(this.#db, FLOOD_ROW_SQL);
    const row = find.get(guarded.id, guarded.serial, domain, issue);
    return row === undefined || indexOfFlags(row.flags) === FOREIGN_INDEX ? undefined : row;
  }

  #repeat(denial: DenialRow, row: FloodRow, id: string | number): void {
    const { boot, ms, serial, index } = denial;
    const isReplay = (row.flags & FLAG_REPLAY) !== 0;
    const rowMs = slotMs(row.id) - spillOfFlags(row.flags);
    this.#repeats.add({ denial: row.id, ms: rowMs, isReplay }, { boot, ms, serial, index });
    this.#keepId(id, index, row.id);
    this.#count(denial, row.id, ms);
  }

  #keepId(id: string | number, index: number, slot: number): void {
    if (index !== FOREIGN_INDEX) {
      this.#ids.add(typeof id === 'number' ? id : toKey(id), slot);
      return;
    }
    const { key, rest } = toEventKey(String(id));
    const insert = statement(this.#db, 'INSERT INTO foreign_ids (event_key, event_rest, denial) VALUES (?, ?, ?)');
    insert.run(key, rest, slot);
  }

  #isInTable(boot: number, ms: number, serial: number, index: number): boolean | string {
    const first = firstSlot(ms);
    const find = statement<{ id: number; flags: number; boot: number }>(this.#db, SAME_EVENT_SQL);
    const alike = find.all(first, firstSlot(ms + 1), serial, millisecondOf(first), serial, alikeMax);
    for (const row of alike) {
      if (row.boot !== boot || indexOfFlags(row.flags) !== index) continue;
      if (slotMs(row.id) - spillOfFlags(row.flags) === ms) return true;
    }
    return alike.length >= alikeMax ? TOO_MANY_ALIKE : false;
  }
}

/** All that denials of a flood must have in common to go into one row. */
function commonText(row: DenialRow): string {
  const { domain, issue, shape, actor, object, flags, number, pid, parentPid, sourcePort, destinationPort } = row;
  const ports = [sourcePort, destinationPort];
  const numbers = [domain, issue, shape, actor, object, secondOf(row.ms), flags, number, pid, parentPid, ...ports];
  return JSON.stringify([numbers, row.argsText, row.extra]);
}

/** Mostly a small number, which takes less room than the parent's own. */
function parentOf(pid: number | null, parentPid: number | null): number | null {
  return parentPid === null ? null : (pid ?? 0) - parentPid;
}
