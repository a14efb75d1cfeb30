// The one writer: a batch of documents becomes rows in one transaction, each document once however often it comes and
// in whatever order. How a kind of document is taken apart is in *-columns.ts; where it belongs in place-register.ts.
// One EventWriter a database file; readers use connections of their own.
import type { AnyDocument } from '../../landlock/document.ts';
import { checkDocument } from '../columns/check-document.ts';
import type { Database } from '../database/open.ts';
import { toStoreError } from '../database/store-error.ts';
import { DocumentRows, type Stored } from './document-rows.ts';
import { RAW_LENGTH_MAX, RAW_TOO_LONG } from './raw-blocks.ts';

/** One document as it came: `write` checks it, so it may be anything that JSON.parse gave. */
export interface UncheckedLine {
  readonly doc: unknown;
  /** The event's records, one a line; with the first document of an event only. */
  readonly raw?: unknown;
}

/** Why the line at `index` will never be stored. */
export interface Rejection {
  readonly index: number;
  readonly reason: string;
}

export interface WriteResult {
  readonly stored: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
  /** The documents that were new, in the order of the lines. */
  readonly inserted: readonly AnyDocument[];
}

export interface WriterOptions {
  /** Denials of a domain and issue in a minute, beyond which identical ones share a row; 0: none ever do. */
  readonly floodPerMinute?: number;
}

export class EventWriter {
  readonly #db: Database;
  readonly #rows: DocumentRows;

  constructor(db: Database, { floodPerMinute = 0 }: WriterOptions = {}) {
    this.#db = db;
    this.#rows = new DocumentRows(db, floodPerMinute);
  }

  /**
   * Stores the lines in one transaction and answers after its commit. Throws StoreError (disk full, locked, …) with
   * nothing stored; the same lines may then be written again. `nowMs` is the time of documents without one. `together`
   * is done in the same transaction.
   */
  write(lines: readonly UncheckedLine[], nowMs: number, together?: () => void): WriteResult {
    const inserted: AnyDocument[] = [];
    const rejected: Rejection[] = [];
    let duplicates = 0;
    const store = this.#db.transaction(() => {
      this.#rows.begin();
      for (const [index, line] of lines.entries()) {
        const outcome = this.#writeLine(line, nowMs);
        if (typeof outcome === 'string') rejected.push({ index, reason: outcome });
        else if (outcome.isNew) inserted.push(outcome.doc);
        else duplicates += 1;
      }
      this.#rows.flush();
      together?.();
    });
    try {
      store.immediate();
    } catch (error) {
      this.#rows.clear();
      throw toStoreError(error, this.#db.name);
    }
    return { stored: inserted.length, duplicates, rejected, inserted };
  }

  #writeLine(line: UncheckedLine, nowMs: number): (Stored & { readonly doc: AnyDocument }) | string {
    const doc = checkDocument(line.doc);
    if (typeof doc === 'string') return doc;
    const { raw } = line;
    if (raw !== undefined && typeof raw !== 'string') return 'raw: not a string';
    if (raw !== undefined && raw.length > RAW_LENGTH_MAX) return RAW_TOO_LONG;
    const stored = this.#rows.add(doc, raw, nowMs, false);
    return typeof stored === 'string' ? stored : { ...stored, doc };
  }
}
