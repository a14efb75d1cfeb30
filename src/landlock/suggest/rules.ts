// Rules as Landlock has them, and what they allow: the kernel's decision as a pure function, after
// security/landlock/fs.c and net.c. Paths are taken by their names; links and mounts are not followed.
import { type BytePath, isWithin } from './byte-path.ts';
import { inOrder, RIGHTS, type Right } from './rights.ts';

/** Rights on a file, or on a directory and everything beneath it. */
export interface PathRule {
  readonly kind: 'path';
  readonly path: BytePath;
  readonly isDirectory: boolean;
  readonly rights: readonly Right[];
}

/** Rights on a port, at every address. */
export interface PortRule {
  readonly kind: 'port';
  readonly port: number;
  readonly rights: readonly Right[];
}

export type Rule = PathRule | PortRule;

/** A sandbox: what it handles is refused unless a rule allows it; everything else passes. */
export interface Ruleset {
  readonly handled: ReadonlySet<Right>;
  readonly rules: readonly Rule[];
}

const REFER = RIGHTS.find(({ name }) => name === 'fs.refer');

/** A sandbox that handles what its rules are about and nothing else. */
export function rulesetOf(rules: readonly Rule[]): Ruleset {
  return { handled: new Set(rules.flatMap(({ rights }) => rights)), rules };
}

/** Whether rules allow `right` on something at `path`: one on itself, or on a directory above it. */
export function isPathAllowed({ handled, rules }: Ruleset, path: BytePath, right: Right): boolean {
  // Whatever restricts the file system refuses fs.refer, also where it is not handled.
  const isRestricted = handled.has(right) || (right === REFER && [...handled].some(({ family }) => family === 'fs'));
  if (!isRestricted) return true;
  return rules.some(
    (rule) =>
      rule.kind === 'path' &&
      rule.rights.includes(right) &&
      (rule.isDirectory ? isWithin(path, rule.path) : path === rule.path),
  );
}

/** Whether rules allow `right` on a port. */
export function isPortAllowed({ handled, rules }: Ruleset, port: number, right: Right): boolean {
  if (!handled.has(right)) return true;
  return rules.some((rule) => rule.kind === 'port' && rule.port === port && rule.rights.includes(right));
}

/** The handled rights that something in the directory `to` has by rules and did not have in `from`. */
export function gainedByMove(
  ruleset: Ruleset,
  from: BytePath,
  to: BytePath,
  isDirectoryMoved: boolean,
): readonly Right[] {
  const gained = [...ruleset.handled].filter(
    (right) =>
      right.family === 'fs' &&
      (isDirectoryMoved || right.onFiles) &&
      isPathAllowed(ruleset, to, right) &&
      !isPathAllowed(ruleset, from, right),
  );
  return inOrder(gained);
}

/** Whether what lies in `from` may be renamed or linked into `to`, as far as fs.refer goes: it must gain nothing. */
export function isMoveAllowed(ruleset: Ruleset, from: BytePath, to: BytePath, isDirectoryMoved: boolean): boolean {
  if (REFER === undefined || from === to) return true;
  return (
    isPathAllowed(ruleset, from, REFER) &&
    isPathAllowed(ruleset, to, REFER) &&
    gainedByMove(ruleset, from, to, isDirectoryMoved).length === 0
  );
}
