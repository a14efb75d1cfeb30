// Why a page shows no denial: nothing happened, something is broken, or one looks at the wrong place. Zero must be
// explainable. Pure.
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { HealthProblem, Status } from '../../src/api/schemas/status.ts';
import { isNarrowed, type View } from './page-address.ts';
import { isWithin } from './time-range.ts';

export type EmptyReason =
  /** Denials could not have arrived; `problems` say why and how to mend it. */
  | { readonly kind: 'broken'; readonly problems: readonly HealthProblem[] }
  /** There are denials, but not within the filters. */
  | { readonly kind: 'filtered' }
  /** There are denials, but not in this span; the newest is of `newestMs`. */
  | { readonly kind: 'elsewhere'; readonly newestMs: number }
  /** Everything works and nothing was refused. `canarySeen`: that is proved. */
  | { readonly kind: 'quiet'; readonly canarySeen: boolean };

export interface EmptyFacts {
  readonly view: View;
  readonly nowMs: number;
  readonly status?: Status;
  readonly hosts?: readonly HostAnswer[];
}

export function emptyReason({ view, nowMs, status, hosts }: EmptyFacts): EmptyReason {
  if (isNarrowed(view)) {
    return { kind: 'filtered' };
  }
  const problems = status?.problems.filter((problem) => problem.severity === 'fail') ?? [];
  if (problems.length > 0) {
    return { kind: 'broken', problems };
  }
  if (status !== undefined) {
    const guessed = guessProblems(status);
    if (guessed.length > 0) {
      return { kind: 'broken', problems: guessed };
    }
  }
  const newestMs = Math.max(...(hosts ?? []).map((host) => Date.parse(host.last_denial_at ?? '') || 0), 0);
  if (newestMs > 0 && !isWithin(view.range, newestMs, nowMs)) {
    return { kind: 'elsewhere', newestMs };
  }
  const canarySeen = status?.collectors.some((one) => one.heartbeat.canary.state === 'seen') ?? false;
  return { kind: 'quiet', canarySeen };
}

/** For a server that reports states without calling them problems. */
function guessProblems(status: Status): readonly HealthProblem[] {
  if (status.collectors.length === 0) {
    return [
      {
        code: 'no-collector',
        severity: 'fail',
        message: 'No collector has ever reported to this server.',
        mend: 'Start one as root: `trespass run` starts both, `trespass collect` the collector alone.',
      },
    ];
  }
  const problems: HealthProblem[] = [];
  if (status.collectors.every((one) => one.state === 'offline')) {
    problems.push({
      code: 'collector-offline',
      severity: 'fail',
      message: 'No collector is online.',
      mend: 'Look at its log, or start it again as root with `trespass run`.',
    });
  }
  if (status.collectors.some((one) => one.heartbeat.audit?.enabled === 0)) {
    problems.push({
      code: 'audit-off',
      severity: 'fail',
      message: 'Audit is turned off in the kernel, so it logs no denial.',
      mend: 'Turn it on with `auditctl -e 1`, or start `trespass run` again.',
    });
  }
  const missed = status.collectors.find((one) => one.heartbeat.canary.state === 'missed');
  if (missed !== undefined) {
    problems.push({
      code: 'canary-missed',
      severity: 'fail',
      message: missed.heartbeat.canary.reason ?? 'Trespass provoked a denial and never saw it arrive.',
      mend: 'See the log of the collector on that host: `journalctl -u trespass-collector`.',
    });
  }
  return problems;
}
