// What a running server says: that it answers, what it knows to be wrong, and whether a real denial makes its way into
// its database. The canary is the collector's own: it is asked for another one by a signal.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthProblem, Status } from '../../api/schemas/status.ts';
import { type Finding, fail, ok, unknown, warn } from '../../collector/doctor/finding.ts';
import { packageVersion } from '../../runtime/package-version.ts';
import type { ApiClient } from '../api-client.ts';

const CLOCKS_APART_MS = 5_000;
const CANARY_MAX_MS = 15_000;
const STORED_MAX_MS = 5_000;
const POLL_MS = 200;
const PAGE_ROWS = 50;

/** Told by a line of their own that looks at the kernel itself. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  'no-landlock',
  'audit-off',
  'backlog-limit-low',
  'audit-rate-limited',
  'disk-full',
  'disk-low',
  'canary-missed',
  'canary-unavailable',
]);

/** The part of the answer that is read here. */
export async function readServerStatus(client: Pick<ApiClient, 'getJson'>): Promise<Status> {
  const answer = await client.getJson('/status');
  if (typeof answer !== 'object' || answer === null || !('collectors' in answer) || !('problems' in answer)) {
    throw new Error('the server did not answer a status');
  }
  // The outer shape is checked; what is inside comes from our own server.
  return answer as Status;
}

export function serverFindings(status: Status, nowMs: number): readonly Finding[] {
  const problems = status.problems.filter(({ code }) => !TOLD_ELSEWHERE.has(code)).map(toFinding);
  return [ok('server', `answers, version ${status.version}`), clockFinding(status.now, nowMs), ...problems];
}

function toFinding({ code, severity, message, mend }: HealthProblem): Finding {
  const text = message.replace(/\.$/, '');
  return severity === 'fail' ? fail(code, text, mend) : warn(code, text, mend);
}

function clockFinding(serverNow: string, nowMs: number): Finding {
  const apartMs = Date.parse(serverNow) - nowMs;
  if (Math.abs(apartMs) <= CLOCKS_APART_MS) return ok('clock', `that of the server and this one agree (${serverNow})`);
  const text = `the server's clock is ${Math.round(Math.abs(apartMs) / 1000)} s ${apartMs > 0 ? 'ahead' : 'behind'}`;
  return warn('clock', text, 'set both by NTP: times of denials, and --since, mean the clock of the host');
}

/** `collectorPid`: of the collector on this machine, from its heartbeat. */
export async function askForCanary(
  client: Pick<ApiClient, 'getJson'>,
  status: Status,
  hostId: string,
): Promise<Finding> {
  const check = 'canary';
  const own = status.collectors.find(({ heartbeat }) => heartbeat.host.id === hostId);
  if (own === undefined) return unknown(check, 'not tried: the server knows no collector of this machine');
  const { pid, version, canary: before } = own.heartbeat;
  if (version !== packageVersion || !isCollector(pid)) {
    return unknown(check, `not tried: process ${pid} is no collector of this version`, 'restart trespass run');
  }
  const askedAtMs = Date.now();
  try {
    process.kill(pid, 'SIGUSR2');
  } catch (error) {
    return unknown(check, `not tried: the collector cannot be asked (${String(error)})`, 'run doctor as root');
  }
  const giveUpAt = performance.now() + CANARY_MAX_MS;
  while (performance.now() < giveUpAt) {
    await sleep(POLL_MS);
    const canary = (await readServerStatus(client)).collectors.find(({ heartbeat }) => heartbeat.host.id === hostId)
      ?.heartbeat.canary;
    if (canary === undefined || canary.at === undefined || canary.at === before.at) continue;
    if (canary.state === 'seen') return await storedFinding(client, askedAtMs, Math.round(canary.latency_ms ?? 0));
    if (canary.state !== 'waiting') {
      return fail(check, canary.reason ?? 'the test denial did not come back', 'see the other lines and its log');
    }
  }
  return fail(check, 'the collector did not answer with a test denial', 'see its log');
}

/** To the end of the way: the denial as a reader gets it. */
async function storedFinding(client: Pick<ApiClient, 'getJson'>, sinceMs: number, latencyMs: number): Promise<Finding> {
  const parameters = new URLSearchParams({
    include: 'canary',
    // Times of records are the kernel's ticks.
    from: new Date(sinceMs - 1_000).toISOString(),
    limit: String(PAGE_ROWS),
  });
  const giveUpAt = performance.now() + STORED_MAX_MS;
  while (performance.now() < giveUpAt) {
    const answer = await client.getJson(`/denials?${parameters}`);
    const rows: readonly unknown[] =
      typeof answer === 'object' && answer !== null && 'data' in answer && Array.isArray(answer.data)
        ? answer.data
        : [];
    const canary = rows.find(isCanary);
    if (canary !== undefined) {
      const ms = Date.now() - sinceMs;
      if ('process' in canary) {
        return ok(
          'canary',
          `a real denial went from the kernel to the database: seen after ${latencyMs} ms, stored within ${ms} ms`,
        );
      }
      return warn('canary', 'a real denial was stored, but without the process that was refused', 'see audit-rules');
    }
    await sleep(POLL_MS);
  }
  return fail(
    'canary',
    'the collector saw the test denial, but it did not reach the database',
    'see the spool and the log',
  );
}

function isCanary(row: unknown): row is object {
  return (
    typeof row === 'object' && row !== null && 'tags' in row && Array.isArray(row.tags) && row.tags.includes('canary')
  );
}

/** Numbers of processes are given again: only one that is a collector by its command line is ever signalled. */
function isCollector(pid: number): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return argv.includes('collect') && argv.some((argument) => /main\.(js|ts)$|trespass$/.test(argument));
  } catch {
    return false;
  }
}
