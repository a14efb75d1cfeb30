// How a host is, put together from what is stored of it and what its collector last said. Pure.
import type { Agent } from '../../src/api/schemas/agent.ts';
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { CollectorStatus } from '../../src/api/schemas/status.ts';
import { formatCount } from '../text/format-number.ts';
import { formatSpan } from '../text/format-time.ts';
import { lostRecords } from './lost-records.ts';

/** `deaf`: its collector is there, but what the kernel refuses does not reach it. */
export type HostState = CollectorStatus['state'] | 'deaf' | 'pending' | 'conflict' | 'revoked' | 'replay' | 'none';

export interface HostLine {
  readonly host: HostAnswer;
  readonly collector: CollectorStatus | undefined;
  /** Of those that come from elsewhere. */
  readonly agent: Agent | undefined;
  readonly state: HostState;
  /** Records known to be missing, ever. */
  readonly lost: number;
}

export const HOST_STATE_WORDS: Readonly<Record<HostState, string>> = {
  online: 'online',
  stale: 'silent',
  offline: 'offline',
  restarting: 'restarting',
  deaf: 'test missed',
  pending: 'waits for approval',
  conflict: 'two machines as one',
  revoked: 'revoked',
  replay: 'a recording',
  none: 'no collector',
};

const WORST_FIRST: readonly HostState[] = [
  'conflict',
  'pending',
  'offline',
  'restarting',
  'stale',
  'deaf',
  'online',
  'revoked',
  'none',
  'replay',
];
/** A clock that is off by more puts denials where nobody looks for them. */
const SKEW_MS_MAX = 5_000;

export function hostLine(host: HostAnswer, collectors: readonly CollectorStatus[], agent?: Agent): HostLine {
  const collector = collectors.find((one) => one.heartbeat.host.id === host.id);
  const state = decidedState(agent) ?? heardState(collector) ?? agent?.state ?? (host.replay ? 'replay' : 'none');
  return { host, collector, agent, state, lost: lostRecords(host.lost) };
}

function heardState(collector: CollectorStatus | undefined): HostState | undefined {
  const isDeaf = collector?.state === 'online' && collector.heartbeat.canary.state === 'missed';
  return isDeaf ? 'deaf' : collector?.state;
}

/** What somebody decided, or has to, comes before what was heard. */
function decidedState(agent: Agent | undefined): HostState | undefined {
  return agent?.state === 'pending' || agent?.state === 'conflict' || agent?.state === 'revoked'
    ? agent.state
    : undefined;
}

/** The agent of each host, by the host's id: the one in force where there is one, else the latest. */
export function agentsByHost(agents: readonly Agent[]): ReadonlyMap<string, Agent> {
  const byHost = new Map<string, Agent>();
  for (const agent of agents) {
    const known = byHost.get(agent.host.id);
    if (known === undefined || known.state === 'revoked' || agent.state === 'conflict')
      byHost.set(agent.host.id, agent);
  }
  return byHost;
}

/** How the clock of a host is off; undefined: not known, as its collector is the server's own. */
export function clockWords({ agent }: HostLine): { readonly words: string; readonly isOff: boolean } | undefined {
  const skewMs = agent?.clock_skew_ms;
  if (skewMs === undefined) {
    return undefined;
  }
  const isOff = Math.abs(skewMs) > SKEW_MS_MAX;
  return { words: isOff ? `${formatSpan(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}` : 'right', isOff };
}

/** web-2 comes before web-10. */
const byName = new Intl.Collator('en', { numeric: true });

/** Those that need somebody first, then by name. */
export function hostLines(
  hosts: readonly HostAnswer[],
  collectors: readonly CollectorStatus[],
  agents: readonly Agent[],
  find: string,
): readonly HostLine[] {
  const wanted = find.trim().toLowerCase();
  const byHost = agentsByHost(agents);
  const collectorOf = new Map(collectors.map((one) => [one.heartbeat.host.id, one]));
  return hosts
    .map((host) => {
      const collector = collectorOf.get(host.id);
      return hostLine(host, collector === undefined ? [] : [collector], byHost.get(host.id));
    })
    .filter((line) => wanted === '' || textOf(line).includes(wanted))
    .sort(
      (a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state) || byName.compare(a.host.name, b.host.name),
    );
}

/** For a short list: those that nothing is heard of, then those that were denied something last. */
export function hostsToShow(
  hosts: readonly HostAnswer[],
  collectors: readonly CollectorStatus[],
): readonly HostAnswer[] {
  const silent = new Set(collectors.flatMap((one) => (heardState(one) === 'online' ? [] : [one.heartbeat.host.id])));
  const lastOf = (host: HostAnswer) => Date.parse(host.last_denial_at ?? '1970-01-01');
  return hosts.toSorted(
    (a, b) =>
      Number(silent.has(b.id)) - Number(silent.has(a.id)) || lastOf(b) - lastOf(a) || byName.compare(a.name, b.name),
  );
}

/** The fleet that most was denied in: who asks about updates and names no fleet means hosts that have some. */
export function busiestFleet(hosts: readonly HostAnswer[]): string | undefined {
  const denials = new Map<string, number>();
  for (const host of hosts) {
    denials.set(host.fleet, (denials.get(host.fleet) ?? 0) + host.denials);
  }
  return [...denials].sort((a, b) => b[1] - a[1] || byName.compare(a[0], b[0]))[0]?.[0];
}

/** `3 online, 1 offline`. */
export function stateCounts(lines: readonly HostLine[]): string {
  return WORST_FIRST.flatMap((state) => {
    const count = lines.filter((line) => line.state === state).length;
    return count === 0 ? [] : [`${formatCount(count)} ${HOST_STATE_WORDS[state]}`];
  }).join(', ');
}

function textOf({ host, state, collector, agent }: HostLine): string {
  const parts = [
    host.name,
    host.id,
    host.fleet,
    host.kernel,
    host.distribution,
    host.arch,
    collector?.heartbeat.version ?? agent?.version,
    ...(agent?.labels ?? []).map(({ name, value }) => `${name}=${value}`),
  ];
  return `${parts.filter((part) => part !== undefined).join(' ')} ${HOST_STATE_WORDS[state]}`.toLowerCase();
}
