// What is wrong, why, and what to do: derived from what collectors last said and from the server's own state. Pure.
// Each problem has a stable code; the same list is shown on the page and in /status.
import type { Heartbeat } from '../../delivery/batch.ts';
import type { SupervisionNews } from '../../runtime/supervision.ts';
import type { CollectorStatus, HealthProblem, Status } from '../schemas/status.ts';
import type { TlsState } from '../transport/tls.ts';
import { tlsProblems } from '../transport/tls-problems.ts';

/** A collector says something each few seconds. */
export const STALE_AFTER_MS = 30_000;
export const OFFLINE_AFTER_MS = 120_000;
/** The kernel's default of 64 loses records in the first burst. */
const BACKLOG_LIMIT_MIN = 1_024;
/** Below the first there is time to act; below the second a batch may not fit any more. */
const DISK_FREE_LOW_BYTES = 512 * 1024 * 1024;
const DISK_FREE_NONE_BYTES = 4 * 1024 * 1024;

/** What a problem may come from. */
export interface Health {
  readonly collectors: Status['collectors'];
  readonly supervision: SupervisionNews | undefined;
  /** Names of capabilities that this process holds. */
  readonly capabilities: readonly string[];
  /** Whether the account of this process can still open the database by its path. */
  readonly isDatabaseReachable: boolean;
  readonly unready: string | undefined;
  /** On the file system of the database; undefined where it cannot be seen. */
  readonly diskFreeBytes?: number | undefined;
  readonly ingestFailures: number;
  readonly rejected: number;
  /** Undefined: plain HTTP. */
  readonly tls?: TlsState | undefined;
  readonly nowMs: number;
}

/** The state of a collector that was last heard `agoMs` ago. */
export function collectorState(agoMs: number, supervision: SupervisionNews | undefined): CollectorStatus['state'] {
  if (supervision?.collector.state === 'restarting') {
    return 'restarting';
  }
  if (agoMs > OFFLINE_AFTER_MS || supervision?.collector.state === 'stopped') {
    return 'offline';
  }
  return agoMs > STALE_AFTER_MS ? 'stale' : 'online';
}

/** All problems, failures first. */
export function findProblems(health: Health): HealthProblem[] {
  const problems = [...serverProblems(health), ...health.collectors.flatMap(collectorProblems)];
  return [...problems.filter(({ severity }) => severity === 'fail'), ...problems.filter((p) => p.severity === 'warn')];
}

function serverProblems(health: Health): HealthProblem[] {
  const problems: HealthProblem[] = [];
  if (health.unready !== undefined) {
    problems.push(fail('server-not-ready', health.unready, 'See the log of the server.'));
  }
  problems.push(...supervisionProblems(health), ...diskProblems(health), ...ingestProblems(health));
  if (health.capabilities.length > 0) {
    problems.push(
      warn(
        'server-privileged',
        `The server holds capabilities that it does not need: ${health.capabilities.join(', ')}.`,
        'Set server.user, or start it as an ordinary user.',
      ),
    );
  }
  if (!health.isDatabaseReachable) {
    problems.push(
      warn(
        'database-unreachable',
        'The database is open, but lies where the account of the server may not go to open it again.',
        'Put it where server.user may go, for example below /var/lib/trespass.',
      ),
    );
  }
  return [...problems, ...tlsProblems(health.tls, health.nowMs)];
}

function supervisionProblems({ supervision, collectors }: Health): HealthProblem[] {
  const problems: HealthProblem[] = [];
  if (collectors.length === 0 && supervision?.collector.state !== 'starting') {
    problems.push(
      fail('no-collector', 'No collector has ever reported.', 'Start one with `trespass run`, or `trespass collect`.'),
    );
  }
  if (supervision?.collector.state === 'restarting') {
    const why = supervision.collector.lastExit === undefined ? '' : ` (${supervision.collector.lastExit})`;
    problems.push(
      fail('collector-restarting', `The collector ended${why} and is being started again.`, 'See its log for why.'),
    );
  } else if (supervision !== undefined && supervision.collector.restarts > 0) {
    problems.push(
      warn(
        'collector-restarted',
        `The collector had to be started again ${times(supervision.collector.restarts)}.`,
        'Records of that time may be missing; see its log for why it ended.',
      ),
    );
  }
  if (supervision !== undefined && supervision.server.restarts > 0) {
    problems.push(
      warn(
        'server-restarted',
        `The server had to be started again ${times(supervision.server.restarts)}.`,
        'Nothing is lost: the collector kept what was not stored. See the log for why it ended.',
      ),
    );
  }
  return problems;
}

function diskProblems({ diskFreeBytes }: Health): HealthProblem[] {
  if (diskFreeBytes === undefined || diskFreeBytes >= DISK_FREE_LOW_BYTES) {
    return [];
  }
  const left = `${Math.floor(diskFreeBytes / (1024 * 1024))} MiB`;
  const message = `The disk of the database has ${left} left: once it is full, denials wait at their collectors.`;
  const mend = 'Free some space there; nothing has to be started again.';
  return [diskFreeBytes < DISK_FREE_NONE_BYTES ? fail('disk-full', message, mend) : warn('disk-low', message, mend)];
}

