// Which files make up a log, oldest first: auditd's rotation (`audit.log.4 … audit.log.1 audit.log`) and
// logrotate's (`audit.log-20260301`, `audit.log.2.gz`). Reads directories, opens nothing.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OperatingError } from '../../runtime/operating-error.ts';

/** auditd's own name for its log. */
const LOG_NAME = 'audit.log';
const ROTATION = /^(?:\.(\d{1,9})|-(\d{8}(?:-?\d{1,10})?))?(?:\.(?:gz|zst))?$/;

/** Small is old. The file that is being written is the newest. */
type Age = readonly [generation: number, date: string, number: number];
const CURRENT: Age = [2, '', 0];

interface Rotation {
  readonly path: string;
  readonly age: Age;
}

/** The age of `path` in the set of the log `base`; undefined when it is none of its rotations. */
function ageOf(path: string, base: string): Age | undefined {
  const match = path.startsWith(base) ? ROTATION.exec(path.slice(base.length)) : null;
  if (match === null) return undefined;
  const [, number, date] = match;
  if (date !== undefined) return [0, date, 0];
  return number === undefined ? CURRENT : [1, '', -Number(number)];
}

function byAge(a: Rotation, b: Rotation): number {
  if (a.age[0] !== b.age[0]) return a.age[0] - b.age[0];
  if (a.age[1] !== b.age[1]) return a.age[1] < b.age[1] ? -1 : 1;
  return a.age[2] - b.age[2];
}

/** `path` and its rotations beside it that exist, oldest first. Empty when there are none. */
export async function rotatedSet(path: string): Promise<string[]> {
  const directory = dirname(path);
  const name = basename(path);
  const names = await readdir(directory).catch(() => []);
  return names
    .flatMap((entry) => {
      const age = ageOf(entry, name);
      return age === undefined ? [] : [{ path: join(directory, entry), age }];
    })
    .sort(byAge)
    .map(({ path }) => path);
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function orderRotations(paths: readonly string[]): string[] {
  const sets = new Map<string, Rotation[]>();
  for (const path of paths) {
    const base = numberless(path);
    const set = sets.get(base);
    const rotation = { path, age: ageOf(path, base) ?? CURRENT };
    if (set === undefined) sets.set(base, [rotation]);
    else set.push(rotation);
  }
  return [...sets.values()].flatMap((set) => set.sort(byAge).map(({ path }) => path));
}

/** `audit.log` for `audit.log.3`, so that rotations given without the file itself are ordered too. */
function numberless(path: string): string {
  return path.replace(/(?:\.\d{1,9}|-\d{8}(?:-?\d{1,10})?)(?:\.(?:gz|zst))?$/, '');
}

/**
 * The files to read, in order, for what a person named. `-` is kept. A directory stands for the audit.log set in
 * it; rotations of one log are put in their right order, oldest first, at the place of the first of them; a path
 * that was given twice is read once. With `withRotations` each file brings the rotations that lie beside it.
 * Throws OperatingError `no-log` for a directory without an audit.log.
 */
export async function resolveInputs(paths: readonly string[], withRotations = false): Promise<string[]> {
  const resolved: string[] = [];
  for (const path of paths) {
    if (path === '-') {
      resolved.push(path);
    } else if (await isDirectory(path)) {
      const set = await rotatedSet(join(path, LOG_NAME));
      if (set.length === 0) {
        throw new OperatingError(
          'no-log',
          `there is no ${LOG_NAME} in the directory ${path}`,
          'name the files to read',
        );
      }
      resolved.push(...set);
    } else {
      const set = withRotations ? await rotatedSet(path) : [];
      resolved.push(...(set.length > 0 ? set : [path]));
    }
  }
  return orderRotations([...new Set(resolved)]);
}
