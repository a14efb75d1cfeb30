// The hierarchy's answer for one domain, and the evidence that it rests on. The kernel names no parent in the audit
// log, so every edge says how it is known.

/** `proof`: follows from the kernel's source whatever programs do. `strong`: true but for named exotic cases. */
export type Strength = 'proof' | 'strong' | 'hint';

/**
 * How an ancestor is known. proof: `tracepoint` (the kernel said it), `same-event` (both domains refused one and the
 * same system call). strong: `born-inside` (a process that the ancestor did not get from itself was refused by both),
 * `same-thread` (thread name and process were refused by both), `parent-born-inside` (the parent process was born in
 * the ancestor), `proc-ancestry` (/proc showed the chain of processes, and the one below `parent_pid` started when that was
 * in the ancestor already). hint: `same-process`, `parent-process` (the child may have been forked before).
 */
export type EvidenceKind =
  | 'tracepoint'
  | 'same-event'
  | 'born-inside'
  | 'same-thread'
  | 'parent-born-inside'
  | 'proc-ancestry'
  | 'same-process'
  | 'parent-process';

/** One reason to believe that a domain is an ancestor. A type, so that it fits open-ended evidence elsewhere. */
export type HierarchyEvidence = {
  readonly kind: EvidenceKind;
  readonly strength: Strength;
  /** Event ids of the documents that it rests on. */
  readonly records: readonly string[];
  /** The process that it is about. */
  readonly pid?: number;
  /** `parent-…`: the process that is an ancestor of `pid`. */
  readonly parent_pid?: number;
};

/** An ancestor, with everything that speaks for it. `strength`: of the best evidence. */
export interface Ancestor {
  readonly domain: string;
  readonly strength: Strength;
  readonly evidence: readonly HierarchyEvidence[];
}

/**
 * Why something that looked like an ancestor is none. `freed-before`: it ended before this domain did (a parent
 * outlives its children). `forked-before`: the process was there before that domain was, and did not make it. `outside`: it refused to signal or trace a process that is in this domain.
 * `would-have-refused`: it had refused the same access before that an older domain refused here.
 * `several-chains`: the process has threads in different domains, or its number was used again.
 */
export type Contradiction =
  | 'freed-before'
  | 'forked-before'
  | 'outside'
  | 'would-have-refused'
  | 'several-chains'
  | 'tracepoint';

export interface RuledOut {
  readonly domain: string;
  readonly because: Contradiction;
}

export interface Family {
  readonly domain: string;
  /** The nearest known ancestor: unknown layers may lie between. */
  readonly parent?: Ancestor;
  /** Known from evidence about this very domain, the nearest first. The first one is the parent. */
  readonly ancestors: readonly Ancestor[];
  readonly ruledOut: readonly RuledOut[];
  /** Least depth: 1 for a domain with no known ancestor; hints do not count. At most 16. */
  readonly depthMin: number;
}

const ORDER: readonly Strength[] = ['hint', 'strong', 'proof'];

/** The stronger of two. */
export function stronger(a: Strength, b: Strength): Strength {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b;
}
