// Optional audit rules on Landlock's three system calls: they tell of every sandbox that is made, also of those that
// nothing was ever denied to. Ours carry a key of our own; they go at the end, and what a crash left goes at the next
// start. Costs an event for each call, so nobody gets them unasked.
import { OperatingError } from '../../runtime/operating-error.ts';
import type { SyscallRule } from '../netlink/audit-rule.ts';
import { RuleControl } from '../netlink/rule-control.ts';

/** Of our rules, and so of the events that they make. */
export const SANDBOX_KEY = 'trespass';

/** landlock_create_ruleset, landlock_add_rule, landlock_restrict_self: the same numbers on all but the oldest architectures. */
const CALLS = [444, 445, 446] as const;

/** By `process.arch`: AUDIT_ARCH_* of the machine and of the 32-bit programs that it can run (not x32). */
const ARCHES: ReadonlyMap<string, readonly number[]> = new Map([
  ['x64', [0xc000003e, 0x40000003]],
  ['arm64', [0xc00000b7, 0x40000028]],
  ['riscv64', [0xc00000f3]],
  ['loong64', [0xc0000102]],
]);

/** For the heartbeat. */
export interface SandboxRulesState {
  readonly state: 'off' | 'on' | 'failed';
  /** Why it failed, one sentence. */
  readonly reason?: string;
  /** Loaded by us. */
  readonly rules: number;
}

/** The part of RuleControl that is needed here. */
export type Rules = Pick<RuleControl, 'list' | 'add' | 'delete' | 'close'>;

/** What we load on a machine of this architecture (as Node names it). Empty: we do not know its numbers. */
export function sandboxRules(arch: string): readonly SyscallRule[] {
  return auditArches(arch).map((auditArch) => ({ arch: auditArch, syscalls: CALLS, key: SANDBOX_KEY }));
}

/** AUDIT_ARCH_* of a machine of this architecture (as Node names it), and of its 32-bit programs. */
export function auditArches(arch: string): readonly number[] {
  return ARCHES.get(arch) ?? [];
}

/** Loads the rules, after removing what a crash left. Never rejects: everything else works without them. */
export async function addSandboxRules(open: () => Rules = () => RuleControl.open()): Promise<SandboxRulesState> {
  const rules = sandboxRules(process.arch);
  if (rules.length === 0) return { state: 'failed', reason: `no audit rules are known for ${process.arch}`, rules: 0 };
  try {
    await removeSandboxRules(open);
    await withRules(open, async (control) => {
      for (const rule of rules) await control.add(rule);
    });
    return { state: 'on', rules: rules.length };
  } catch (error) {
    // Half of them would count half of the programs.
    await removeSandboxRules(open).catch(() => 0);
    return { state: 'failed', reason: reasonOf(error), rules: 0 };
  }
}

/**
 * Removes every rule of ours, whoever loaded it, and answers how many. Somebody else's rule that has our key, but is
 * about other system calls, stays. Rejects with an OperatingError where the kernel refuses.
 */
export function removeSandboxRules(open: () => Rules = () => RuleControl.open()): Promise<number> {
  return withRules(open, async (control) => {
    let removed = 0;
    for (const rule of await control.list()) {
      if (rule.key === SANDBOX_KEY && isAboutLandlock(rule.bytes) && (await control.delete(rule))) removed++;
    }
    return removed;
  });
}

/** `work` with a connection that is closed afterwards. */
export async function withRules<T>(open: () => Rules, work: (control: Rules) => Promise<T>): Promise<T> {
  const control = open();
  try {
    return await work(control);
  } finally {
    control.close();
  }
}

const MASK_AT = 12;
const MASK_WORDS = 64;
const EXIT_LIST = 4;

/** An exit rule whose mask names Landlock's calls and no other. */
function isAboutLandlock(rule: Uint8Array): boolean {
  const view = new DataView(rule.buffer, rule.byteOffset, rule.byteLength);
  const wanted = new Uint32Array(MASK_WORDS);
  for (const call of CALLS) wanted[call >> 5] = (wanted[call >> 5] ?? 0) | (1 << (call & 31));
  let named = 0;
  for (let word = 0; word < MASK_WORDS; word++) {
    const bits = view.getUint32(MASK_AT + 4 * word, true);
    if ((bits & ~(wanted[word] ?? 0)) !== 0) return false;
    named |= bits;
  }
  return view.getUint32(0, true) === EXIT_LIST && named !== 0;
}

function reasonOf(error: unknown): string {
  if (error instanceof OperatingError) return `${error.message}: ${error.mend}`;
  return error instanceof Error ? error.message : String(error);
}
