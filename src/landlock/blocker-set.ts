// One value of `blockers=` and what follows from it alone. Few values exist on a machine, so each is worked out
// once; the kernel's order of names is kept.
import { ownString } from '../audit/own-string.ts';
import { sampleHash, TextMemo } from '../audit/text-memo.ts';
import { type Blocker, type BlockerClass, blockerClass, findBlocker, isSubjectTrap } from './blockers.ts';
import { type Phrase, phraseOf } from './phrase.ts';

/** What a `blockers=` value means. Shared between denials: nobody may change it. */
export interface BlockerSet {
  readonly names: readonly string[];
  /** The class of the first; a record never mixes them (security/landlock/audit.c, log_blockers). */
  readonly class: BlockerClass;
  /** `event.category` */
  readonly category: readonly string[];
  /** `landlock.object.kind`, where the names tell it. */
  readonly kind: string | undefined;
  /** Whether `path=` is the name of an abstract socket: hex always. */
  readonly isAbstractSocket: boolean;
  readonly isBind: boolean;
  /** Whether the domain can be another task's than the caller's. */
  readonly isSubjectTrap: boolean;
  /** The names that this version knows, and those that it does not. */
  readonly known: readonly Blocker[];
  readonly unknown: readonly string[];
  readonly phrase: Phrase;
}

const ABSTRACT_SOCKET = 'scope.abstract_unix_socket';

const FILE_CATEGORY = ['intrusion_detection', 'file'];
const NETWORK_CATEGORY = ['intrusion_detection', 'network'];
const PROCESS_CATEGORY = ['intrusion_detection', 'process'];
const OTHER_CATEGORY = ['intrusion_detection'];

function categoryOf(of: BlockerClass, isAbstractSocket: boolean): readonly string[] {
  switch (of) {
    case 'fs':
      return FILE_CATEGORY;
    case 'net':
      return NETWORK_CATEGORY;
    case 'scope':
      return isAbstractSocket ? NETWORK_CATEGORY : PROCESS_CATEGORY;
    case 'ptrace':
    case 'namespace':
    case 'capability':
      return PROCESS_CATEGORY;
    case 'other':
      return OTHER_CATEGORY;
  }
}

/** The kind of object; `file` where several blockers differ. `fs.refer` beside another one says nothing of it. */
function kindOf(known: readonly Blocker[]): string | undefined {
  let kind: string | undefined;
  for (const { name, object } of known) {
    if (name === 'fs.refer' && known.length > 1) continue;
    if (kind !== undefined && kind !== object) return 'file';
    kind = object;
  }
  return kind;
}

function makeBlockerSet(text: string): BlockerSet {
  const names = ownString(text)
    .split(',')
    .filter((name) => name !== '');
  const known: Blocker[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const blocker = findBlocker(name);
    if (blocker === undefined) unknown.push(name);
    else known.push(blocker);
  }
  const of = blockerClass(names[0] ?? '');
  const isAbstractSocket = names[0] === ABSTRACT_SOCKET;
  return {
    names,
    class: of,
    category: categoryOf(of, isAbstractSocket),
    kind: kindOf(known),
    isAbstractSocket,
    isBind: names.some((name) => name.startsWith('net.bind_')),
    isSubjectTrap: names.some(isSubjectTrap),
    known,
    unknown,
    phrase: phraseOf(known, unknown),
  };
}

const sets = new TextMemo(256, makeBlockerSet);

/** Reads the `blockers=` value that stands from `start` up to `end`. */
export function readBlockers(text: string, start: number, end: number): BlockerSet {
  // The names differ in length or towards their ends.
  const from = Math.max(start, end - 6);
  return sets.get(text, start, end, sampleHash(text, from, end, end - start));
}
