// Puts the database where the server's own account can work with it, before SQLite opens it: as root the directory
// is made and the files are given away. SQLite gives the two files beside the database the same owner and mode.
import { chmodSync, closeSync, existsSync, lchownSync, lstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import type { Account } from '../../runtime/privileges.ts';

const DIRECTORY_MODE = 0o750;
const FILE_MODE = 0o640;

/**
 * Makes the directory of `path` (0750) and the file (0640) where they are missing. With `account` everything that is
 * made, and the files that are there already, belong to it. Throws OperatingError.
 */
export function prepareDatabasePlace(path: string, account: Account | undefined): void {
  makeDirectory(dirname(path), account);
  if (account === undefined) {
    return;
  }
  try {
    if (!existsSync(path)) {
      closeSync(openSync(path, 'wx', FILE_MODE));
    }
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      giveFile(file, account);
    }
  } catch (cause) {
    throw cause instanceof OperatingError ? cause : placeError(path, cause);
  }
}

function makeDirectory(directory: string, account: Account | undefined): void {
  if (existsSync(directory)) {
    return;
  }
  try {
    mkdirSync(dirname(directory), { recursive: true, mode: 0o755 });
    mkdirSync(directory, { mode: DIRECTORY_MODE });
    chmodSync(directory, DIRECTORY_MODE);
    if (account !== undefined) {
      lchownSync(directory, account.uid, account.gid);
    }
  } catch (cause) {
    throw placeError(directory, cause);
  }
}

/**
 * By path and not by descriptor: closing a descriptor of a database would end this process's locks on it. Links are
 * refused, so that nobody who may write to the directory can have a file of others given away.
 */
function giveFile(file: string, account: Account): void {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined || stat.uid === account.uid) {
    return;
  }
  if (!stat.isFile() || stat.nlink !== 1) {
    throw new OperatingError(
      'database-is-link',
      `${file} is no plain file`,
      'name the database itself instead of a link to it',
      { exitCode: EXIT.permission },
    );
  }
  lchownSync(file, account.uid, account.gid);
  chmodSync(file, FILE_MODE);
}

function placeError(path: string, cause: unknown): OperatingError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  if (code === 'EROFS') {
    return new OperatingError(
      'read-only-file-system',
      `cannot make ${path}: its file system is read-only`,
      'name another file with --db',
      { cause },
    );
  }
  const isPermission = code === 'EACCES' || code === 'EPERM';
  return new OperatingError(
    code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'database-permission',
    `cannot make ${path} (${code})`,
    code === 'ENOSPC' || code === 'EDQUOT' ? 'free some space' : 'name another file with --db',
    { ...(isPermission && { exitCode: EXIT.permission }), cause },
  );
}
