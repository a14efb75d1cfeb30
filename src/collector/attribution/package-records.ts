// What the distribution's package manager has on record: which package owns a path, and its version. dpkg, apk and
// pacman from their own files, rpm by its tool. The records are root's; still every text in them has a bound.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { type Package, PackageIndex } from './package-index.ts';

const FILE_BYTES_MAX = 512 * 1024 * 1024;
const TEXT_LENGTH_MAX = 255;
const RPM_LINES_MAX = 4_000_000;
const RPM_MAX_MS = 60_000;
/** Files that are read before others get their turn: a thousand lists take a fifth of a second. */
const FILES_AT_ONCE = 32;

/** What changes when a package is installed, removed or brought up to date. */
export const RECORD_FILES = [
  'var/lib/dpkg/status',
  'lib/apk/db/installed',
  'usr/lib/apk/db/installed',
  'var/lib/pacman/local',
  'var/lib/rpm/rpmdb.sqlite',
  'var/lib/rpm/Packages',
  'var/lib/rpm/Packages.db',
  'usr/lib/sysimage/rpm/rpmdb.sqlite',
  'usr/lib/sysimage/rpm/Packages.db',
] as const;

export interface PackageRecords {
  /** `/`; replaced in tests. */
  readonly root?: string;
  /** rpm's tool, asked where nothing else keeps records; replaced in tests. */
  readonly rpm?: string;
}

/** Reads the records of every package manager that is there. Without any, nothing is owned by a package. */
export async function readPackages({ root = '/', rpm = '/usr/bin/rpm' }: PackageRecords = {}): Promise<PackageIndex> {
  const index = new PackageIndex();
  await readDpkg(join(root, 'var/lib/dpkg'), index);
  // apk 3 keeps them below /usr; where /lib is a link, the two are one.
  const apk = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'].map((file) => join(root, file));
  await readApk(apk.find((file) => existsSync(file)) ?? '', index);
  await readPacman(join(root, 'var/lib/pacman/local'), index);
  if (index.size === 0 && existsSync(rpm)) await readRpm(rpm, index);
  return index;
}

/** dpkg: info/PACKAGE.list or info/PACKAGE:ARCHITECTURE.list, a path a line; the versions are in `status`. */
async function readDpkg(directory: string, index: PackageIndex): Promise<void> {
  const info = join(directory, 'info');
  const lists = listDirectory(info).filter((name) => name.endsWith('.list'));
  if (lists.length === 0) return;
  const versions = dpkgVersions((await readBytes(join(directory, 'status'))).toString('utf8'));
  const scratch = new Scratch();
  for (const [number, list] of lists.entries()) {
    if (number % FILES_AT_ONCE === 0) await setImmediate();
    const name = list.slice(0, -'.list'.length).replace(/:.*$/, '');
    const owner = index.addPackage(packageOf(name, versions.get(name), 'dpkg'));
    index.addLines(scratch.read(join(info, list)), owner);
  }
}

function dpkgVersions(status: string): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  let name = '';
  for (const line of status.split('\n')) {
    if (line.startsWith('Package: ')) name = line.slice('Package: '.length);
    else if (line.startsWith('Version: ')) versions.set(name, line.slice('Version: '.length));
  }
  return versions;
}

/** apk: `P:` a package, `V:` its version, `F:` a directory without its first slash, `R:` a file in it. */
async function readApk(file: string, index: PackageIndex): Promise<void> {
  const lines = (await readBytes(file)).toString('utf8').split('\n');
  let [name, owner, directory] = ['', 0, ''];
  for (const line of lines) {
    const value = line.slice(2);
    if (line.startsWith('P:')) name = value;
    else if (line.startsWith('V:')) owner = index.addPackage(packageOf(name, value, 'apk'));
    else if (line.startsWith('F:')) directory = value;
    else if (line.startsWith('R:')) index.addPath(directory === '' ? value : `${directory}/${value}`, owner);
  }
}

/** pacman: PACKAGE/desc, and PACKAGE/files, after `%FILES%` a path a line without its first slash. */
async function readPacman(directory: string, index: PackageIndex): Promise<void> {
  for (const entry of listDirectory(directory)) {
    const description = (await readBytes(join(directory, entry, 'desc'))).toString('utf8');
    // ALPM_DB_VERSION is beside the packages.
    if (description === '') continue;
    const textOf = (key: string) => new RegExp(`^%${key}%\\n(.+)$`, 'm').exec(description)?.[1];
    const owner = index.addPackage(packageOf(textOf('NAME') ?? entry, textOf('VERSION'), 'pacman'));
    let section = '';
    for (const line of (await readBytes(join(directory, entry, 'files'))).toString('utf8').split('\n')) {
      if (/^%[A-Z]+%$/.test(line)) section = line;
      else if (section === '%FILES%' && line !== '' && !line.endsWith('/')) index.addPath(line, owner);
    }
  }
}

/** A line for each file, after one for its package, which begins with a blank. */
const RPM_QUERY = ' %{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\n[%{FILENAMES}\\n]';

/** A child without a shell, within a time, whose lines are counted. What it fails to say is owned by nobody. */
async function readRpm(rpm: string, index: PackageIndex): Promise<void> {
  const child = spawn(rpm, ['-qa', '--queryformat', RPM_QUERY], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    timeout: RPM_MAX_MS,
    killSignal: 'SIGKILL',
  });
  child.on('error', () => undefined);
  let [owner, lines] = [0, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    if (++lines > RPM_LINES_MAX) break;
    const [, name, version] = /^ (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) owner = index.addPackage(packageOf(name, version, 'rpm'));
    else if (line.startsWith('/')) index.addPath(line, owner);
  }
  child.kill('SIGKILL');
}

function packageOf(name: string, version: string | undefined, type: string): Package {
  return { name: name.slice(0, TEXT_LENGTH_MAX), version: (version ?? '').trim().slice(0, TEXT_LENGTH_MAX), type };
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Reads many files into the same memory: what it answers holds until it reads the next one. */
class Scratch {
  #bytes = Buffer.alloc(256 * 1024);

  /** Empty as with readBytes. */
  read(path: string): Buffer {
    let fd: number | undefined;
    try {
      fd = openSync(path, 'r');
      const { size } = fstatSync(fd);
      if (size > FILE_BYTES_MAX) return Buffer.alloc(0);
      if (size > this.#bytes.length) this.#bytes = Buffer.alloc(size);
      return this.#bytes.subarray(0, readSync(fd, this.#bytes, 0, size, 0));
    } catch {
      return Buffer.alloc(0);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}

/** Empty where there is none, or it went away just now: a package was removed. */
async function readBytes(path: string): Promise<Buffer> {
  try {
    const bytes = await readFile(path);
    return bytes.length > FILE_BYTES_MAX ? Buffer.alloc(0) : bytes;
  } catch {
    return Buffer.alloc(0);
  }
}
