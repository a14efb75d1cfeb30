// Who uses Landlock, by the hour, host and program: sandboxes made, rulesets, rules, log flags, domains. Written in the
// transaction that stores what it counts, and kept when that is gone. The canary's own calls are not counted.

import type { SandboxCallParts } from '../columns/sandbox-call-columns.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

/** In the order of the columns. */
export const USAGE_COUNTS = [
  'sandboxes',
  'failed',
  'rulesets',
  'rules',
  'log_same_exec_off',
  'log_new_exec_on',
  'log_subdomains_off',
  'domains',
] as const;

export type UsageCounts = Record<(typeof USAGE_COUNTS)[number], number>;

/** Stands for a program that is not known. */
export const NO_PROGRAM = 0;

/** LANDLOCK_RESTRICT_SELF_LOG_* (include/uapi/linux/landlock.h). */
export const LOG_SAME_EXEC_OFF = 1;
export const LOG_NEW_EXEC_ON = 2;
export const LOG_SUBDOMAINS_OFF = 4;

const ADD = `
  INSERT INTO sandbox_hours (hour, host, program, ${USAGE_COUNTS.join(', ')})
  VALUES (?, ?, ?, ${USAGE_COUNTS.map(() => '?').join(', ')})
  ON CONFLICT (hour, host, program) DO UPDATE
  SET ${USAGE_COUNTS.map((name) => `${name} = ${name} + excluded.${name}`).join(',\n      ')}`;

/** Adds to one row, in the caller's transaction. */
export function addUsage(db: Database, ms: number, host: number, program: number, counts: Partial<UsageCounts>): void {
  const values = USAGE_COUNTS.map((name) => counts[name] ?? 0);
  statement(db, ADD).run(Math.floor(ms / HOUR_MS), host, program, ...values);
}

/** What one call adds; undefined where that is nothing. A question about the ABI is no use. */
export function usageOf(
  call: Pick<SandboxCallParts, 'call' | 'isSuccess' | 'isProbe' | 'makesDomain' | 'callFlags'>,
): Partial<UsageCounts> | undefined {
  if (call.isProbe) return undefined;
  if (call.call === 0) return call.isSuccess ? { rulesets: 1 } : undefined;
  if (call.call === 1) return call.isSuccess ? { rules: 1 } : undefined;
  if (!call.isSuccess) return { failed: 1 };
  const flags = call.callFlags ?? 0;
  return {
    sandboxes: call.makesDomain === 0 ? 0 : 1,
    log_same_exec_off: flags & LOG_SAME_EXEC_OFF ? 1 : 0,
    log_new_exec_on: flags & LOG_NEW_EXEC_ON ? 1 : 0,
    log_subdomains_off: flags & LOG_SUBDOMAINS_OFF ? 1 : 0,
  };
}

export class UsageBatch {
  readonly #db: Database;
  /** By hour, host and program. */
  readonly #sums = new Map<string, { ms: number; host: number; program: number; counts: Partial<UsageCounts> }>();

  constructor(db: Database) {
    this.#db = db;
  }

  add(ms: number, host: number, program: number, counts: Partial<UsageCounts>): void {
    const key = `${Math.floor(ms / HOUR_MS)} ${host} ${program}`;
    const sums = this.#sums.get(key)?.counts ?? {};
    for (const name of USAGE_COUNTS) sums[name] = (sums[name] ?? 0) + (counts[name] ?? 0);
    this.#sums.set(key, { ms, host, program, counts: sums });
  }

  flush(): void {
    for (const { ms, host, program, counts } of this.#sums.values()) addUsage(this.#db, ms, host, program, counts);
    this.#sums.clear();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#sums.clear();
  }
}
