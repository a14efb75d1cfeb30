// Why the kernel counted denials of a domain that audit did not log, as far as what is stored tells. Only what is known
// is said, and each sentence says how far it goes; nothing is added up, as the causes may overlap.
import type { UnloggedReason } from '../answers.ts';
import { WEIGHT } from '../columns/repeats.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { LOG_NEW_EXEC_ON, LOG_SAME_EXEC_OFF, LOG_SUBDOMAINS_OFF } from '../rollups/usage-hours.ts';

/** What is asked about: row ids and times of one domain's row. */
export interface UnloggedDomain {
  readonly id: number;
  readonly boot: number;
  readonly host: number;
  readonly number: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly creatorPid: number | null;
  readonly traced: number;
}

/** Restrictions of the creator that are looked at: a process has no more than 16 layers. */
const restrictionsMax = 17;
/** Audit's times are the kernel's ticks: a restriction may seem to be a little later than what it caused. */
const CLOCKS_APART_MS = 50;

/** Restrictions of a process that made a domain or set log flags, up to a time. */
export const RESTRICTIONS_SQL = `
  SELECT s.call_flags AS flags, s.makes_domain AS makes
  FROM sandbox_calls s
  WHERE s.boot = ? AND s.pid = ? AND s.call = 2 AND s.is_success = 1 AND s.at_ms <= ?
  ORDER BY s.at_ms DESC
  LIMIT ?`;

export const LOST_DURING_SQL = `
  SELECT g.cause, total(g.count) AS n
  FROM gaps g
  WHERE g.host = ? AND g.seen_ms >= ? AND ifnull(g.since_ms, g.seen_ms) <= ? AND g.cause <> 'trace-lost'
  GROUP BY g.cause
  ORDER BY g.cause`;

export const HEARTBEAT_OF_HOST_SQL = 'SELECT heartbeat FROM collectors WHERE host = ?';

/** Denials that the tracepoints told of after an execve. */
export const TRACED_AFTER_EXEC_SQL = `
  SELECT total(${WEIGHT}) AS n
  FROM denials d
  WHERE d.domain = ? AND d.extra LIKE '%"same_exec":false%' AND d.extra LIKE '%"logged":false%'`;

/** At least one: what is not known is said, too. */
export function unloggedReasons(db: Database, domain: UnloggedDomain): readonly UnloggedReason[] {
  const reasons = [...tracedReasons(db, domain), ...flagReasons(db, domain), ...lossReasons(db, domain)];
  reasons.push(...auditReasons(db, domain));
  if (reasons.length > 0) return reasons;
  return [
    {
      kind: 'unknown',
      text:
        'Nothing stored says why. By default the kernel logs no denial after the sandboxed process has started another ' +
        'program (execve), and a sandbox may ask for less logging or make rules quiet.',
    },
  ];
}

function tracedReasons(db: Database, { id, traced }: UnloggedDomain): UnloggedReason[] {
  if (traced === 0) return [];
  const afterExec = statement<{ n: number }>(db, TRACED_AFTER_EXEC_SQL).get(id)?.n ?? 0;
  const reasons: UnloggedReason[] = [
    {
      kind: 'not-logged-by-kernel',
      text: `The kernel's tracepoints told of ${denials(traced)} that it chose not to log, because of the log flags of the restriction or a quiet rule; they are stored and marked as not in the audit log.`,
    },
  ];
  if (afterExec > 0) {
    reasons.push({
      kind: 'after-execve',
      text: `${denials(afterExec)} of these came after the sandboxed process had started another program (execve), which is logged only where the restriction asks for it (LOG_NEW_EXEC_ON).`,
    });
  }
  return reasons;
}

function flagReasons(db: Database, { boot, creatorPid, firstMs }: UnloggedDomain): UnloggedReason[] {
  if (creatorPid === null) return [];
  const found = statement<{ flags: number | null; makes: number | null }>(db, RESTRICTIONS_SQL);
  const calls = found.all(boot, creatorPid, firstMs + CLOCKS_APART_MS, restrictionsMax);
  const made = calls.filter(({ makes }) => makes === 1);
  const reasons: UnloggedReason[] = [];
  const isOne = made.length === 1;
  const whose = isOne
    ? 'The restriction that made it'
    : 'One of the restrictions of its creator, any of which may have made it,';
  const flags = made.map((call) => call.flags ?? 0);
  if (flags.some((bits) => bits & LOG_SAME_EXEC_OFF)) {
    reasons.push({
      kind: 'log-same-exec-off',
      text: `${whose} had the flag LOG_SAME_EXEC_OFF: nothing is logged of the program that restricted itself.`,
    });
  }
  if (isOne && flags.every((bits) => (bits & LOG_NEW_EXEC_ON) === 0)) {
    reasons.push({
      kind: 'log-new-exec-off',
      text: `${whose} did not have the flag LOG_NEW_EXEC_ON: nothing is logged after the process has started another program (execve).`,
    });
  }
  // The flag is about the domains after the one that was made with it.
  const earlier = calls.filter((call) => !(isOne && call.makes === 1));
  if (earlier.some((call) => (call.flags ?? 0) & LOG_SUBDOMAINS_OFF)) {
    reasons.push({
      kind: 'log-subdomains-off',
      text: 'Its creator had asked (LOG_SUBDOMAINS_OFF) that nothing is logged of the domains that it makes from then on.',
    });
  }
  return reasons;
}

function lossReasons(db: Database, { host, firstMs, lastMs }: UnloggedDomain): UnloggedReason[] {
  const lost = statement<{ cause: string; n: number }>(db, LOST_DURING_SQL).all(host, firstMs, lastMs);
  if (lost.length === 0) return [];
  const causes = lost.map(({ cause, n }) => `${cause} ${n}`).join(', ');
  return [
    {
      kind: 'lost',
      text: `Records of its host were lost during its life (${causes}): some of its denials may have been logged and not received.`,
    },
  ];
}

function auditReasons(db: Database, { host, firstMs }: UnloggedDomain): UnloggedReason[] {
  const text = statement<{ heartbeat: string }>(db, HEARTBEAT_OF_HOST_SQL).get(host)?.heartbeat;
  const { audit, started_at: startedAt = '' }: Said = text === undefined ? {} : JSON.parse(text);
  if (audit?.enabled === 0) return [{ kind: 'audit-off', text: 'Audit is off on its host: the kernel logs nothing.' }];
  if (audit?.enabled_before === 0 && firstMs <= Date.parse(startedAt)) {
    return [{ kind: 'audit-off', text: `Audit was off on its host until the collector turned it on at ${startedAt}.` }];
  }
  return [];
}

/** The part of our own stored heartbeat that is asked here. */
interface Said {
  readonly started_at?: string;
  readonly audit?: { readonly enabled: number; readonly enabled_before: number };
}

function denials(count: number): string {
  return count === 1 ? '1 denial' : `${count} denials`;
}
