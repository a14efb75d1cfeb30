// Turns one checked document into its row, unless it is there already, and keeps all that depends on it (dictionaries,
// raw text, sums, rollups) in step. Works within the writer's transaction: `flush` before its commit, `clear` after
// a rollback.

import type {
  AnyDocument,
  Denial,
  DomainAllocated,
  DomainDeallocated,
  Gap,
  HostFields,
  Malformed,
} from '../../landlock/document.ts';
import type { DocumentPlan, EventValues } from '../../landlock/stencil/stencil-documents.ts';
import { timeMs } from '../columns/check-parts.ts';
import { FLAG_CANARY, FLAG_REPLAY } from '../columns/common-columns.ts';
import { splitDomainEvent } from '../columns/domain-event-columns.ts';
import { type EventKey, toEventKey } from '../columns/event-key.ts';
import { EXTRA_LENGTH_MAX } from '../columns/extra.ts';
import { splitGap, splitMalformed } from '../columns/notice-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { type Dictionaries, openDictionaries } from '../interning/dictionaries.ts';
import { IssueRegister } from '../interning/issue-register.ts';
import { countRemoved, RetentionMarks, writerRowsGone } from '../retention-marks.ts';
import type { DeniedTo } from '../rollups/domain-sums.ts';
import { PackageSums } from '../rollups/package-sums.ts';
import { DenialInsert } from './denial-insert.ts';
import { DenialRows, type StoredDenial } from './denial-rows.ts';
import { DenialTexts } from './denial-texts.ts';
import { type BootPlace, PlaceRegister } from './place-register.ts';
import { type PlannedAt, PlannedDenials } from './planned-denials.ts';
import { RawBlockWriter } from './raw-blocks.ts';
import { SandboxRows } from './sandbox-rows.ts';

export interface Stored {
  readonly isNew: boolean;
}

interface LeftRaw {
  readonly boot: number;
  readonly ms: number;
  readonly serial: number;
  readonly raw: string;
}

const NEW: Stored = { isNew: true };
const DUPLICATE: Stored = { isNew: false };

