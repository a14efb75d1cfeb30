// A program that is not ours and knows nothing of us: the distribution's stress-ng puts thousands of its children into
// Landlock domains. Its denials must be found, whole, and add up with what the kernel counted itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findBlocker } from '../../src/landlock/blockers.ts';
import type { Denial, Document, DomainDeallocated } from '../../src/landlock/document.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { getDomain } from '../../src/store/families/domains.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { describeKernelWith } from '../support/needed-program.ts';
import { type Collected, collectDuring } from './collect-during.ts';

const LOOK_EVERY_MS = 20;
/** Classes of what the stressor tries: files in all versions, ports and scopes in newer ones. */
const PLAUSIBLE: ReadonlySet<string | undefined> = new Set(['fs', 'net', 'scope']);

/** Runs stress-ng for two seconds; answers the ids of it and of all of its workers (their children live too briefly). */
async function runStressNg(workDirectory: string): Promise<Set<number>> {
  const argv = ['--landlock', '1', '-t', '2', '--temp-path', workDirectory, '--quiet'];
  const child = spawn('stress-ng', argv, { cwd: workDirectory, stdio: ['ignore', 'ignore', 'inherit'] });
  const family = new Set<number>();
  const looking = setInterval(() => addChildren(child, family), LOOK_EVERY_MS);
  const [code] = await once(child, 'exit');
  clearInterval(looking);
  expect(code).toBe(0);
  return family;
}

function addChildren({ pid = 0 }: ChildProcess, family: Set<number>): void {
  family.add(pid);
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    for (const id of children) if (id.trim() !== '') family.add(Number(id));
  } catch {
    // It has ended.
  }
}

const isOfStressNg = (doc: Document): doc is Denial =>
  doc.kind === 'denial' && (doc.process?.name?.startsWith('stress-ng') ?? false);

const deallocatedOf = (documents: readonly Document[], domains: ReadonlySet<string>): DomainDeallocated[] =>
  documents.flatMap((doc) => (doc.kind === 'domain-deallocated' && domains.has(doc.landlock.domain.id) ? [doc] : []));

const domainsOf = (denials: readonly Denial[]) => new Set(denials.map((doc) => doc.landlock.domain.id));

/** The workers' children may outlive the program by a moment, and the kernel frees domains in its own time. */
function isEachDomainGone(documents: readonly Document[]): boolean {
  const domains = domainsOf(documents.filter(isOfStressNg));
  return domains.size > 0 && deallocatedOf(documents, domains).length === domains.size;
}

function collectStressNg(): Promise<Collected & { readonly family: ReadonlySet<number> }> {
  const workDirectory = mkdtempSync(join(tmpdir(), 'trespass-stress-'));
  let family: ReadonlySet<number> = new Set();
  return collectDuring(async () => {
    family = await runStressNg(workDirectory);
  }, isEachDomainGone)
    .then((collected) => ({ ...collected, family }))
    .finally(() => rmSync(workDirectory, { recursive: true, force: true }));
}

/** What the store says of a domain's denials, after it was given everything. */
function storedCounts({ lines }: Collected, domains: ReadonlySet<string>) {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-stress-db-'));
  const db = openDatabase(join(directory, 'trespass.db'));
  try {
    new EventWriter(db).write(lines, Date.now());
    const [first] = lines;
    const host = first && 'host' in first.doc ? first.doc.host : undefined;
    return new Map([...domains].map((id) => [id, getDomain(db, host?.id ?? '', host?.boot.id ?? '', id)?.denials]));
  } finally {
    closeDatabase(db);
    rmSync(directory, { recursive: true });
  }
}

describeKernelWith('stress-ng', 'stress-ng --landlock', () => {
  it('is denied by the kernel, and all of it is found and adds up', async () => {
    const collected = await collectStressNg();
    const { documents, heartbeat, family } = collected;
    const denials = documents.filter(isOfStressNg);
    expect(denials.length).toBeGreaterThan(20);
    expect(heartbeat.counts).toMatchObject({ malformed: 0, lost: [] });

    const strangers = denials.filter(
      ({ process }) => !family.has(process?.pid ?? -1) && !family.has(process?.parent?.pid ?? -1),
    );
    expect(strangers).toEqual([]);
    for (const { landlock, process, syscall, event } of denials) {
      expect(landlock.blockers.length).toBeGreaterThan(0);
      expect(landlock.blockers.filter((name) => !PLAUSIBLE.has(findBlocker(name)?.class))).toEqual([]);
      expect(process?.executable).toMatch(/\/stress-ng$/);
      expect([syscall?.name, event.outcome]).toEqual([expect.any(String), 'failure']);
    }

    const domains = domainsOf(denials);
    const stored = storedCounts(collected, domains);
    for (const { landlock } of deallocatedOf(documents, domains)) {
      const { id, denials: total } = landlock.domain;
      const seen = denials.filter((denial) => denial.landlock.domain.id === id).length;
      const counts = stored.get(id);
      // Nothing was lost and stress-ng hides nothing: so the kernel's own count is what was seen.
      expect(counts).toEqual({ logged: seen, total, unlogged: 0 });
      expect(total).toBe(seen);
    }
    process.stdout.write(`stress-ng: ${denials.length} denials in ${domains.size} domains, none lost\n`);
  });
});
