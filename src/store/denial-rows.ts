// Turns one denial into its row, unless it is there already, and keeps what depends on it in step: interned texts, its
// issue, the rollups, the look-up by event.id. Works within the writer's transaction: `begin`, `flush`, `clear` as in
// document-rows.ts.
import type { Statement } from 'better-sqlite3';
import type { Denial } from '../landlock/document.ts';
import { FLAG_CANARY } from './common-columns.ts';
import { type DenialParts, splitDenial } from './denial-columns.ts';
import { indexOfFlags, spillOfFlags, toDenialFlags } from './denial-flags.ts';
import { DenialTexts } from './denial-texts.ts';
import type { Dictionaries } from './dictionaries.ts';
import { toEventKey, toKey } from './event-key.ts';
import { EXTRA_LENGTH_MAX } from './extra.ts';
import { IdRuns } from './id-runs.ts';
import { IssueRegister } from './issue-register.ts';
import type { Database } from './open.ts';
import type { BootPlace } from './place-register.ts';
import { FOREIGN_INDEX, RecordIndexes } from './record-index.ts';
import { RollupBatch } from './rollups.ts';
import { firstSlot, millisecondOf, SlotAllocator, slotMs } from './slot.ts';
import { statement } from './statement.ts';

/** A denial that was stored. */
export interface StoredDenial {
  readonly domain: number;
  /** The millisecond of its slot. */
  readonly seenMs: number;
  readonly flags: number;
}

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
  WHERE (d.id >> 8) - (d.flags >> 8) = ? AND d.serial = ? AND d.flags >= 256
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
  readonly #indexes = new RecordIndexes();
  /** A millisecond that no denial had before this transaction, and the ids of those that have it now. */
  #newestMs: number | undefined;
  readonly #newestIds = new Set<string>();
  readonly #insert: Statement<unknown[]>;

  constructor(db: Database, texts: Dictionaries) {
    this.#db = db;
    this.#texts = texts;
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
  }

  flush(): void {
    this.#rollups.flush();
    this.#ids.flush();
  }

  clear(): void {
    this.#issues.clear();
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
    at: { readonly place: BootPlace; readonly ms: number; readonly index: number; readonly isOwn: boolean },
    refer: { readonly domain: () => number; readonly raw: () => number | null },
  ): StoredDenial | string {
    const { place, ms, index, isOwn } = at;
    const texts = this.#denialTexts;
    const blockers = texts.blockers(doc, isOwn);
    const reason = texts.reason(doc, blockers);
    const parts = splitDenial(doc, place, reason !== undefined);
    if (parts.extra !== null && parts.extra.length > EXTRA_LENGTH_MAX) return TOO_MUCH;
    const domain = refer.domain();
    const slot = this.#slots.take(ms);
    const seenMs = slotMs(slot);
    const isCanary = (parts.flags & FLAG_CANARY) !== 0;
    const shape = texts.shape(doc, parts.form, blockers, reason ?? texts.noReason(), isOwn);
    const actor = texts.actor(doc, parts.program, parts.comm);
    const object = this.#texts.strings.idOrNull(parts.object);
    const { program, uid } = actor;
    const issue = this.#issues.idOf(doc, { shape, program, object, parts, isCanary, seenMs });
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
    this.#rollups.add({ slot, host: place.host, blockers, program, uid, isCanary, issue });
    return { domain, seenMs, flags: parts.flags };
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

/** Mostly a small number, which takes less room than the parent's own. */
function parentOf({ pid, parentPid }: DenialParts): number | null {
  return parentPid === null ? null : (pid ?? 0) - parentPid;
}
