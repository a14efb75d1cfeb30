// Turns one denial into its row, unless it is there already, and keeps what depends on it in step: interned texts, its
// issue, the rollups, the look-up by event.id. Works within the writer's transaction: `begin`, `flush`, `clear` as in
// document-rows.ts.
import type { Statement } from 'better-sqlite3';
import type { Denial } from '../landlock/document.ts';
import { FLAG_CANARY, FLAG_REPLAY } from './common-columns.ts';
import { type DenialParts, splitDenial } from './denial-columns.ts';
import { indexOfFlags, spillOfFlags, toDenialFlags } from './denial-flags.ts';
import { DenialTexts } from './denial-texts.ts';
import type { Dictionaries } from './dictionaries.ts';
import { toEventKey, toKey } from './event-key.ts';
import { EXTRA_LENGTH_MAX } from './extra.ts';
import { FloodGuard } from './flood-guard.ts';
import { IdRuns } from './id-runs.ts';
import { IssueRegister } from './issue-register.ts';
import type { Database } from './open.ts';
import type { BootPlace } from './place-register.ts';
import { FOREIGN_INDEX, RecordIndexes } from './record-index.ts';
import { Repeats, SERIAL_MAX, secondOf } from './repeats.ts';
import { RollupBatch, type RollupKey } from './rollups.ts';
import { firstSlot, millisecondOf, SlotAllocator, slotMs } from './slot.ts';
import { statement } from './statement.ts';

/** A denial that was stored. */
export interface StoredDenial {
  readonly domain: number;
  /** The millisecond of its slot; its own where it went into the row of another. */
  readonly seenMs: number;
  readonly flags: number;
}

/** Where and when a denial is. */
interface DenialAt {
  readonly place: BootPlace;
  readonly ms: number;
  readonly index: number;
  readonly isOwn: boolean;
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

const TOO_MUCH = `document: more than ${EXTRA_LENGTH_MAX} characters in members without a column`;
const TOO_MANY_ALIKE = 'document: too many others have its time and sequence';

export class DenialRows {
  readonly #db: Database;
  readonly #texts: Dictionaries;
  readonly #denialTexts: DenialTexts;
  readonly #issues: IssueRegister;
  readonly #rollups: RollupBatch;
  readonly #slots: SlotAllocator;
  readonly #ids: IdRuns;
  readonly #guard: FloodGuard;
  readonly #repeats: Repeats;
  readonly #indexes = new RecordIndexes();
  /** A millisecond that no denial had before this transaction, and the ids of those that have it now. */
  #newestMs: number | undefined;
  readonly #newestIds = new Set<string>();
  readonly #insert: Statement<unknown[]>;

  /** `floodPerMinute`: as FloodGuard has it. */
  constructor(db: Database, texts: Dictionaries, floodPerMinute: number) {
    this.#db = db;
    this.#texts = texts;
    this.#guard = new FloodGuard(floodPerMinute);
    this.#repeats = new Repeats(db);
    this.#denialTexts = new DenialTexts(texts);
    this.#issues = new IssueRegister(db, texts);
    this.#rollups = new RollupBatch(db);
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
    this.#newestMs = undefined;
    this.#repeats.begin();
  }

  flush(): void {
    this.#repeats.flush();
    this.#rollups.flush();
    this.#ids.flush();
  }

  clear(): void {
    this.#issues.clear();
    this.#guard.clear();
    this.#repeats.clear();
    this.#rollups.clear();
    this.#ids.clear();
    this.#denialTexts.clear();
    this.#slots.clear();
  }

