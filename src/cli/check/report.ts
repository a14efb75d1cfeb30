// What `trespass check` found, as one value for every format: issues, each explained and known or new, the sandboxes that
// were made, and what the answer may lack. Pure.
import type { ExplainedIssue } from '../issue-tally.ts';
import { IssueTally } from '../issue-tally.ts';
import type { CommandEnd } from './run-command.ts';
import type { TreeDomain, TreeSandbox } from './tree-denials.ts';
import type { WatchResult } from './watch-command.ts';

const LOG_NEW_EXEC_ON = 2;

export interface CheckedIssue extends ExplainedIssue {
  /** Of the issue: what was refused, and on what. */
  readonly blockers: readonly string[];
  readonly path?: string;
  /** In the baseline. */
  readonly known: boolean;
}

export interface CheckReport {
  readonly command: readonly string[];
  readonly end: CommandEnd;
  readonly started_at: string;
  readonly ended_at: string;
  readonly denials: number;
  readonly issues: readonly CheckedIssue[];
  readonly new_issues: number;
  readonly domains: readonly TreeDomain[];
  readonly sandboxes: readonly (TreeSandbox & { readonly is_silent_after_exec: boolean })[];
  readonly warnings: readonly string[];
}

/** `known`: fingerprints of the baseline. */
export function buildReport(command: readonly string[], result: WatchResult, known: ReadonlySet<string>): CheckReport {
  const tally = new IssueTally();
  for (const doc of result.allocated) tally.add(doc);
  for (const doc of result.denials) tally.add(doc);
  const byId = new Map(result.denials.map((denial) => [denial.event.id, denial]));
  const issues = tally.explained().map((issue): CheckedIssue => {
    const denial = byId.get(issue.event.id);
    const path = denial?.file?.path;
    return {
      ...issue,
      blockers: denial?.landlock.blockers ?? [],
      ...(path !== undefined && { path }),
      known: known.has(issue.issue.fingerprint),
    };
  });
  const sandboxes = result.sandboxes.map((sandbox) => ({
    ...sandbox,
    is_silent_after_exec: (sandbox.flags & LOG_NEW_EXEC_ON) === 0,
  }));
  return {
    command,
    end: result.end,
    started_at: result.startedAt,
    ended_at: result.endedAt,
    denials: result.denials.length,
    issues,
    new_issues: issues.filter((issue) => !issue.known).length,
    domains: result.domains,
    sandboxes,
    warnings: [...result.warnings, ...silenceWarnings(result.domains, sandboxes)],
  };
}

function silenceWarnings(domains: readonly TreeDomain[], sandboxes: CheckReport['sandboxes']): readonly string[] {
  const warnings: string[] = [];
  const silent = sandboxes.filter((sandbox) => sandbox.is_silent_after_exec);
  if (silent.length > 0) {
    const makers = [...new Set(silent.map(({ program }) => program ?? 'a program without a name'))].join(', ');
    const many = silent.length === 1 ? 'a sandbox' : `${silent.length} sandboxes`;
    warnings.push(
      `${makers} made ${many} without LOG_NEW_EXEC_ON: the kernel logs nothing of what is refused there after execve; ` +
        'run it again with --force-log',
    );
  }
  const unlogged = domains.reduce((sum, { logged, total }) => sum + Math.max(0, (total ?? logged) - logged), 0);
  if (unlogged > 0) warnings.push(`${unlogged} more denials were counted by the kernel and not logged`);
  return warnings;
}

/** For people and for every format: how the command ended. */
export function endText(end: CommandEnd): string {
  switch (end.kind) {
    case 'exit':
      return `ended with exit code ${end.code}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'not-started':
      return `could not be started (${end.reason})`;
  }
}