function ingestProblems({ ingestFailures, rejected }: Health): HealthProblem[] {
  const problems: HealthProblem[] = [];
  if (ingestFailures > 0) {
    problems.push(
      warn(
        'ingest-failed',
        `The database could not take a batch ${times(ingestFailures)}.`,
        'Collectors keep what is not stored and try again; look for a full disk or a lock in the log.',
      ),
    );
  }
  if (rejected > 0) {
    problems.push(
      warn(
        'documents-rejected',
        `${rejected} documents could not be stored because of their form or their age.`,
        'See the log for the reasons; collector and server should have the same version.',
      ),
    );
  }
  return problems;
}

function collectorProblems({ heartbeat, state, last_contact_at }: CollectorStatus): HealthProblem[] {
  const host = heartbeat.host.name;
  const problems: HealthProblem[] = [];
  if (state === 'offline' || state === 'stale') {
    const say = state === 'offline' ? fail : warn;
    problems.push(
      say(
        `collector-${state}`,
        `The collector of ${host} was last heard at ${last_contact_at}.`,
        'See whether it runs there, and whether it reaches this server.',
      ),
    );
  }
  return [...problems, ...kernelProblems(heartbeat, host), ...lossProblems(heartbeat, host)];
}

function kernelProblems(
  { audit, canary, receive_buffer: buffer, sandbox_rules: rules, host: kernel }: Heartbeat,
  host: string,
): HealthProblem[] {
  const problems: HealthProblem[] = [];
  if (kernel.landlock_abi === undefined) {
    problems.push(
      fail('no-landlock', `The kernel of ${host} has no Landlock.`, 'Add landlock to the lsm= boot parameter.'),
    );
  }
  if (audit?.enabled === 0) {
    problems.push(fail('audit-off', `Audit is off on ${host}: the kernel logs nothing.`, 'Turn it on: auditctl -e 1'));
  }
  if (audit !== undefined && audit.backlog_limit !== 0 && audit.backlog_limit < BACKLOG_LIMIT_MIN) {
    problems.push(
      warn(
        'backlog-limit-low',
        `The kernel of ${host} queues only ${audit.backlog_limit} audit records and loses what comes beyond.`,
        'Raise it: auditctl -b 8192, or collector.backlog_limit where the collector may set it.',
      ),
    );
  }
  if (audit !== undefined && audit.rate_limit > 0) {
    problems.push(
      warn(
        'audit-rate-limited',
        `The kernel of ${host} logs at most ${audit.rate_limit} audit records a second and drops the rest.`,
        'Lift the limit: auditctl -r 0',
      ),
    );
  }
  if (canary.state === 'missed' || canary.state === 'unavailable') {
    const why = canary.reason === undefined ? '' : `: ${canary.reason}`;
    problems.push(
      canary.state === 'missed'
        ? fail(
            'canary-missed',
            `The test denial on ${host} did not come back${why}`,
            'See the log of its collector: it says what it tried.',
          )
        : warn(
            'canary-unavailable',
            `No test denial could be made on ${host}${why}`,
            'See the log of its collector: it says what it tried.',
          ),
    );
  }
  if (rules?.state === 'failed') {
    problems.push(
      warn(
        'sandbox-rules-failed',
        `The audit rules on Landlock's system calls could not be loaded on ${host}: ${rules.reason ?? 'no reason given'}`,
        'See the log of its collector, or turn collector.sandbox_rules off.',
      ),
    );
  }
  if (buffer !== undefined && buffer.got_bytes < buffer.asked_bytes) {
    problems.push(
      warn(
        'receive-buffer-small',
        `The collector of ${host} asked for ${buffer.asked_bytes} bytes of receive buffer and got ${buffer.got_bytes}.`,
        `Give it CAP_NET_ADMIN at its start, or: sysctl -w net.core.rmem_max=${buffer.asked_bytes}`,
      ),
    );
  }
  return problems;
}

function lossProblems({ counts, spool }: Heartbeat, host: string): HealthProblem[] {
  const problems: HealthProblem[] = [];
  const lost = counts.lost.filter(({ cause, count }) => count > 0 && cause !== 'trace-lost');
  const traceLost = counts.lost.find(({ cause }) => cause === 'trace-lost')?.count ?? 0;
  if (traceLost > 0) {
    problems.push(
      warn(
        'trace-events-lost',
        `${traceLost} trace events of ${host} are lost since its collector started: parents of domains may be missing.`,
        "Raise the size of the tracing buffer: write kilobytes to buffer_size_kb of the collector's tracing instance.",
      ),
    );
  }
  if (lost.length > 0) {
    const causes = lost.map(({ cause, count }) => `${cause} ${count}`).join(', ');
    problems.push(
      warn(
        'records-lost',
        `Records of ${host} are lost since its collector started: ${causes}.`,
        'Raise collector.backlog_limit and collector.receive_buffer_bytes, or find what floods the audit log.',
      ),
    );
  }
  if (counts.malformed > 0) {
    problems.push(
      warn(
        'records-malformed',
        `${counts.malformed} records of ${host} were not understood. They are kept.`,
        'Update Trespass; if that does not help, report the records.',
      ),
    );
  }
  if (spool.bytes_max > 0 && spool.bytes > spool.bytes_max / 2) {
    problems.push(
      warn(
        'spool-filling',
        `The spool of ${host} holds ${spool.documents} documents that are not delivered yet.`,
        'See why this server does not take them; when the spool is full, denials are lost.',
      ),
    );
  }
  return problems;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function fail(code: string, message: string, mend: string): HealthProblem {
  return { code, severity: 'fail', message, mend };
}

function warn(code: string, message: string, mend: string): HealthProblem {
  return { code, severity: 'warn', message, mend };
}
