// Denials that are stored from their bytes must leave the very database that their documents would have left.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { generateLog } from '../../../bench/generate-log.ts';
import { decodeInputs } from '../../../src/collector/sources/decode-inputs.ts';
import { closeDatabase, type Database, openDatabase } from '../../../src/store/database/open.ts';
import { OwnWriter } from '../../../src/store/writing/own-writer.ts';
import { repeatedLog } from '../../support/repeated-log.ts';
import { T0 } from '../support/documents.ts';
import { expectExactRollups } from '../support/rollups.ts';
import { temporaryDirectory } from '../support/temporary-database.ts';

const CORPUS = new URL('../../fixtures/conformance/', import.meta.url).pathname;

const LOGS = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
  // What ausearch interpreted is refused as a whole.
  .filter((name) => name.endsWith('.log') && !name.includes('interpreted'))
  .sort();

interface Options {
  readonly isPlanned: boolean;
  readonly floodPerMinute?: number;
  /** Documents of a transaction. */
  readonly size?: number;
}

interface Imported {
  /** Denials that were stored without their documents. */
  readonly planned: number;
  readonly counts: unknown;
}

async function importLog(
  db: Database,
  bytes: Buffer,
  { isPlanned, floodPerMinute = 0, size = 400 }: Options,
): Promise<Imported> {
  const writer = new OwnWriter(db, { floodPerMinute });
  let planned = 0;
  const commit = () => {
    if (writer.pending >= size) writer.commit();
  };
  const counts = await decodeInputs({
    paths: ['-'],
    stdin: Readable.from([bytes], { objectMode: false }),
    format: undefined,
    host: 'lab',
    local: { id: 'a'.repeat(32), name: 'here', bootId: 'b'.repeat(32), bootStartMs: 1_900_000_000_000 },
    hostIdOf: (machineId) => machineId,
    serialGaps: true,
    raw: true,
    onDocument: (doc, raw) => {
      writer.add(doc, raw, T0);
      commit();
    },
    ...(isPlanned && {
      takePlanned: (plan, event, document) => {
        const isTaken = writer.addPlanned(plan, event, { document, nowMs: T0 });
        if (isTaken) planned += 1;
        commit();
        return isTaken;
      },
    }),
    room: () => undefined,
    isStopped: () => false,
  });
  writer.finish();
  return { planned, counts: { ...counts, duplicates: writer.duplicates, rejected: writer.rejected } };
}

/** Every row of every table but when the tables were made. */
function contents(db: Database): Record<string, readonly unknown[]> {
  const tables = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations'")
    .all();
  return Object.fromEntries(tables.map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}"`).raw().all()]));
}

/** Imports the log both ways and compares all; answers how many denials went by their bytes. */
async function compare(bytes: Buffer, options: Omit<Options, 'isPlanned'> = {}, times = 1): Promise<number> {
  const short = openDatabase(':memory:');
  const long = openDatabase(':memory:');
  let planned = 0;
  for (let time = 0; time < times; time++) {
    const one = await importLog(short, bytes, { ...options, isPlanned: true });
    const other = await importLog(long, bytes, { ...options, isPlanned: false });
    expect(one.counts).toEqual(other.counts);
    planned += one.planned;
  }
  expect(contents(short)).toEqual(contents(long));
  expectExactRollups(short);
  closeDatabase(short);
  closeDatabase(long);
  return planned;
}

function generated(events: number): Buffer {
  const path = join(temporaryDirectory(), 'audit.log');
  generateLog(path, events);
  return readFileSync(path);
}

describe('logs of real kernels', () => {
  let planned = 0;

  it.each(LOGS)('leave the same for %s, three times over', async (name) => {
    const log = readFileSync(join(CORPUS, name)).toString('latin1');
    planned += await compare(Buffer.from(repeatedLog(log.endsWith('\n') ? log : `${log}\n`, 3), 'latin1'));
  });

  it('went by their bytes', () => {
    expect(planned).toBeGreaterThan(100);
  });
});

describe('generated logs', () => {
  it('leave the same, read once and twice over', async () => {
    expect(await compare(generated(2_000), {}, 2)).toBeGreaterThan(1_500);
  });

  it('leave the same when identical denials share rows', async () => {
    const log = generated(400);
    const flood = log.toString('latin1').split('\n').slice(0, -1);
    // The same events of one second, with serials of their own.
    const lines = Array.from({ length: 6 }, (_, time) =>
      flood.map((line) =>
        line.replace(/(audit\(\d+)\.(\d+):(\d+)\)/, (_all, s, ms, n) => `${s}.${ms}:${Number(n) + time * 1_000})`),
      ),
    ).flat();
    expect(await compare(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), { floodPerMinute: 2 }, 2)).toBeGreaterThan(
      500,
    );
  });

  it('leave the same with records that are no ASCII, great numbers, odd templates and several hosts', async () => {
    const log = generated(1_200).toString('latin1').split('\n');
    const odd = log.map((line, n) => {
      if (n % 11 === 0) return line.replace('subj=unconfined', 'subj=unconf\xefned');
      if (n % 13 === 0) return line.replace(/ ino=(\d+)/, ' ino=9007199254$1');
      if (n % 17 === 0) return line.replace(/path="[^"]*"/, 'path="a"').replace(/comm="[^"]*"/, 'comm="pid"');
      return line;
    });
    const hosts = odd.map((line, n) => (line.startsWith('type=') && n % 400 < 150 ? `node=other ${line}` : line));
    await compare(Buffer.from(odd.join('\n'), 'latin1'));
    await compare(Buffer.from(hosts.join('\n'), 'latin1'));
  });
});
