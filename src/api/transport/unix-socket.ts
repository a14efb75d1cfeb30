// The server's Unix sockets. The file's owner and mode are the only key to them, so the file never exists with other
// rights than its own, not even for a moment, and a socket that somebody answers on is never taken away.
import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import type { App } from '../deps.ts';

const PROBE_MAX_MS = 1_000;
/** sun_path of sockaddr_un(7), without its final zero. */
const PATH_BYTES_MAX = 107;

/** Makes the directory of the sockets. Others may enter it, since the sockets guard themselves. */
export function makeRuntimeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
  } catch (cause) {
    throw new OperatingError(
      'runtime-directory',
      `cannot make the directory ${directory} (${errorCode(cause)})`,
      'make it, or name another as runtime.directory',
      { exitCode: EXIT.permission, cause },
    );
  }
  const { uid, mode } = statSync(directory);
  const own = process.geteuid?.() ?? 0;
  // Whoever may write here could put a socket of their own in the place of ours.
  if ((uid !== own && uid !== 0) || (mode & 0o002) !== 0) {
    throw new OperatingError(
      'runtime-directory-unsafe',
      `the directory ${directory} belongs to user ${uid} with mode ${(mode & 0o7777).toString(8)}`,
      'let it belong to the one who starts trespass, and let nobody else write to it',
      { exitCode: EXIT.permission },
    );
  }
}

/**
 * Listens on `directory`/`name` with mode 0600, owned by whoever this process is now. Replaces a socket that nobody
 * answers on. Throws OperatingError `already-running` where somebody does.
 */
export async function listenOnSocket(app: App, directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  if (Buffer.byteLength(path) > PATH_BYTES_MAX - '.new'.length) {
    throw new OperatingError(
      'socket-path-too-long',
      `the path ${path} is too long for a Unix socket`,
      'name a shorter runtime.directory',
      { exitCode: EXIT.usage },
    );
  }
  await refuseIfAnswered(path);
  // Bound under another name, so that nobody can connect before the mode is set.
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const umask = process.umask(0o177);
  try {
    await app.listen({ path: fresh, listenTextResolver: () => `listening on ${path}` });
  } catch (cause) {
    throw new OperatingError(
      'socket-refused',
      `cannot listen on ${path} (${errorCode(cause)})`,
      'check the rights to the directory, or name another as runtime.directory',
      { exitCode: EXIT.permission, cause },
    );
  } finally {
    process.umask(umask);
  }
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
  return path;
}

/** Gives the socket to `uid`, so that processes of that user may connect. */
export function giveSocket(path: string, uid: number, gid: number): void {
  chownSync(path, uid, gid);
}

/** Removes the socket where this process still may; otherwise the next start does. */
export function removeSocket(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // An unprivileged server may not change root's directory.
  }
}

async function refuseIfAnswered(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    return;
  }
  if (!stat.isSocket()) {
    throw new OperatingError(
      'socket-refused',
      `${path} is no socket`,
      'move it away, or name another runtime.directory',
    );
  }
  if (await isAnswered(path)) {
    throw new OperatingError(
      'already-running',
      `a server is running already: it answers on ${path}`,
      'stop it first, or name another runtime.directory',
    );
  }
}

async function isAnswered(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MAX_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => settle(errorCode(error) !== 'ECONNREFUSED' && errorCode(error) !== 'ENOENT'));
  });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
