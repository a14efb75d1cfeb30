// Architectures and system calls by their audit numbers (include/uapi/linux/audit.h AUDIT_ARCH_*, elf-em.h). What
// is not in the tables keeps its number and has no name.
import { COMMON, GENERIC, I386, RISCV, X32, X86_64 } from './syscall-table.ts';

interface Arch {
  readonly name: string;
  readonly calls: ReadonlyMap<number, string>;
}

function table(...runs: readonly string[]): ReadonlyMap<number, string> {
  const calls = new Map<number, string>();
  for (const run of runs) {
    let number = 0;
    for (const word of run.split(/\s+/)) {
      if (/^\d+$/.test(word)) number = Number(word);
      else calls.set(number++, word);
    }
  }
  return calls;
}

const generic = table(GENERIC, COMMON);
const none = table();

const ARCHES = new Map<string, Arch>([
  ['c000003e', { name: 'x86_64', calls: table(X86_64, COMMON) }],
  ['40000003', { name: 'i386', calls: table(I386, COMMON) }],
  ['c00000b7', { name: 'arm64', calls: generic }],
  ['c00000f3', { name: 'riscv64', calls: table(GENERIC, RISCV, COMMON) }],
  ['c0000102', { name: 'loongarch64', calls: generic }],
  ['40000028', { name: 'arm', calls: table(COMMON) }],
  ['400000f3', { name: 'riscv32', calls: table(COMMON) }],
  ['c0000015', { name: 'ppc64le', calls: table(COMMON) }],
  ['80000015', { name: 'ppc64', calls: table(COMMON) }],
  ['80000016', { name: 's390x', calls: table(COMMON) }],
  ['c0009026', { name: 'alpha', calls: none }],
  ['c0000008', { name: 'mips64', calls: none }],
  ['40000008', { name: 'mips', calls: none }],
]);

const x32 = table(X86_64, X32, COMMON);
/** __X32_SYSCALL_BIT */
const X32_BIT = 0x4000_0000;

/** The name of an architecture as people write it; the number itself (hex) where it is not known. */
export function archName(arch: string): string {
  return ARCHES.get(arch)?.name ?? arch;
}

/** The name of a system call; undefined where it is not known. `arch` is the record's (`c000003e`). */
export function syscallName(arch: string, number: number): string | undefined {
  if (arch === 'c000003e' && number >= X32_BIT) return x32.get(number - X32_BIT);
  return ARCHES.get(arch)?.calls.get(number);
}
