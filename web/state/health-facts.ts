// How far the numbers of the page may be believed: what the collectors and their kernels say of themselves, put
// into a few facts. Over several collectors the worst state counts and amounts are added. Pure.

import type { CollectorStatus, Status } from '../../src/api/schemas/status.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import { formatAgo, formatSpan } from '../text/format-time.ts';
import { lostRecords } from './lost-records.ts';

export type Level = 'ok' | 'info' | 'warn' | 'fail';

export interface HealthFact {
  readonly key: 'collector' | 'audit' | 'canary' | 'records' | 'malformed' | 'lost';
  readonly name: string;
  readonly value: string;
  /** Less important words behind the value. */
  readonly note?: string;
  /** A whole sentence for the tooltip. */
  readonly title?: string;
  readonly level: Level;
}

/** One fact for each box of the strip, always in the same order. */
export function healthFacts(status: Status, nowMs: number): readonly HealthFact[] {
  const collectors = status.collectors;
  return [
    collectorFact(collectors, nowMs),
    auditFact(collectors),
    canaryFact(collectors, nowMs),
    recordsFact(collectors),
    malformedFact(collectors),
    lostFact(collectors),
  ];
}

/** Records lost so far by cause, over all collectors. */
export function lostByCause(collectors: readonly CollectorStatus[]): ReadonlyMap<string, number> {
  const causes = new Map<string, number>();
  for (const { heartbeat } of collectors) {
    for (const { cause, count } of heartbeat.counts.lost) {
      causes.set(cause, (causes.get(cause) ?? 0) + count);
    }
  }
  return causes;
}

/** Of losses: those of a span of time stand elsewhere, and may be larger or smaller. */
const SINCE_START = 'since start';

const STATES_WORST_FIRST: readonly CollectorStatus['state'][] = ['offline', 'restarting', 'stale', 'online'];
const STATE_WORDS: Readonly<Record<CollectorStatus['state'], string>> = {
  online: 'Online',
  stale: 'Silent',
  offline: 'Offline',
  restarting: 'Restarting',
};

function collectorFact(collectors: readonly CollectorStatus[], nowMs: number): HealthFact {
  const base = { key: 'collector', name: 'Collector' } as const;
  const worst = STATES_WORST_FIRST.find((state) => collectors.some((one) => one.state === state));
  if (worst === undefined) {
    return { ...base, value: 'None', note: 'has reported', level: 'fail' };
  }
  const level = worst === 'online' ? 'ok' : worst === 'offline' ? 'fail' : 'warn';
  if (collectors.length > 1) {
    const online = collectors.filter((one) => one.state === 'online').length;
    return { ...base, value: `${online} of ${collectors.length}`, note: 'online', level };
  }
  const one = collectors[0];
  const restarts = one === undefined || one.restarts === 0 ? undefined : countOf(one.restarts, 'restart');
  const since = one === undefined ? '' : `Last contact ${formatAgo(Date.parse(one.last_contact_at), nowMs)}.`;
  return {
    ...base,
    value: STATE_WORDS[worst],
    ...(restarts === undefined ? {} : { note: restarts }),
    title: one?.last_exit === undefined ? since : `${since} It last ended with ${one.last_exit}.`,
    level,
  };
}

function auditFact(collectors: readonly CollectorStatus[]): HealthFact {
  const base = { key: 'audit', name: 'Kernel audit' } as const;
  const states = collectors.flatMap((one) => (one.heartbeat.audit === undefined ? [] : [one.heartbeat.audit]));
  if (states.length === 0) {
    const source = collectors[0]?.heartbeat.source;
    return source === undefined
      ? { ...base, value: 'Unknown', level: 'warn' }
      : { ...base, value: 'Not read', note: `source: ${source}`, level: 'info' };
  }
  const off = states.filter((audit) => audit.enabled === 0).length;
  if (off > 0) {
    return { ...base, value: states.length === 1 ? 'Off' : `Off on ${off}`, note: 'nothing is logged', level: 'fail' };
  }
  const turnedOn = states.some((audit) => audit.enabled_before === 0);
  const limit = states[0]?.backlog_limit;
  return {
    ...base,
    value: 'On',
    ...(turnedOn ? { note: 'by Trespass' } : {}),
    title: `${turnedOn ? 'Turned on by Trespass, and put back when it ends.' : 'It was on before.'}${
      limit === undefined || states.length > 1 ? '' : ` Backlog limit ${formatCount(limit)}.`
    }`,
    level: 'ok',
  };
}

function canaryFact(collectors: readonly CollectorStatus[], nowMs: number): HealthFact {
  const base = { key: 'canary', name: 'Canary' } as const;
  const canaries = collectors.map((one) => one.heartbeat.canary);
  const bad = canaries.find((one) => one.state === 'missed') ?? canaries.find((one) => one.state === 'unavailable');
  if (bad !== undefined) {
    const missed = bad.state === 'missed';
    return {
      ...base,
      value: missed ? 'Missed' : 'Not possible',
      ...(bad.reason === undefined ? {} : { title: bad.reason }),
      level: missed ? 'fail' : 'warn',
    };
  }
  const seen = canaries.filter((one) => one.state === 'seen');
  if (canaries.length === 0 || seen.length < canaries.length) {
    return { ...base, value: 'Waiting', level: 'info', title: 'A denial provoked by Trespass itself; not seen yet.' };
  }
  const slowest = Math.max(...seen.map((one) => one.latency_ms ?? 0));
  const at = seen[0]?.at;
  return {
    ...base,
    value: `Seen after ${formatSpan(slowest)}`,
    title: `Trespass provoked a denial and saw it come back${
      at === undefined ? '' : ` ${formatAgo(Date.parse(at), nowMs)}`
    }: the way from the kernel to here works.`,
    level: 'ok',
  };
}

function recordsFact(collectors: readonly CollectorStatus[]): HealthFact {
  const records = sum(collectors, (one) => one.heartbeat.counts.records);
  const waiting = sum(collectors, (one) => one.heartbeat.spool.documents);
  return {
    key: 'records',
    name: 'Records received',
    value: formatCount(records),
    ...(waiting > 0 ? { note: `${formatCount(waiting)} waiting` } : {}),
    title: 'Audit records since the collector started. Most have nothing to do with Landlock.',
    level: 'info',
  };
}

function malformedFact(collectors: readonly CollectorStatus[]): HealthFact {
  const malformed = sum(collectors, (one) => one.heartbeat.counts.malformed);
  return {
    key: 'malformed',
    name: 'Malformed',
    value: formatCount(malformed),
    note: SINCE_START,
    title: malformed === 0 ? 'Every record was understood.' : 'Records that were not understood; their text is kept.',
    level: malformed === 0 ? 'ok' : 'warn',
  };
}

function lostFact(collectors: readonly CollectorStatus[]): HealthFact {
  const causes = [...lostByCause(collectors)].filter(([, count]) => count > 0);
  const lost = lostRecords(causes.map(([cause, count]) => ({ cause, count })));
  return {
    key: 'lost',
    name: 'Lost',
    value: formatCount(lost),
    note: SINCE_START,
    title:
      lost === 0
        ? 'No record is known to be missing.'
        : `Records that never arrived: ${causes.map(([cause, count]) => `${cause} ${formatCount(count)}`).join(', ')}.`,
    level: lost === 0 ? 'ok' : 'warn',
  };
}

function sum(collectors: readonly CollectorStatus[], amount: (one: CollectorStatus) => number): number {
  return collectors.reduce((total, one) => total + amount(one), 0);
}
