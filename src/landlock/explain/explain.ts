// A denial in plain words: who was refused what by whose sandbox, what that right is, why it may have happened, and what
// nobody can know from the records. Used alike by everything that shows denials.
import { readBlockers } from '../blocker-set.ts';
import { deedOf } from '../describe.ts';
import type { Denial, DomainAllocated } from '../document.ts';
import { shown } from '../phrase.ts';
import { type Cause, ranked } from './cause.ts';
import { historyCauses, type IssueHistory } from './history-causes.ts';
import { type Meaning, meaningOf } from './meanings.ts';
import { otherCauses } from './other-causes.ts';
import { pathCauses } from './path-causes.ts';
import { unknownsOf } from './unknowns.ts';

/** What is known besides the denial. */
export interface ExplainContext {
  /** Who made the domain, from its LANDLOCK_DOMAIN record. */
  readonly creator?: DomainAllocated['landlock']['domain']['creator'];
  /** Name of the user with `user.id` on that host. */
  readonly userName?: string;
  /** What else is stored of the issue and of the process. */
  readonly history?: IssueHistory;
}

/** An explanation. Texts hold no control characters; what comes from records is escaped as `\u{a}`. */
export interface Explanation {
  readonly sentence: string;
  readonly actor: string;
  /** Absent where the record about the domain was not seen. */
  readonly creator?: string;
  /** One for each blocker, in the kernel's order. */
  readonly meaning: readonly Meaning[];
  /** The surest first. */
  readonly causes: readonly Cause[];
  readonly unknown: readonly string[];
}

function withDetails(name: string, details: readonly string[]): string {
  return details.length === 0 ? name : `${name} (${details.join(', ')})`;
}

/** Ids in records are those of the first user namespace, in which 0 is root everywhere. */
export function userText(id: string): string {
  return id === '0' ? 'user root' : `user id ${shown(id)}`;
}

function actorText({ process, user, landlock }: Denial, userName: string | undefined): string {
  if (process === undefined || landlock.actor_certainty === 'absent') return 'A process that the records do not name';
  const { name, executable, pid } = process;
  const details: string[] = [];
  if (name !== undefined && executable !== undefined) details.push(shown(executable));
  if (pid !== undefined) details.push(`pid ${pid}`);
  if (userName !== undefined) details.push(`user ${shown(userName)}`);
  else if (user?.id !== undefined) details.push(userText(user.id));
  return withDetails(shown(name ?? executable ?? 'A process'), details);
}

function deedText(denial: Denial): string {
  const { landlock, file, source, destination, process } = denial;
  const names = landlock.blockers.join(',');
  return deedOf({
    domain: landlock.domain.id,
    blockers: readBlockers(names, 0, names.length),
    object: landlock.object,
    certainty: landlock.actor_certainty,
    file,
    source,
    destination,
    target: landlock.target,
    process,
  });
}

function sandboxText(denial: Denial, creator: ExplainContext['creator']): string {
  const domain = `domain ${shown(denial.landlock.domain.id)}`;
  const name = creator?.executable ?? creator?.name;
  if (name === undefined) return `a sandbox (${domain})`;
  const pid = creator?.pid === undefined ? [] : [`pid ${creator.pid}`];
  return `the sandbox that ${shown(name)} set up (${[domain, ...pid].join(', ')})`;
}

function causesOf(denial: Denial, creator: string): readonly Cause[] {
  const { landlock, file, process } = denial;
  const causes = otherCauses(denial, creator);
  if (causes !== undefined) return causes;
  return pathCauses({
    path: file?.path ?? file?.name ?? 'the file',
    blockers: landlock.blockers,
    creator,
    ioctl: landlock.object.ioctl_command,
    directory: process?.working_directory,
  });
}

/** Explains a denial. Takes any denial, of any kernel. */
export function explain(denial: Denial, context: ExplainContext = {}): Explanation {
  const { creator, userName, history } = context;
  const actor = actorText(denial, userName);
  const name = creator?.executable ?? creator?.name;
  const maker = name === undefined ? 'whatever sets up the sandbox' : shown(name);
  const doubt =
    denial.landlock.actor_certainty === 'may_be_outside' ? '; the process that is named need not be inside it' : '';
  const sandbox = sandboxText(denial, creator);
  return {
    sentence: `${actor} was refused to ${deedText(denial)} by ${sandbox}${doubt}.`,
    actor,
    ...(name === undefined ? {} : { creator: shown(name) }),
    meaning: denial.landlock.blockers.map(meaningOf),
    causes: ranked([...causesOf(denial, maker), ...(history === undefined ? [] : historyCauses(history, maker))]),
    unknown: unknownsOf(denial, name !== undefined),
  };
}