const INSERT_DOMAIN_EVENT = `
  INSERT INTO domain_events (
    event_key, event_rest, at_ms, serial, flags, domain, is_allocation, mode, creator_pid, creator_uid,
    creator_executable, creator_name, total, raw, extra
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_MALFORMED = `
  INSERT INTO malformed (
    event_key, event_rest, seen_ms, at_ms, flags, host, boot, reason, text, file, line, byte, raw, extra
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_GAP = `
  INSERT INTO gaps (
    event_key, event_rest, seen_ms, since_ms, flags, host, boot, cause, count, first, last, raw, extra
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const TOO_MUCH = `document: more than ${EXTRA_LENGTH_MAX} characters in members without a column`;

const TOO_OLD = 'document: older than what is kept of its kind; the same one may have been stored and removed';

export class DocumentRows {
  readonly #db: Database;
  readonly #places: PlaceRegister;
  readonly #texts: Dictionaries;
  readonly #insert: DenialInsert;
  readonly #denialTexts: DenialTexts;
  readonly #issues: IssueRegister;
  readonly #denials: DenialRows;
  readonly #planned: PlannedDenials;
  readonly #raws: RawBlockWriter;
  readonly #sandbox: SandboxRows;
  readonly #packages: PackageSums;
  #marks: RetentionMarks;
  /** Of writerRowsGone. */
  #rowsGone: number;
  #left: LeftRaw | undefined;
  #tooOld = 0;
  #tooOldMs = 0;

  /** `floodPerMinute`: as FloodGuard has it. */
  constructor(db: Database, floodPerMinute: number) {
    this.#db = db;
    this.#places = new PlaceRegister(db);
    this.#texts = openDictionaries(db);
    this.#raws = new RawBlockWriter(db);
    this.#denialTexts = new DenialTexts(this.#texts);
    this.#issues = new IssueRegister(db, this.#texts);
    this.#insert = new DenialInsert(db, this.#issues, floodPerMinute);
    const tables = {
      texts: this.#texts,
      denialTexts: this.#denialTexts,
      issues: this.#issues,
      insert: this.#insert,
    };
    this.#denials = new DenialRows(tables);
    this.#planned = new PlannedDenials(tables, this.#places, this.#raws);
    this.#sandbox = new SandboxRows(db, {
      places: this.#places,
      texts: this.#texts,
      addRaw: (raw, nowMs) => this.#addRaw(raw, nowMs),
    });
    this.#packages = new PackageSums(db);
    this.#marks = new RetentionMarks(db);
    this.#rowsGone = writerRowsGone(db);
  }

  /** To be called first in a transaction. */
  begin(): void {
    this.#marks = new RetentionMarks(this.#db);
    const rowsGone = writerRowsGone(this.#db);
    // Retention may have taken what is at hand here, also from another process.
    if (rowsGone !== this.#rowsGone) this.clear();
    this.#rowsGone = rowsGone;
    this.#issues.begin();
    this.#insert.begin();
  }

  /** Stores `doc` unless it is there; a string says why it never can be. `isOwn`: of this process's decoder. */
  add(doc: AnyDocument, raw: string | undefined, nowMs: number, isOwn: boolean): Stored | string {
    if (!this.#marks.isEmpty && this.#marks.isTooOld(doc, timeMs(doc['@timestamp']) ?? nowMs)) {
      this.#tooOld += 1;
      this.#tooOldMs = nowMs;
      return TOO_OLD;
    }
    if (doc.kind === 'denial') return this.#addDenial(doc, raw, nowMs, isOwn);
    const key = toEventKey(doc.event.id);
    switch (doc.kind) {
      case 'domain-allocated':
      case 'domain-deallocated':
        return this.#addDomainEvent(doc, key, raw, nowMs);
      case 'malformed':
        return this.#addMalformed(doc, key, raw, nowMs);
      case 'gap':
        return this.#addGap(doc, key, raw, nowMs);
      case 'domain-created':
      case 'sandbox-call':
        return this.#sandbox.add(doc, key, raw, nowMs);
    }
  }

  /**
   * Stores the denial of this number in the event, unless it is there, without its document: `plan` would make it.
   * undefined, and nothing was done: it has to be added as a document.
   */
  addPlanned(plan: DocumentPlan, event: EventValues, at: PlannedAt): Stored | undefined {
    if (!this.#marks.isEmpty) return undefined;
    const stored = this.#planned.add(plan, event, at);
    if (stored === undefined) return undefined;
    if (stored === null) return DUPLICATE;
    const { place, isRawKept } = stored;
    if (!isRawKept && at.document === 0) {
      const { scan, records } = event;
      const ms = scan.seconds * 1000 + scan.millis;
      this.#left = { boot: place.boot, ms, serial: scan.serial, raw: records.text() };
    }
    this.#sawDenial(place, event.host, stored, stored);
    return NEW;
  }

  flush(): void {
    this.#raws.flush();
    this.#insert.flush();
    this.#sandbox.flush();
    this.#packages.flush();
    this.#places.flush();
    countRemoved(this.#db, 'too_old', this.#tooOld, this.#tooOldMs);
    this.#tooOld = 0;
  }

  clear(): void {
    this.#raws.clear();
    this.#insert.clear();
    this.#denialTexts.clear();
    this.#issues.clear();
    this.#planned.clear();
    this.#sandbox.clear();
    this.#packages.clear();
    this.#places.clear();
    this.#texts.clear();
    this.#left = undefined;
    this.#tooOld = 0;
  }

  #addDenial(doc: Denial, raw: string | undefined, nowMs: number, isOwn: boolean): Stored | string {
    const ms = timeMs(doc['@timestamp']) ?? nowMs;
    const place = this.#places.boot(doc.host, ms);
    const index = this.#denials.place(doc, ms, place.boot);
    if (typeof index !== 'number') return index ?? DUPLICATE;
    const at = { place, ms, index, isOwn };
    const event = { boot: place.boot, ms, serial: doc.event.sequence };
    let isRawKept = false;
    const stored = this.#denials.add(doc, at, {
      domain: () => this.#places.domain(place, doc.landlock.domain.id, ms),
      raw: () => {
        isRawKept = true;
        return this.#addRaw(raw ?? this.#leftRaw(event), nowMs);
      },
    });
    if (typeof stored === 'string') return stored;
    if (!isRawKept && raw !== undefined) this.#left = { ...event, raw };
    const { process } = doc;
    const owner = this.#texts.package(doc.package);
    if (owner !== 0 && (stored.flags & FLAG_CANARY) === 0) {
      this.#packages.add({ package: owner, host: place.host, issue: stored.issue, ms: stored.seenMs });
    }
    this.#sawDenial(place, doc.host, stored, {
      isLogged: doc.landlock.logged !== false,
      pid: process?.pid,
      parentPid: process?.parent?.pid,
      ancestry: process?.ancestry,
    });
    return NEW;
  }

  #sawDenial(place: BootPlace, host: HostFields, { domain, seenMs, flags }: StoredDenial, process: DeniedTo): void {
    const isCanary = (flags & FLAG_CANARY) !== 0;
    this.#places.saw(place, host, seenMs, (flags & FLAG_REPLAY) !== 0);
    this.#places.sawDenial(place, seenMs, isCanary);
    this.#places.domainSums.addDenial(domain, seenMs, isCanary, process);
  }

  #addDomainEvent(
    doc: DomainAllocated | DomainDeallocated,
    key: EventKey,
    raw: string | undefined,
    nowMs: number,
  ): Stored | string {
    if (this.#has('domain_events', key)) return DUPLICATE;
    const ms = timeMs(doc['@timestamp']) ?? nowMs;
    const place = this.#places.boot(doc.host, ms);
    const parts = splitDomainEvent(doc, place);
    if (parts.extra !== null && parts.extra.length > EXTRA_LENGTH_MAX) return TOO_MUCH;
    const domain = this.#places.domain(place, doc.landlock.domain.id, ms);
    const { strings } = this.#texts;
    const program = strings.idOrNull(parts.creatorExecutable);
    const row = statement(this.#db, INSERT_DOMAIN_EVENT).run(
      key.key,
      key.rest,
      ms,
      doc.event.sequence,
      parts.flags,
      domain,
      parts.isAllocation ? 1 : 0,
      parts.mode,
      parts.creatorPid,
      parts.creatorUid,
      program,
      strings.idOrNull(parts.creatorName),
      parts.total,
      this.#addRaw(raw, nowMs),
      parts.extra,
    );
    const event = Number(row.lastInsertRowid);
    const isCanary = (parts.flags & FLAG_CANARY) !== 0;
    const sums = this.#places.domainSums;
    if (parts.isAllocation) sums.addAllocation(domain, { event, ms }, isCanary, { ...parts.creator, program });
    else sums.addDeallocation(domain, event, ms, parts.total, isCanary);
    this.#places.saw(place, doc.host, ms, (parts.flags & FLAG_REPLAY) !== 0);
    return NEW;
  }

  #addMalformed(doc: Malformed, key: EventKey, raw: string | undefined, nowMs: number): Stored | string {
    if (this.#has('malformed', key)) return DUPLICATE;
    const seenMs = timeMs(doc['@timestamp']) ?? nowMs;
    const place = this.#places.boot(doc.host, seenMs);
    const parts = splitMalformed(doc, place);
    if (parts.extra !== null && parts.extra.length > EXTRA_LENGTH_MAX) return TOO_MUCH;
    statement(this.#db, INSERT_MALFORMED).run(
      key.key,
      key.rest,
      seenMs,
      parts.atMs,
      parts.flags,
      place.host,
      place.boot,
      doc.reason,
      doc.text,
      this.#texts.strings.idOrNull(parts.file),
      parts.line,
      parts.byte,
      this.#addRaw(raw, nowMs),
      parts.extra,
    );
    this.#places.saw(place, doc.host, seenMs, (parts.flags & FLAG_REPLAY) !== 0);
    this.#places.sawMalformed(place, seenMs);
    return NEW;
  }

  #addGap(doc: Gap, key: EventKey, raw: string | undefined, nowMs: number): Stored | string {
    if (this.#has('gaps', key)) return DUPLICATE;
    const seenMs = timeMs(doc['@timestamp']) ?? nowMs;
    const place = this.#places.boot(doc.host, seenMs);
    const parts = splitGap(doc, place);
    if (parts.extra !== null && parts.extra.length > EXTRA_LENGTH_MAX) return TOO_MUCH;
    statement(this.#db, INSERT_GAP).run(
      key.key,
      key.rest,
      seenMs,
      parts.sinceMs,
      parts.flags,
      place.host,
      place.boot,
      doc.cause,
      doc.count,
      doc.first ?? null,
      doc.last ?? null,
      this.#addRaw(raw, nowMs),
      parts.extra,
    );
    this.#places.saw(place, doc.host, seenMs, (parts.flags & FLAG_REPLAY) !== 0);
    return NEW;
  }

  /** The records that came with a denial that went into another's row: for one of the same event that does not. */
  #leftRaw({ boot, ms, serial }: Omit<LeftRaw, 'raw'>): string | undefined {
    const left = this.#left;
    this.#left = undefined;
    return left?.boot === boot && left.ms === ms && left.serial === serial ? left.raw : undefined;
  }

  #addRaw(raw: string | undefined, nowMs: number): number | null {
    return raw === undefined ? null : this.#raws.add(raw, nowMs);
  }

  #has(table: 'domain_events' | 'malformed' | 'gaps', key: EventKey): boolean {
    const find = statement(this.#db, `SELECT 1 FROM ${table} WHERE event_key = ? AND event_rest = ?`);
    return find.get(key.key, key.rest) !== undefined;
  }
}
