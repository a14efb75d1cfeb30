// `trespass run` with everything it writes in a temporary directory, and the questions that tests ask it.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Denial } from '../../src/landlock/document.ts';
import { ensureBuilt, type ProgramOptions, type RunningProgram, startProgram } from './built-program.ts';

/** Where one run keeps its things; a second run on the same place goes on where the first one ended. */
export interface RunPlace {
  readonly directory: string;
  readonly databasePath: string;
  readonly runtimeDirectory: string;
  readonly spoolDirectory: string;
  /** Arguments of run, serve and collect. */
  readonly argv: readonly string[];
  remove(): void;
}

/** A directory that the server's user may pass through, as below /var. */
export function makePlace(): RunPlace {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-run-'));
  chmodSync(directory, 0o711);
  const databasePath = join(directory, 'store', 'trespass.db');
  const runtimeDirectory = join(directory, 'run');
  const spoolDirectory = join(directory, 'spool');
  mkdirSync(join(directory, 'work'));
  return {
    directory,
    databasePath,
    runtimeDirectory,
    spoolDirectory,
    argv: [
      ...['--db', databasePath, '--runtime-dir', runtimeDirectory, '--spool-dir', spoolDirectory],
      ...['--listen', '127.0.0.1:0', '--log-level', 'warn'],
    ],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface Run extends RunningProgram {
  readonly place: RunPlace;
  readonly address: string;
  readonly signInUrl: string;
  /** The JSON of `GET /api/v1PATH` through api.sock. */
  get(path: string): Promise<unknown>;
  /** All denials that match, from all pages. */
  denials(query: string): Promise<Denial[]>;
  /** The process ids of the two children. */
  children(): { readonly server?: number; readonly collector?: number };
}

/** Starts and waits until it has said everything. */
export async function startRun(
  place: RunPlace,
  argv: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<Run> {
  ensureBuilt();
  const program = startProgram(['run', ...place.argv, ...argv], options);
  const [, address = ''] = await program.waitForLine(/^dashboard (http\S+)/);
  const [, signInUrl = ''] = await program.waitForLine(/^sign in once.*: (http\S+)/);
  const get = (path: string) => getJson(join(place.runtimeDirectory, 'api.sock'), `/api/v1${path}`);
  return {
    ...program,
    place,
    address,
    signInUrl,
    get,
    denials: (query) => allDenials(get, query),
    children: () => childrenOf(program.pid),
  };
}

async function getJson(socketPath: string, path: string): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const asked = request({ socketPath, path }, async (response) => {
      const text = (await response.toArray()).join('');
      if (response.statusCode === 200) {
        resolve(JSON.parse(text));
      } else {
        reject(new Error(`${path}: ${response.statusCode} ${text}`));
      }
    });
    asked.once('error', reject);
    asked.end();
  });
}

async function allDenials(get: Run['get'], query: string): Promise<Denial[]> {
  const denials: Denial[] = [];
  let cursor: string | null = null;
  do {
    const parameters = new URLSearchParams({ q: query, limit: '500', ...(cursor !== null && { cursor }) });
    const page = (await get(`/denials?${parameters}`)) as { data: Denial[]; next_cursor: string | null };
    denials.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return denials;
}

/** Finds them by the command in their command line. */
export function childrenOf(parentPid: number): { readonly server?: number; readonly collector?: number } {
  const found: { server?: number; collector?: number } = {};
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) {
      try {
        const [, , parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /, '- ')
          .split(' ');
        const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        if (Number(parent) === parentPid && argv.includes('--supervised')) {
          found[argv.includes('serve') ? 'server' : 'collector'] = Number(name);
        }
      } catch {
        // It ended while we looked.
      }
    }
  }
  return found;
}

/** Asks until the answer is not undefined. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 20_000,
) {
  const giveUpAt = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < giveUpAt) {
    try {
      const answer = await ask();
      if (answer !== undefined) {
        return answer;
      }
    } catch (error) {
      last = error;
    }
    await sleep(50);
  }
  throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: last });
}
