// `trespass db prune`: takes what is too old or what is a host's or a user's, also beside a running server: in small
// transactions, with rests in between.
import type { RetentionConfig } from '../runtime/config.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { recordAct } from '../store/access/admin-acts.ts';
import type { Database } from '../store/database/open.ts';
import { hostIds } from '../store/query/host-ids.ts';
import { retain, takeOlderThan } from '../store/retention/retention.ts';
import { countOfHost, takeHost } from '../store/retention/retention-host.ts';
import { toRetentionPolicy } from '../store/retention/retention-policy.ts';
import { countForRetain, countOlderThan } from '../store/retention/retention-preview.ts';
import { countOfUser, takeUser } from '../store/retention/retention-selected.ts';
import type { Taken } from '../store/retention/retention-step.ts';
import { parseTime, usageError } from './arguments.ts';
import type { Io } from './command.ts';
import { commandActor } from './command-actor.ts';

/** For `parseArguments`. */
export const PRUNE_OPTIONS = {
  'older-than': { type: 'string' },
  host: { type: 'string' },
  user: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

export type PruneValues = { readonly [name in keyof typeof PRUNE_OPTIONS]?: string | boolean | undefined };

/** What to prune. `ages`: what the configuration says. */
export type PruneWhat =
  | { readonly kind: 'ages' }
  | { readonly kind: 'older'; readonly untilMs: number }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'user'; readonly uid: number };

/** Throws `usage` errors. */
export function parsePrune(values: PruneValues, nowMs: number): PruneWhat {
  const given = (['older-than', 'host', 'user'] as const).filter((name) => values[name] !== undefined);
  if (given.length > 1) {
    throw usageError('db prune: --older-than, --host and --user exclude each other', 'prune one after the other');
  }
  const text = String(values[given[0] ?? 'host'] ?? '');
  switch (given[0]) {
    case 'older-than':
      return { kind: 'older', untilMs: parseTime('--older-than', text, nowMs) };
    case 'host':
      return { kind: 'host', host: text };
    case 'user':
      if (!/^\d{1,10}$/.test(text)) throw usageError(`db prune: --user "${text}" is no user id`, 'give a number');
      return { kind: 'user', uid: Number(text) };
    default:
      return { kind: 'ages' };
  }
}

/** A rest is so many times as long as the step before it, so that a server beside comes to write. */
const REST_FACTOR = 1;

/** Prints one JSON object: what was removed, or would be. */
export function prune(
  db: Database,
  what: PruneWhat,
  options: { readonly isDryRun: boolean; readonly retention: RetentionConfig | undefined; readonly nowMs: number },
  io: Io,
): void {
  const { isDryRun, retention, nowMs } = options;
  const hosts = what.kind === 'host' ? hostIds(db, what.host) : [];
  if (what.kind === 'host' && hosts.length === 0) {
    throw usageError(`db prune: there is no host "${what.host}"`, 'see trespass hosts');
  }
  // What is somebody's should not stay readable in what is free; older versions of rows still may.
  const isPersonal = what.kind === 'host' || what.kind === 'user';
  if (isPersonal && !isDryRun) db.pragma('secure_delete = ON');
  const sums: Record<string, number> = {};
  const add = ({ kind, count }: Taken) => {
    if (count > 0) sums[kind] = (sums[kind] ?? 0) + count;
  };
  if (isDryRun) for (const taken of preview(db, what, hosts, retention, nowMs)) add(taken);
  else {
    for (const taken of withRests(steps(db, what, hosts, retention, nowMs))) add(taken);
    const { target, detail } = describePrune(what, sums);
    recordAct(db, { actor: commandActor(), action: 'prune', ...(target && { target }), detail }, 'done', nowMs);
  }
  // Nor in the log; where a reader stands in the way, the next checkpoint does it.
  if (isPersonal && !isDryRun) db.pragma('wal_checkpoint(TRUNCATE)');
  io.stdout.write(`${toJsonLine({ dry_run: isDryRun, removed: sums })}\n`);
}

/** For the log of administration. */
function describePrune(what: PruneWhat, removed: Readonly<Record<string, number>>) {
  switch (what.kind) {
    case 'ages':
      return { target: undefined, detail: { removed } };
    case 'older':
      return { target: undefined, detail: { older_than: new Date(what.untilMs).toISOString(), removed } };
    case 'host':
      // Not which one: whoever has it removed wants nothing of it to be left, and this log is kept.
      return { target: 'a host', detail: { removed } };
    case 'user':
      return { target: 'a user', detail: { removed } };
  }
}

function* steps(
  db: Database,
  what: PruneWhat,
  hosts: readonly number[],
  retention: RetentionConfig | undefined,
  nowMs: number,
): Generator<Taken> {
  if (what.kind === 'older') yield* takeOlderThan(db, what.untilMs, nowMs);
  if (what.kind === 'user') yield* takeUser(db, what.uid, nowMs);
  if (what.kind === 'ages' && retention !== undefined) yield* retain(db, toRetentionPolicy(retention), nowMs);
  for (const host of hosts) yield* takeHost(db, host, nowMs);
}

function preview(
  db: Database,
  what: PruneWhat,
  hosts: readonly number[],
  retention: RetentionConfig | undefined,
  nowMs: number,
): readonly Taken[] {
  if (what.kind === 'older') return countOlderThan(db, what.untilMs);
  if (what.kind === 'user') return countOfUser(db, what.uid);
  if (what.kind === 'ages' && retention !== undefined) return countForRetain(db, toRetentionPolicy(retention), nowMs);
  return hosts.flatMap((host) => countOfHost(db, host));
}

function* withRests(taken: Iterable<Taken>): Generator<Taken> {
  let startMs = performance.now();
  for (const step of taken) {
    yield step;
    sleep(Math.min(50, (performance.now() - startMs) * REST_FACTOR));
    startMs = performance.now();
  }
}

/** Nothing else happens in this process. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
