// Two processes write to one database at a time: a server that a collector delivers to, and an import. Each must get
// all of its records stored, what both have is stored once, and the server's readers see everything.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { ensureBuilt, runProgramOnce } from '../support/built-program.ts';
import { eventually, makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';

const LIVE = 3_000;
const LIVE_CHUNK = 50;
const FAR = 60_000;
const PIDS = 100;

let place: RunPlace;
let directory: string;
let run: Run | undefined;
beforeAll(ensureBuilt, 120_000);
beforeEach(() => {
  place = makePlace();
  directory = mkdtempSync(join(tmpdir(), 'trespass-beside-'));
});
afterEach(async () => {
  run?.process.kill('SIGTERM');
  await run?.ended;
  run = undefined;
  place.remove();
  rmSync(directory, { recursive: true });
}, 30_000);

/** Denials of now, so that they are this boot's; `first` is the first serial. */
function events(prefix: string, first: number, count: number): string {
  const seconds = Math.floor(Date.now() / 1000);
  const lines: string[] = [];
  for (let serial = first; serial < first + count; serial++) {
    const stamp = `msg=audit(${seconds}.001:${serial})`;
    lines.push(
      `${prefix}type=LANDLOCK_ACCESS ${stamp}: domain=1af495b55 blockers=fs.write_file path="/f" dev="vda" ino=5`,
      `${prefix}type=SYSCALL ${stamp}: arch=c000003e syscall=257 success=no exit=-13 a0=0 a1=0 a2=0 a3=0 items=0 ` +
        `ppid=1 pid=${(serial % PIDS) + 1000} auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 ` +
        'tty=(none) ses=1 comm="x" exe="/bin/x" key=(null)',
      `${prefix}type=PROCTITLE ${stamp}: proctitle="x"`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function appendSlowly(path: string): Promise<void> {
  for (let first = 1; first <= LIVE; first += LIVE_CHUNK) {
    appendFileSync(path, events('', first, LIVE_CHUNK));
    await sleep(30);
  }
}

async function importFile(path: string): Promise<Record<string, number>> {
  const config = join(directory, 'trespass.toml');
  // The identity of a machine without a machine-id lies with the collector's spool.
  const tables = `[collector]\nspool_directory = "${place.spoolDirectory}"\n[store]\nflood_per_minute = 0\n`;
  writeFileSync(config, tables, { mode: 0o600 });
  const result = await runProgramOnce(['import', path, '--db', place.databasePath, '--config', config]);
  expect([result.exitCode, result.err]).toEqual([0, '']);
  return JSON.parse(result.out);
}

function storedDenials(): unknown {
  const db = openDatabase(place.databasePath, { readonly: true });
  try {
    const sql = 'SELECT count(*) AS all_rows, count(DISTINCT host * 1000000 + serial) AS events FROM denials';
    return db.prepare(sql).get();
  } finally {
    closeDatabase(db);
  }
}

it('import stores beside a running server, and neither loses or doubles anything', async () => {
  const live = join(directory, 'audit.log');
  const far = join(directory, 'far.log');
  writeFileSync(live, '');
  writeFileSync(far, events('node=far ', 1, FAR));
  // Each denial a row, however many they are a minute.
  run = await startRun(place, ['--source', 'file', '--path', live, '--set', 'store.flood_per_minute=0']);
  const { denials, get } = run;

  const [imported] = await Promise.all([importFile(far), appendSlowly(live)]);
  expect(imported).toMatchObject({ denials: FAR, malformed: 0, lost: 0, duplicates: 0 });
  const perPid = { far: FAR / PIDS, live: LIVE / PIDS };
  const seen = async () => ({
    far: (await denials('host:far and pid:1007')).length,
    live: (await denials('pid:1007')).length - perPid.far,
  });
  const seesBoth = async () => {
    const now = await seen();
    return now.far === perPid.far && now.live === perPid.live ? true : undefined;
  };
  await eventually('the readers see both', seesBoth, 60_000);

  // What the collector has delivered already, once more from the file.
  const again = await importFile(live);
  expect(again).toMatchObject({ denials: LIVE, duplicates: LIVE, malformed: 0, lost: 0 });
  expect(storedDenials()).toEqual({ all_rows: FAR + LIVE, events: FAR + LIVE });
  expect(await seen()).toEqual(perPid);
  expect(await get('/hosts')).toMatchObject({ data: [expect.anything(), expect.anything()] });
  run.process.kill('SIGTERM');
  expect(await run.ended).toBe(0);
}, 120_000);
