// Whether the accounts that run Trespass may use its places, and nobody else may.
import { accessSync, constants, lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { type Finding, fail, ok, unknown, warn } from '../../collector/doctor/finding.ts';
import type { Config } from '../../runtime/config.ts';
import { type Account, findAccount, isRoot } from '../../runtime/privileges.ts';

const CHECK = 'permissions';

export function permissionFindings(config: Config): readonly Finding[] {
  const findings: Finding[] = [];
  const account = isRoot() ? findAccount(config.server.user) : undefined;
  if (isRoot() && account === undefined) {
    findings.push(
      fail(CHECK, `there is no user "${config.server.user}" for the server to run as`, 'create it, or set server.user'),
    );
  }
  for (const [path, what] of [
    [config.runtime.directory, 'runtime.directory'],
    [config.collector.spoolDirectory, 'collector.spool_directory'],
    [dirname(config.store.path), 'the directory of the database'],
  ] as const) {
    const finding = placeFinding(path, what);
    if (finding !== undefined) findings.push(finding);
  }
  const database = account && databaseFinding(config.store.path, account);
  if (database !== undefined) findings.push(database);
  return findings.length > 0 ? findings : [ok(CHECK, 'places and accounts fit together')];
}

/** undefined: as it should be, or not there yet. */
function placeFinding(path: string, what: string): Finding | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return unknown(CHECK, `${what} (${path}) cannot be looked at (${String(error)})`, 'run doctor as root');
  }
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return fail(CHECK, `${what} (${path}) is no directory`, 'name another one');
  if ((stats.mode & 0o002) !== 0) {
    const mode = (stats.mode & 0o7777).toString(8);
    return fail(CHECK, `everybody may write to ${what} (${path}, mode ${mode})`, `chmod o-w ${path}`);
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return warn(CHECK, `this account may not write to ${what} (${path})`, 'run as root, or name another one');
  }
  return undefined;
}

/** What keeps the server's account from the file. The server of `run` has it open before, so it is no end. */
function databaseFinding(path: string, account: Account): Finding | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  for (let place = dirname(path); ; place = dirname(place)) {
    const folder = lstatSync(place, { throwIfNoEntry: false });
    if (folder !== undefined && !mayUse(folder, account, 0o1)) {
      return warn(CHECK, `${account.name} may not pass through ${place} to the database`, `chmod o+x ${place}`);
    }
    if (dirname(place) === place) break;
  }
  // A start gives the file to the account; another owner is the trace of somebody else's use.
  return mayUse(stats, account, 0o6)
    ? undefined
    : warn(CHECK, `${account.name} may not read and write ${path}`, `chown ${account.name} ${path}`);
}

function mayUse({ uid, gid, mode }: Stats, account: Account, bits: number): boolean {
  if (account.uid === 0) return true;
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}
