// Room on the file systems that Trespass writes to, and whether it may write there.
import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Finding, fail, ok, unknown, warn } from '../../collector/doctor/finding.ts';

const MIB = 1024 * 1024;
/** As for the server's own warnings. */
const LOW_BYTES = 512 * MIB;
const NONE_BYTES = 4 * MIB;
/** A tmpfs of this size is small on purpose: then a share of it counts. */
const SHARE_LOW = 0.05;

/** `places`: what for, by path. One line for each file system that is short of room; one where none is. */
export function diskFindings(places: ReadonlyMap<string, string>): readonly Finding[] {
  const findings: Finding[] = [];
  const free: string[] = [];
  for (const [path, what] of places) {
    const existing = nearestExisting(path);
    try {
      const { bavail, bsize, blocks, files, ffree } = statfsSync(existing);
      const left = bavail * bsize;
      const text = `${mebibytes(left)} left for ${what} (${path})`;
      const mend = 'free some space there; nothing has to be started again';
      if (left < NONE_BYTES) findings.push(fail('disk', `the disk is full: ${text}`, mend));
      else if (files > 0 && ffree === 0) findings.push(fail('disk', `no inodes are left for ${what} (${path})`, mend));
      else if (left < Math.min(LOW_BYTES, blocks * bsize * SHARE_LOW)) {
        findings.push(warn('disk', `little room: ${text}`, mend));
      } else free.push(text);
    } catch (error) {
      findings.push(unknown('disk', `the room for ${what} cannot be read at ${existing} (${codeOf(error)})`));
    }
  }
  return free.length > 0 ? [...findings, ok('disk', free.join('; '))] : findings;
}

export function nearestExisting(path: string): string {
  let place = resolve(path);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return place;
}

function mebibytes(bytes: number): string {
  return bytes >= 1024 * MIB ? `${Math.floor(bytes / 1024 / MIB)} GiB` : `${Math.floor(bytes / MIB)} MiB`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
