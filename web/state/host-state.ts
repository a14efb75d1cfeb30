// How a host is, put together from what is stored of it and what its collector last said. Pure.
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { CollectorStatus } from '../../src/api/schemas/status.ts';
import { lostRecords } from './lost-records.ts';

export type HostState = CollectorStatus['state'] | 'replay' | 'none';

export interface HostLine {
  readonly host: HostAnswer;
  readonly collector: CollectorStatus | undefined;
  readonly state: HostState;
  /** Records known to be missing, ever. */
  readonly lost: number;
}

export const HOST_STATE_WORDS: Readonly<Record<HostState, string>> = {
  online: 'online',
  stale: 'silent',
  offline: 'offline',
  restarting: 'restarting',
  replay: 'a recording',
  none: 'no collector',
};

const WORST_FIRST: readonly HostState[] = ['offline', 'restarting', 'stale', 'online', 'none', 'replay'];

export function hostLine(host: HostAnswer, collectors: readonly CollectorStatus[]): HostLine {
  const collector = collectors.find((one) => one.heartbeat.host.id === host.id);
  const state = collector?.state ?? (host.replay ? 'replay' : 'none');
  return { host, collector, state, lost: lostRecords(host.lost) };
}

/** Those that need somebody first, then by name. */
export function hostLines(
  hosts: readonly HostAnswer[],
  collectors: readonly CollectorStatus[],
  find: string,
): readonly HostLine[] {
  const wanted = find.trim().toLowerCase();
  return hosts
    .map((host) => hostLine(host, collectors))
    .filter((line) => wanted === '' || textOf(line).includes(wanted))
    .sort(
      (a, b) =>
        WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || a.host.name.localeCompare(b.host.name, 'en'),
    );
}

/** `3 online, 1 offline`. */
export function stateCounts(lines: readonly HostLine[]): string {
  return WORST_FIRST.flatMap((state) => {
    const count = lines.filter((line) => line.state === state).length;
    return count === 0 ? [] : [`${count} ${HOST_STATE_WORDS[state]}`];
  }).join(', ');
}

function textOf({ host, state, collector }: HostLine): string {
  const parts = [
    host.name,
    host.id,
    host.fleet,
    host.kernel,
    host.distribution,
    host.arch,
    collector?.heartbeat.version,
  ];
  return `${parts.filter((part) => part !== undefined).join(' ')} ${HOST_STATE_WORDS[state]}`.toLowerCase();
}
