// What an edge of the tree of domains rests on, and what speaks against others, in plain words.
import type { Evidence } from '../answers.ts';

/** One sentence: why `ancestor` is taken for an ancestor. */
export function evidenceText({ kind, pid, parent_pid: parentPid }: Evidence, ancestor: string): string {
  const process = pid === undefined ? 'A process' : `Process ${String(pid)}`;
  const parent = parentPid === undefined ? 'its parent' : `process ${String(parentPid)} above it`;
  switch (kind) {
    case 'tracepoint':
      return `The kernel said when it made the domain that ${ancestor} is the parent.`;
    case 'same-event':
      return 'Both domains refused one and the same system call, so they are of one chain.';
    case 'born-inside':
      return `${process} was in ${ancestor} from its birth, as it did not make it, and is in this domain too.`;
    case 'same-thread':
      return `${process} met both domains in a thread of the same name.`;
    case 'parent-born-inside':
      return `${process} is in this domain, and ${parent} was in ${ancestor} from its birth.`;
    case 'proc-ancestry':
      return `/proc showed that ${parent} was in ${ancestor} already when the one below it in the chain started.`;
    case 'same-process':
      return `${process} has to do with both domains; its threads might be in different ones.`;
    case 'parent-process':
      return `${process} is in this domain, and ${parent} in ${ancestor}; it might have been forked before that.`;
    default:
      return `${process} speaks for it.`;
  }
}

const RULED_OUT: ReadonlyMap<string, string> = new Map([
  ['freed-before', 'It ended before this domain did, and a parent outlives its children.'],
  ['forked-before', 'The process was there before that domain was.'],
  ['outside', 'It refused to signal or trace a process that is in this domain.'],
  ['would-have-refused', 'It had refused the same access before that an older domain refused here.'],
  ['several-chains', 'The process has threads in different domains, or its number was used again.'],
  ['tracepoint', 'The kernel itself named another parent.'],
]);

/** One sentence: why something that looked like an ancestor is none. */
export function ruledOutText(because: string): string {
  return RULED_OUT.get(because) ?? `Something speaks against it: ${because}.`;
}
