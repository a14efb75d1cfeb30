// A denial that is read live and again from the log that an audit daemon wrote of it is one denial, whichever way
// round. Real denials, a real file, the real command.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { importCommand } from '../../src/cli/import.ts';
import type { BatchLine } from '../../src/delivery/batch.ts';
import type { Denial } from '../../src/landlock/document.ts';
import type { DomainAnswer } from '../../src/store/answers.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/store/database/open.ts';
import { listDenials } from '../../src/store/denials/denials.ts';
import { listDomains } from '../../src/store/families/domains.ts';
import { isRefused } from '../../src/store/refused.ts';
import { EventWriter, type WriteResult } from '../../src/store/writing/event-writer.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { testIo } from '../support/test-io.ts';
import { writeAuditLog } from './audit-log-writer.ts';
import { collectDuring } from './collect-during.ts';

const DENIALS = 200;
/** Two processes at once, so that their events interleave. */
const PROCESSES = 2;

let directory: string;
let logPath: string;
let databasePath: string;
/** What the collector delivered of the very records that the log holds. */
let live: readonly BatchLine[];

/** Both listeners hear the same records; the one that is there longer also hears the other one come and go. */
async function recordBoth(): Promise<readonly BatchLine[]> {
  const pids = new Set<number>();
  const log = await writeAuditLog(logPath);
  try {
    const { lines, heartbeat } = await collectDuring(
      async (where) => {
        const children = await Promise.all(
          Array.from({ length: PROCESSES }, (_, i) => startDenyingChild(join(where, `work-${i}`), DENIALS / PROCESSES)),
        );
        for (const { pid } of children) pids.add(pid);
        expect(await Promise.all(children.map((child) => child.begin()))).toEqual([DENIALS / 2, DENIALS / 2]);
      },
      (documents) => {
        const domains = documents.flatMap((doc) =>
          doc.kind === 'denial' && pids.has(doc.process?.pid ?? 0) ? [doc.landlock.domain.id] : [],
        );
        const gone = documents.filter(
          (doc) => doc.kind === 'domain-deallocated' && domains.includes(doc.landlock.domain.id),
        );
        return domains.length === DENIALS && gone.length === PROCESSES;
      },
    );
    expect(heartbeat.counts.lost).toEqual([]);
    return lines;
  } finally {
    await log.close();
  }
}

async function importLog(): Promise<Record<string, number>> {
  const io = testIo({ cwd: directory });
  // Where the collector keeps the id of a machine that has none.
  const configPath = join(directory, 'trespass.toml');
  writeFileSync(configPath, `[collector]\nspool_directory = "${join(directory, 'spool')}"\n`, { mode: 0o600 });
  expect(await importCommand.run([logPath, '--db', databasePath, '--config', configPath], io)).toBe(0);
  return JSON.parse(io.out());
}

function withDatabase<T>(use: (db: Database) => T): T {
  const db = openDatabase(databasePath);
  try {
    return use(db);
  } finally {
    closeDatabase(db);
  }
}

const writeLive = (): WriteResult => withDatabase((db) => new EventWriter(db).write(live, Date.now()));

/** What the records say: without the tag, ancestry and attribution, which only a live collector can know. */
function recorded(denial: Denial): Omit<Denial, 'tags'> {
  const { tags: _tags, package: _package, systemd: _systemd, container: _container, ...kept } = denial;
  const { attribution: _attribution, ...landlock } = denial.landlock;
  if (denial.process === undefined) return { ...kept, landlock };
  const { ancestry: _ancestry, ...process } = denial.process;
  return { ...kept, landlock, process };
}

/** Every stored denial, the canary's too. */
function storedDenials(): Omit<Denial, 'tags'>[] {
  return withDatabase((db) => {
    const page = listDenials(db, { scope: { includeCanary: true }, limit: 500 });
    if (isRefused(page)) throw new Error(page.message);
    expect(page.next_cursor).toBeNull();
    return page.data.map(recorded);
  });
}

/** With what each domain counted. */
function storedDomains(): readonly DomainAnswer[] {
  return withDatabase((db) => {
    const page = listDomains(db, { scope: { includeCanary: true }, limit: 500 });
    if (isRefused(page)) throw new Error(page.message);
    return page.data;
  });
}

describeKernel('an event that is read live and from a file', () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-twice-'));
    logPath = join(directory, 'audit.log');
    databasePath = join(directory, 'trespass.db');
    live = await recordBoth();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  beforeEach(() => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${databasePath}${suffix}`, { force: true });
  });

  it('has a log to be read from that looks like one of auditd', () => {
    const log = readFileSync(logPath, 'latin1');
    expect(log.match(/^type=UNKNOWN\[1423\] msg=audit\(/gm)?.length).toBeGreaterThanOrEqual(DENIALS);
    expect(log).toMatch(/^type=SYSCALL msg=audit\(/m);
    expect(log).not.toMatch(/EOE|UNKNOWN\[1320\]/);
  });

  it('is stored once when the file comes second', async () => {
    expect(writeLive()).toMatchObject({ stored: live.length, duplicates: 0, rejected: [] });
    const [denials, domains] = [storedDenials(), storedDomains()];
    expect(denials.length).toBeGreaterThanOrEqual(DENIALS);
    expect(await importLog()).toMatchObject({
      denials: denials.length,
      duplicates: live.length,
      malformed: 0,
      lost: 0,
    });
    expect(storedDenials()).toEqual(denials);
    expect(storedDomains()).toEqual(domains);
    expect(domains.filter(({ denials: { logged, total } }) => logged === total)).toHaveLength(domains.length);
  });

  it('is stored once when the file comes first', async () => {
    const { denials, duplicates } = await importLog();
    expect(duplicates).toBe(0);
    const fromFile = storedDenials();
    expect(fromFile).toHaveLength(denials ?? -1);
    const written = writeLive();
    expect(written).toMatchObject({ stored: 0, duplicates: live.length, rejected: [] });
    expect(storedDenials()).toEqual(fromFile);
  });

  it('is the same document, to the last field', async () => {
    await importLog();
    const fromFile = new Map(storedDenials().map((denial) => [denial.event.id, denial]));
    for (const { doc } of live) {
      if (doc.kind === 'denial') expect(fromFile.get(doc.event.id)).toEqual(recorded(doc));
    }
  });
});
