// The access rights that a rule can give, with their bits and what they may be put on (include/uapi/linux/landlock.h,
// security/landlock/fs.c ACCESS_FILE). Which of them there are is said in blockers.ts, in the order of the bits.
import { BLOCKERS } from '../blockers.ts';

/** One access right. */
export interface Right {
  /** As a blocker names it: `fs.read_file`. */
  readonly name: string;
  /** Without its family: `read_file`. */
  readonly short: string;
  readonly family: 'fs' | 'net';
  /** LANDLOCK_ACCESS_FS_* and LANDLOCK_ACCESS_NET_* are `1 << bit`. */
  readonly bit: number;
  /** The Landlock ABI that brought it. */
  readonly abi: number;
  /** Whether a rule on a file may have it: landlock_add_rule(2) answers EINVAL to the others. */
  readonly onFiles: boolean;
}

/** Restricted by every sandbox, and by no rule. */
const WITHOUT_RULE: ReadonlySet<string> = new Set(['fs.change_topology']);

const ON_FILES: ReadonlySet<string> = new Set([
  'fs.execute',
  'fs.write_file',
  'fs.read_file',
  'fs.truncate',
  'fs.ioctl_dev',
  'fs.resolve_unix',
]);

function rightsOf(family: 'fs' | 'net'): readonly Right[] {
  return BLOCKERS.filter((blocker) => blocker.class === family && !WITHOUT_RULE.has(blocker.name)).map(
    ({ name, abi }, bit) => ({
      name,
      short: name.slice(family.length + 1),
      family,
      bit,
      abi,
      onFiles: ON_FILES.has(name),
    }),
  );
}

/** All rights, in the kernel's order. */
export const RIGHTS: readonly Right[] = [...rightsOf('fs'), ...rightsOf('net')];

const byName = new Map(RIGHTS.map((right) => [right.name, right]));

/** The right that a blocker is about; undefined where no rule can give it. */
export function findRight(blocker: string): Right | undefined {
  return byName.get(blocker);
}

/** `rights` in the kernel's order, each once. */
export function inOrder(rights: Iterable<Right>): readonly Right[] {
  const wanted = new Set(rights);
  return RIGHTS.filter((right) => wanted.has(right));
}

/** The bits of `rights` of one family. */
export function maskOf(rights: readonly Right[], family: Right['family']): bigint {
  return rights.reduce((mask, right) => (right.family === family ? mask | (1n << BigInt(right.bit)) : mask), 0n);
}

/** The kernel that brought a Landlock ABI. */
const LINUX_OF_ABI = ['5.13', '5.19', '6.2', '6.7', '6.10', '6.12', '6.15', '7.0', '7.1', '7.2', '7.3', '7.4'];

/** `Linux 6.2` for ABI 3. */
export function linuxOf(abi: number): string {
  const version = LINUX_OF_ABI[abi - 1];
  return version === undefined ? `a Linux with Landlock ABI ${abi}` : `Linux ${version}`;
}
