// Sandboxes that are silent by their maker's choice: denials that nobody logged, and launchers that never ask for the log
// of what they start. Says as well which way there is to hear them.
import { existsSync } from 'node:fs';
import { type Finding, ok, unknown, warn } from '../../collector/doctor/finding.ts';
import type { DomainAnswer, ProgramAnswer } from '../../store/answers.ts';
import type { QuerySource } from '../query-source.ts';

const DOMAINS_READ_MAX = 500;
const PROGRAMS_SHOWN_MAX = 5;
const LOOK_BACK_MS = 7 * 86_400_000;

/** The ways to denials that audit does not log. */
export interface WaysToHear {
  readonly hasTracepoints: boolean;
  readonly landlockAbi: number | undefined;
}

export function findTracepoints(root = '/sys/kernel/tracing'): boolean {
  return existsSync(`${root}/events/landlock`);
}

export async function silenceFindings(
  source: QuerySource,
  ways: WaysToHear,
  nowMs: number,
): Promise<readonly Finding[]> {
  const scope = { fromMs: nowMs - LOOK_BACK_MS };
  const domains = await source.page('domains', { scope, filter: { has: 'unlogged' }, limit: DOMAINS_READ_MAX });
  const programs = await source.page('programs', { scope, limit: DOMAINS_READ_MAX });
  return [unloggedFinding(domains.data, ways), launcherFinding(programs.data, ways)];
}

export function unloggedFinding(domains: readonly DomainAnswer[], ways: WaysToHear): Finding {
  const check = 'unlogged-denials';
  if (domains.length === 0)
    return ok(check, 'no domain of the last 7 days that ended with denials which were not logged');
  const makers = mostFrequent(
    domains.map(({ creator }) => creator?.executable ?? creator?.name ?? 'an unknown program'),
  );
  const count = domains.reduce((sum, { denials }) => sum + (denials.unlogged ?? denials.traced ?? 0), 0);
  const many = domains.length === DOMAINS_READ_MAX ? 'at least ' : '';
  return warn(
    check,
    `${many}${domains.length} domains of the last 7 days had ${count} denials that were not logged; made by ${makers}`,
    `trespass tree --explain says why for each; ${wayText(ways)}`,
  );
}

export function launcherFinding(programs: readonly ProgramAnswer[], ways: WaysToHear): Finding {
  const check = 'launchers';
  const makers = programs.filter(({ sandboxes }) => sandboxes > 0);
  if (makers.length === 0) {
    return unknown(
      check,
      'whether launchers keep their programs out of the log is not recorded: by default the kernel logs no denial after execve',
      `set collector.sandbox_rules = true to record it; ${wayText(ways)}`,
    );
  }
  const silent = makers.filter(({ sandboxes, log_flags: flags }) => flags.new_exec_on < sandboxes);
  if (silent.length === 0) return ok(check, 'all recorded sandboxes ask for the log of what they start');
  return warn(
    check,
    `denials after execve are not logged of sandboxes by ${mostFrequent(silent.map(({ program }) => program))}: they do not set LOG_NEW_EXEC_ON`,
    `ask their makers for it; ${wayText(ways)}`,
  );
}

function wayText({ hasTracepoints, landlockAbi = 0 }: WaysToHear): string {
  if (hasTracepoints) return "the kernel's tracepoints tell of them here (collector.tracefs)";
  if (landlockAbi >= 7) return 'to hear them now: trespass check --force-log -- COMMAND';
  return 'this kernel has no way to hear them';
}

function mostFrequent(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one).map(([name]) => name);
  const shown = sorted.slice(0, PROGRAMS_SHOWN_MAX).join(', ');
  return sorted.length > PROGRAMS_SHOWN_MAX ? `${shown} and ${sorted.length - PROGRAMS_SHOWN_MAX} more` : shown;
}

/** Stored times that lie ahead of this machine's clock: it was set back, or the host's is wrong. */
export async function futureFinding(source: QuerySource, nowMs: number): Promise<Finding | undefined> {
  const { data } = await source.page('denials', { scope: { includeCanary: true }, limit: 1 });
  const newest = data[0]?.['@timestamp'];
  if (newest === undefined || Date.parse(newest) <= nowMs + 60_000) return undefined;
  return warn('clock', `the newest stored denial is of ${newest}, which is still to come`, 'set the clocks by NTP');
}
