// What the kernel's audit is set to: its status and the rules that hide something of Landlock's.
import type { SourceKind } from '../../runtime/config.ts';
import type { AuditStatus } from '../netlink/audit-status.ts';
import { effectOfRule, type Hidden, type RuleEffect } from '../netlink/rule-effects.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The kernel's default of 64 loses records in the first burst. */
const BACKLOG_LIMIT_MIN = 1_024;
/** Rules that are named one by one. */
const RULES_SHOWN_MAX = 20;

export interface AuditSituation {
  readonly status: AuditStatus;
  /** A collector runs here, with its process id. */
  readonly collectorPid: number | undefined;
  readonly source: SourceKind;
  /** collector.backlog_limit */
  readonly backlogLimitWanted: number;
  readonly commandOf: (pid: number) => string | undefined;
}

export function statusFindings(situation: AuditSituation): readonly Finding[] {
  return [enabledFinding(situation), backlogFinding(situation), rateFinding(situation), daemonFinding(situation)];
}

const isKernelRead = (source: SourceKind) => source === 'netlink' || source === 'netlink-unicast';

function enabledFinding({ status, collectorPid, source }: AuditSituation): Finding {
  const check = 'audit-enabled';
  if (status.enabled === 0 && collectorPid !== undefined) {
    return fail(check, 'audit is off while a collector runs: somebody turned it off', 'auditctl -e 1');
  }
  if (status.enabled === 0 && !isKernelRead(source)) {
    return fail(check, `audit is off, and the source ${source} does not turn it on`, 'auditctl -e 1, or start auditd');
  }
  if (status.enabled === 0) {
    return ok(check, 'audit is off; trespass run turns it on for as long as it runs');
  }
  return ok(check, status.enabled === 2 ? 'audit is on, and locked until reboot' : 'audit is on');
}

function backlogFinding({ status, collectorPid, source, backlogLimitWanted }: AuditSituation): Finding {
  const check = 'backlog-limit';
  const { backlogLimit: limit, lost } = status;
  const said = lost > 0 ? `; ${lost} records were dropped since boot` : '';
  if (limit === 0 || limit >= BACKLOG_LIMIT_MIN) return ok(check, `${limit === 0 ? 'unlimited' : limit}${said}`);
  const text = `the kernel queues only ${limit} audit records and drops what comes beyond${said}`;
  if (status.enabled === 2 && limit < backlogLimitWanted) {
    return fail(check, `${text}, and audit is locked`, 'put -b 8192 before -e 2 in the audit rules and reboot');
  }
  const isRaised = collectorPid === undefined && isKernelRead(source) && backlogLimitWanted >= BACKLOG_LIMIT_MIN;
  if (isRaised && lost === 0) {
    return ok(check, `${limit}; trespass run raises it to ${backlogLimitWanted} for as long as it runs`);
  }
  return warn(check, text, isRaised ? 'start trespass run, which raises it, or: auditctl -b 8192' : 'auditctl -b 8192');
}

function rateFinding({ status }: AuditSituation): Finding {
  const check = 'rate-limit';
  if (status.rateLimit === 0) return ok(check, 'none');
  return fail(
    check,
    `the kernel logs at most ${status.rateLimit} audit records a second and drops the rest; a denial takes four`,
    'auditctl -r 0',
  );
}

function daemonFinding({ status, collectorPid, source, commandOf }: AuditSituation): Finding {
  const check = 'audit-daemon';
  const pid = status.daemonPid;
  if (pid === 0) {
    if (source !== 'auditd-plugin' && source !== 'file') return ok(check, 'no other one');
    return fail(check, `no audit daemon is registered, and the source ${source} lives on one`, 'start auditd');
  }
  const name = pid === collectorPid ? 'the collector' : (commandOf(pid) ?? 'a process that is gone');
  if (source === 'netlink-unicast' && pid !== collectorPid) {
    return fail(
      check,
      `another audit daemon is registered with the kernel: ${name} (pid ${pid})`,
      'stop it, or use the source netlink, which works beside it',
    );
  }
  return ok(check, `${name} (pid ${pid}); Trespass reads beside it`);
}

const WHAT: Readonly<Record<Hidden, string>> = {
  denials: 'the denials themselves (1423)',
  domains: 'the records about domains (1424): who made them, and how much was denied',
  actors: 'who was denied (1300): program, process and user',
};

/** One line for each rule that hides something; one that says so where none does. */
export function ruleFindings(rules: readonly Uint8Array[]): readonly Finding[] {
  const check = 'audit-rules';
  const effects = rules.map(effectOfRule).filter((effect) => effect !== undefined);
  if (effects.length === 0) return [ok(check, `${rules.length} loaded, none hides anything of Landlock's`)];
  const findings = effects.slice(0, RULES_SHOWN_MAX).map((effect) => ruleFinding(check, effect));
  const beyond = effects.length - findings.length;
  return beyond > 0 ? [...findings, warn(check, `${beyond} more rules hide something`, 'auditctl -l')] : findings;
}

function ruleFinding(check: string, { hides, isForAll, text }: RuleEffect): Finding {
  const what = hides.map((hidden) => WHAT[hidden]).join(', and ');
  const mend = `remove it (auditctl -d ${text.slice('-a '.length)}) and from /etc/audit/rules.d`;
  const after = text.startsWith('-a never,task')
    ? '; processes that live already stay hidden until they start anew'
    : '';
  if (isForAll) return fail(check, `the audit rule "${text}" hides ${what}`, `${mend}${after}`);
  return warn(check, `the audit rule "${text}" hides, for what it names, ${what}`, mend);
}
