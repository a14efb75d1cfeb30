// Moves what was committed from the write-ahead log into the database file (a checkpoint), beside the connection that
// writes. It holds up nobody: writers go on, and readers keep what they see. When all of the log was moved and nobody
// reads from it any more, the next writer begins it anew, so that it does not grow.
import type { Database } from './open.ts';

/** What has to wait in the log before it is moved: fewer and larger moves write pages that change often less often. */
const PAGES_MIN = 8_000;
/** A log of so many pages should begin anew soon: then the least that is not moved yet is worth it. */
const LONG_PAGES = 24_000;
/** Commits that come in meanwhile are moved too, so many times in a row. */
const ROUNDS_MAX = 4;

/** Beyond this whoever can wait should: more than a connection lets its log become that moves it by itself (open.ts). */
const WAIT_PAGES = 32_000;

/** In pages. */
export interface LogState {
  readonly written: number;
  readonly moved: number;
}

export class LogMover {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Moves what is in the log where that is enough to be worth it; false where some of it had to stay. Throws what SQLite does. */
  look(): boolean {
    const { written, moved } = logState(this.#db);
    if (written - moved < (written < LONG_PAGES ? PAGES_MIN : 1)) return true;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const after = checkpoint(this.#db, 'PASSIVE');
      if (after.moved === after.written) return true;
    }
    return false;
  }
}

/** Whether the log is long and has not been moved, as somebody reads for long or the disk is slow. */
export function isLogBehind(db: Database): boolean {
  const { written, moved } = logState(db);
  return written >= WAIT_PAGES && moved < written;
}

/** Looks without moving anything. */
export function logState(db: Database): LogState {
  return checkpoint(db, 'NOOP');
}

function checkpoint(db: Database, mode: 'NOOP' | 'PASSIVE'): LogState {
  const [row] = db.pragma(`wal_checkpoint(${mode})`) as readonly {
    readonly log: number;
    readonly checkpointed: number;
  }[];
  return { written: row?.log ?? 0, moved: row?.checkpointed ?? 0 };
}
