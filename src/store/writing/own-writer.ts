// The writer for documents of this process's own decoder, whose shape need not be checked: one by one into a
// transaction that is open until `commit`, so that none of them is kept. For `import`; what comes over the wire goes
// through EventWriter.
import type { AnyDocument } from '../../landlock/document.ts';
import type { DocumentPlan, EventValues } from '../../landlock/stencil/stencil-documents.ts';
import { checkDocument } from '../columns/check-document.ts';
import { timeMs } from '../columns/check-parts.ts';
import { dropIndexesOfNothing, makeIndexes } from '../database/deferred-indexes.ts';
import type { Database } from '../database/open.ts';
import { StoreError, toStoreError } from '../database/store-error.ts';
import { DocumentRows } from './document-rows.ts';
import type { WriterOptions } from './event-writer.ts';
import type { PlannedAt } from './planned-denials.ts';
import { RAW_LENGTH_MAX, RAW_TOO_LONG } from './raw-blocks.ts';

/** Documents after which an index that is missing is made: bounds the memory and the time that making it takes. */
const unindexedMax = 1_000_000;

export class OwnWriter {
  readonly #db: Database;
  readonly #rows: DocumentRows;
  #isOpen = false;
  /** Documents of the open transaction. */
  #pending = 0;
  /** Documents that were added without all indexes; undefined where none is missing. */
  #unindexed: number | undefined;
  #hasBegun = false;
  duplicates = 0;
  rejected = 0;
  /** Why the first of them was. */
  rejectedReason = '';

  constructor(db: Database, { floodPerMinute = 0 }: WriterOptions = {}) {
    this.#db = db;
    this.#rows = new DocumentRows(db, floodPerMinute);
  }

  /** Documents since the last commit. While there are any, nobody else can write to the database. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Stores one document, unless it is there; the parts that documents share (users, programs, blockers) must never
   * change. `raw` and `nowMs` as for EventWriter. Throws StoreError: what was added since the last commit is lost.
   */
  add(doc: AnyDocument, raw: string | undefined, nowMs: number): void {
    this.#guard(() => {
      this.#begin();
      const outcome = this.#store(doc, raw, nowMs);
      if (typeof outcome === 'string') {
        this.rejected += 1;
        this.rejectedReason ||= outcome;
      } else if (!outcome.isNew) this.duplicates += 1;
      this.#pending += 1;
    });
  }

  /** The same for a document that was not made yet. False, and nothing was done: it has to be. */
  addPlanned(plan: DocumentPlan, event: EventValues, at: PlannedAt): boolean {
    try {
      this.#begin();
      const outcome = this.#rows.addPlanned(plan, event, at);
      if (outcome === undefined) return false;
      if (!outcome.isNew) this.duplicates += 1;
      this.#pending += 1;
      return true;
    } catch (error) {
      throw this.#undone(error);
    }
  }

  /** Answers when all that was added is on disk (as far as SQLite's synchronous=NORMAL has it). Throws StoreError. */
  commit(): void {
    if (!this.#isOpen) return;
    this.#guard(() => {
      this.#rows.flush();
      this.#db.exec('COMMIT');
      this.#isOpen = false;
      if (this.#unindexed !== undefined) this.#unindexed += this.#pending;
      this.#pending = 0;
    });
    if (this.#unindexed !== undefined && this.#unindexed >= unindexedMax) this.#index();
  }

  /** Commits and makes the indexes that were left for the end. Throws StoreError. */
  finish(): void {
    this.commit();
    if (this.#unindexed !== undefined) this.#index();
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#db.exec('BEGIN IMMEDIATE');
    this.#isOpen = true;
    if (!this.#hasBegun) this.#unindexed = dropIndexesOfNothing(this.#db) ? 0 : undefined;
    this.#hasBegun = true;
    this.#rows.begin();
  }

  #index(): void {
    this.#guard(() => makeIndexes(this.#db));
    this.#unindexed = undefined;
  }

  #store(doc: AnyDocument, raw: string | undefined, nowMs: number): ReturnType<DocumentRows['add']> {
    // A log can say any time at all.
    const time = doc['@timestamp'];
    if (time !== undefined && timeMs(time) === undefined) return 'document.@timestamp: cannot be stored';
    if (raw !== undefined && raw.length > RAW_LENGTH_MAX) return RAW_TOO_LONG;
    try {
      return this.#rows.add(doc, raw, nowMs, true);
    } catch (error) {
      if (toStoreError(error, '') instanceof StoreError) throw error;
      // Something in it fits no column (the statement alone failed): the check says what.
      const checked = checkDocument(doc);
      if (typeof checked === 'string') return checked;
      throw error;
    }
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw this.#undone(error);
    }
  }

  /** What to throw, when all since the last commit is lost. */
  #undone(error: unknown): unknown {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#rows.clear();
    this.#isOpen = false;
    this.#pending = 0;
    return toStoreError(error, this.#db.name);
  }
}