  /**
   * Where and whether `doc` is new: its record's index, undefined where it is stored already, a string where it never
   * can be. `ms` is its time.
   */
  place(doc: Denial, ms: number, boot: number): number | undefined | string {
    const { id, sequence: serial } = doc.event;
    const index = this.#indexes.find({ hostId: doc.host.id, bootId: doc.host.boot.id, ms, serial }, id);
    if (index === FOREIGN_INDEX) return this.#hasForeign(id) ? undefined : index;
    if (this.#repeats.mayHave(boot, ms)) {
      if (this.#repeats.has({ boot, ms, serial, index })) return undefined;
      return this.#isThere(ms, serial, boot, index);
    }
    // Such an id is made of the time too, so at a time after all that is stored there cannot be the same one.
    if (this.#slots.isAfterAll(ms)) {
      this.#newestMs = ms;
      this.#newestIds.clear();
      return index;
    }
    if (ms === this.#newestMs) return this.#newestIds.has(id) ? undefined : index;
    return this.#isThere(ms, serial, boot, index);
  }

  /** Stores a denial that `place` gave `index` for. `domainOf` answers its domain's row and is called last. */
  add(
    doc: Denial,
    at: DenialAt,
    refer: { readonly domain: () => number; readonly raw: () => number | null },
  ): StoredDenial | string {
    const { place, ms, index, isOwn } = at;
    const texts = this.#denialTexts;
    const blockers = texts.blockers(doc, isOwn);
    const reason = texts.reason(doc, blockers);
    const parts = splitDenial(doc, place, reason !== undefined);
    if (parts.extra !== null && parts.extra.length > EXTRA_LENGTH_MAX) return TOO_MUCH;
    const domain = refer.domain();
    const isCanary = (parts.flags & FLAG_CANARY) !== 0;
    const shape = texts.shape(doc, parts.form, blockers, reason ?? texts.noReason(), isOwn);
    const actor = texts.actor(doc, parts.program, parts.comm);
    const object = this.#texts.strings.idOrNull(parts.object);
    const { program, uid } = actor;
    const issue = this.#issues.idOf(doc, { shape, program, object, parts, isCanary });
    const rollupKey = { host: place.host, blockers, program, uid, isCanary, issue };
    const isFlood = this.#guard.isFlood({ domain, issue, ms }) && canRepeat(doc, index);
    const common = isFlood ? commonText(doc, parts, [domain, issue, shape, actor.id, object, secondOf(ms)]) : '';
    const into = isFlood ? this.#rowFor(common, { domain, issue }) : undefined;
    if (into !== undefined) {
      this.#repeat(doc.event, into, at, rollupKey);
      return { domain, seenMs: ms, flags: parts.flags };
    }
    const slot = this.#slots.take(ms);
    const seenMs = slotMs(slot);
    if (isFlood) this.#guard.setRow(common, { id: slot, serial: doc.event.sequence });
    this.#insert.run(
      slot,
      toDenialFlags(parts.flags, index, seenMs - ms),
      place.host,
      domain,
      doc.event.sequence,
      issue,
      shape,
      actor.id,
      object,
      parts.number,
      parts.pid,
      parentOf(parts),
      parts.sourcePort,
      parts.destinationPort,
      texts.args(doc.process?.args, parts.program),
      refer.raw(),
      parts.extra,
    );
    this.#keepId(doc.event.id, index, slot);
    if (ms === this.#newestMs) this.#newestIds.add(doc.event.id);
    this.#rollups.add({ slot, ms: seenMs, ...rollupKey });
    return { domain, seenMs, flags: parts.flags };
  }

  /** The row that a denial of a flood goes into; it may be gone by now, and its place taken. */
  #rowFor(
    common: string,
    { domain, issue }: { readonly domain: number; readonly issue: number },
  ): FloodRow | undefined {
    const guarded = this.#guard.rowOf(common);
    if (guarded === undefined) return undefined;
    const find = statement<FloodRow>(this.#db, FLOOD_ROW_SQL);
    const row = find.get(guarded.id, guarded.serial, domain, issue);
    return row === undefined || indexOfFlags(row.flags) === FOREIGN_INDEX ? undefined : row;
  }

  #repeat(event: Denial['event'], row: FloodRow, at: DenialAt, rollupKey: Omit<RollupKey, 'slot' | 'ms'>): void {
    const { place, ms, index } = at;
    const isReplay = (row.flags & FLAG_REPLAY) !== 0;
    const rowMs = slotMs(row.id) - spillOfFlags(row.flags);
    const repeat = { boot: place.boot, ms, serial: event.sequence, index };
    this.#repeats.add({ denial: row.id, ms: rowMs, isReplay }, repeat);
    this.#ids.add(toKey(event.id), row.id);
    this.#rollups.add({ slot: row.id, ms, ...rollupKey });
  }

  #keepId(id: string, index: number, slot: number): void {
    if (index !== FOREIGN_INDEX) {
      this.#ids.add(toKey(id), slot);
      return;
    }
    const { key, rest } = toEventKey(id);
    const insert = statement(this.#db, 'INSERT INTO foreign_ids (event_key, event_rest, denial) VALUES (?, ?, ?)');
    insert.run(key, rest, slot);
  }

  #hasForeign(id: string): boolean {
    const { key, rest } = toEventKey(id);
    const find = statement(this.#db, 'SELECT 1 FROM foreign_ids WHERE event_key = ? AND event_rest = ?');
    return find.get(key, rest) !== undefined;
  }

  #isThere(ms: number, serial: number, boot: number, index: number): number | undefined | string {
    const first = firstSlot(ms);
    const find = statement<{ id: number; flags: number; boot: number }>(this.#db, SAME_EVENT_SQL);
    const alike = find.all(first, firstSlot(ms + 1), serial, millisecondOf(first), serial, alikeMax);
    for (const row of alike) {
      if (row.boot !== boot || indexOfFlags(row.flags) !== index) continue;
      if (slotMs(row.id) - spillOfFlags(row.flags) === ms) return undefined;
    }
    return alike.length >= alikeMax ? TOO_MANY_ALIKE : index;
  }
}

/** Whether it can be known again without a row of its own. */
function canRepeat(doc: Denial, index: number): boolean {
  return index !== FOREIGN_INDEX && doc.event.sequence <= SERIAL_MAX;
}

/** All that denials of a flood must have in common to go into one row; `rows`: of the store, and the second. */
function commonText(doc: Denial, parts: DenialParts, rows: readonly (number | null)[]): string {
  const { flags, number, pid, parentPid, sourcePort, destinationPort, extra } = parts;
  const numbers = [...rows, flags, number, pid, parentPid, sourcePort, destinationPort];
  return JSON.stringify([numbers, doc.process?.args, extra]);
}

/** Mostly a small number, which takes less room than the parent's own. */
function parentOf({ pid, parentPid }: DenialParts): number | null {
  return parentPid === null ? null : (pid ?? 0) - parentPid;
}
