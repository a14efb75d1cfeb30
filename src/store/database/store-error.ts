// The mistakes of the store that a person can mend, with what to do about each. Everything else that SQLite
// throws is a bug of ours and passes unchanged. Questions that make no sense are values: see refused.ts.
import BetterSqlite3 from 'better-sqlite3';

export type StoreErrorCode =
  | 'database-newer'
  | 'database-older'
  | 'database-history-differs'
  | 'database-foreign'
  | 'database-corrupt'
  | 'database-locked'
  | 'database-missing'
  | 'database-directory-missing'
  | 'database-permission'
  | 'database-read-only'
  | 'database-io'
  | 'database-in-use'
  | 'file-exists'
  | 'disk-full';

/** An operating error of the store. `message` says what and where, `mend` what to do now. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly mend: string;

  constructor(code: StoreErrorCode, message: string, mend: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.code = code;
    this.mend = mend;
  }
}

interface Known {
  readonly code: StoreErrorCode;
  readonly what: string;
  readonly mend: string;
}

const FULL: Known = { code: 'disk-full', what: 'the disk is full', mend: 'free some space; work resumes by itself' };

/** By the beginning of SQLite's result code (https://www.sqlite.org/rescode.html); the first that fits. */
const KNOWN: readonly (readonly [string, Known])[] = [
  ['SQLITE_FULL', FULL],
  // No room for the index of the log beside the database.
  ['SQLITE_IOERR_SHMSIZE', FULL],
  [
    'SQLITE_CORRUPT',
    {
      code: 'database-corrupt',
      what: 'the database is corrupt',
      mend: 'restore a backup, or move it aside with `trespass db check --move-aside` and start with an empty one',
    },
  ],
  [
    'SQLITE_NOTADB',
    {
      code: 'database-corrupt',
      what: 'the file is no SQLite database, or its header is damaged',
      mend: 'restore a backup, name another file with --db, or move it aside with `trespass db check --move-aside`',
    },
  ],
  [
    'SQLITE_BUSY',
    {
      code: 'database-locked',
      what: 'the database is locked by another process',
      mend: 'end the other writer (only one server may use a database)',
    },
  ],
  [
    'SQLITE_LOCKED',
    { code: 'database-locked', what: 'the database is locked', mend: 'try again when the other statement has ended' },
  ],
  [
    'SQLITE_READONLY',
    {
      code: 'database-read-only',
      what: 'the database cannot be written',
      mend: 'make the file and its directory writable, or name another place with --db',
    },
  ],
  [
    'SQLITE_CANTOPEN',
    {
      code: 'database-permission',
      what: 'the database cannot be opened',
      mend: 'check the rights to the file and to its directory (SQLite makes two files beside it)',
    },
  ],
  [
    'SQLITE_IOERR',
    {
      code: 'database-io',
      what: 'the disk reported an error',
      mend: 'look at the kernel log for errors of the disk, and at quotas',
    },
  ],
];

/** `error` as a StoreError where it is one that a person can mend; otherwise `error` itself. */
export function toStoreError(error: unknown, path: string): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error;
  const known = KNOWN.find(([prefix]) => error.code.startsWith(prefix))?.[1];
  if (known === undefined) return error;
  return new StoreError(known.code, `${known.what} (${path})`, known.mend, error);
}
