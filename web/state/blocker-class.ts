// Which class a blocker belongs to, for counting what arrives live. The server's own table decides for all that
// is stored; new blockers appear with new kernels, and everything unknown is `other`. Pure.
import type { BlockerClass } from '../../src/api/schemas/stats.ts';

/** In the order of stacking, the common ones at the bottom. */
export const BLOCKER_CLASSES: readonly BlockerClass[] = [
  'fs',
  'net',
  'scope',
  'ptrace',
  'namespace',
  'capability',
  'other',
];

const TITLES: Readonly<Record<BlockerClass, string>> = {
  fs: 'Files',
  net: 'Network',
  scope: 'Scope',
  ptrace: 'Ptrace',
  namespace: 'Namespaces',
  capability: 'Capabilities',
  other: 'Other',
};

/** What people call the class. */
export function classTitle(blockerClass: BlockerClass): string {
  return TITLES[blockerClass];
}

export function isBlockerClass(text: string): text is BlockerClass {
  return BLOCKER_CLASSES.some((known) => known === text);
}

/** `fs.write_file` → `fs`, `ptrace` → `ptrace`. */
export function classOfBlocker(blocker: string): BlockerClass {
  const prefix = blocker.split('.', 1)[0] ?? '';
  return isBlockerClass(prefix) ? prefix : 'other';
}

/** Each class of a denial once: `fs.make_reg,fs.refer` is one denial of `fs`. */
export function classesOf(blockers: readonly string[]): readonly BlockerClass[] {
  return [...new Set(blockers.map(classOfBlocker))];
}

/** The class in the query language of the API. */
export function classQuery(blockerClass: BlockerClass): string {
  switch (blockerClass) {
    case 'ptrace':
      return 'blocker:ptrace';
    case 'other': {
      const known = BLOCKER_CLASSES.filter((name) => name !== 'other').map(classQuery);
      return `not (${known.join(' or ')})`;
    }
    default:
      return `blocker:${blockerClass}.*`;
  }
}
