// Which paths the distribution's packages own, from the package manager's own records (dpkg, apk, pacman; rpm by its
// tool). Read once, when a host is to tell nothing else: kept as hashes, since names would take tens of megabytes.
import { execFile } from 'node:child_process';
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { IsPackaged } from '../landlock/privacy/reduce-path.ts';

/** A workstation has some 500,000; what is beyond counts as owned by nobody. */
const PATHS_MAX = 2_000_000;
const RPM_OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const RPM_MAX_MS = 60_000;

const MERGED = /^\/(bin|sbin|lib|lib32|lib64|libx32)\//;

/** Where the records are; replaced in tests. */
export interface PackageRecords {
  readonly root?: string;
}

/** Reads the records of every package manager that is there. Without any, nothing is owned by a package. */
export async function readPackagePaths({ root = '/' }: PackageRecords = {}): Promise<IsPackaged> {
  const hashes: number[] = [];
  const add = (path: string) => {
    if (hashes.length >= PATHS_MAX) return;
    hashes.push(hashOf(path));
    // Where /bin is a link to /usr/bin, packages may name the one and the kernel the other.
    if (MERGED.test(path)) hashes.push(hashOf(`/usr${path}`));
  };
  await readDpkg(join(root, 'var/lib/dpkg/info'), add);
  await readApk(join(root, 'lib/apk/db/installed'), add);
  await readPacman(join(root, 'var/lib/pacman/local'), add);
  if (root === '/' && existsSync('/usr/bin/rpm') && hashes.length === 0) await readRpm(add);
  const sorted = Float64Array.from(hashes).sort();
  return (path) => isAmong(sorted, hashOf(path));
}

function isAmong(sorted: Float64Array, hash: number): boolean {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0) < hash) from = middle + 1;
    else to = middle;
  }
  return sorted[from] === hash;
}

/** dpkg: PACKAGE.list, a path a line. */
async function readDpkg(directory: string, add: (path: string) => void): Promise<void> {
  for (const name of listDirectory(directory)) {
    if (!name.endsWith('.list')) continue;
    await eachLine(join(directory, name), add);
  }
}

/** apk: `F:` a directory without its first slash, `R:` a file in it. */
async function readApk(file: string, add: (path: string) => void): Promise<void> {
  let directory = '';
  await eachLine(file, (line) => {
    if (line.startsWith('F:')) directory = line.slice(2);
    else if (line.startsWith('R:')) add(`/${directory === '' ? '' : `${directory}/`}${line.slice(2)}`);
  });
}

/** pacman: PACKAGE/files, after `%FILES%` a path a line without its first slash. */
async function readPacman(directory: string, add: (path: string) => void): Promise<void> {
  for (const name of listDirectory(directory)) {
    await eachLine(join(directory, name, 'files'), (line) => {
      if (line !== '' && !line.startsWith('%') && !line.endsWith('/')) add(`/${line}`);
    });
  }
}

async function readRpm(add: (path: string) => void): Promise<void> {
  try {
    const options = { maxBuffer: RPM_OUTPUT_BYTES_MAX, timeout: RPM_MAX_MS };
    const { stdout } = await promisify(execFile)('/usr/bin/rpm', ['-qal'], options);
    for (const line of stdout.split('\n')) if (line.startsWith('/')) add(line);
  } catch {
    // Then nothing is owned by a package, and less is told.
  }
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

async function eachLine(path: string, use: (line: string) => void): Promise<void> {
  if (!existsSync(path)) return;
  try {
    for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) use(line);
  } catch {
    // Went away while it was read: a package was just removed.
  }
}

/** 52 bits of the path: two of a million paths are the same one once in ten thousand machines. FNV-1a, twice. */
function hashOf(path: string): number {
  let low = 0x811c9dc5;
  let high = 0x1234567;
  for (let i = 0; i < path.length; i++) {
    low = Math.imul(low ^ path.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ path.charCodeAt(i), 0x85ebca6b);
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0);
}
