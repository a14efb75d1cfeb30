import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSandboxRules,
  type Rules,
  removeSandboxRules,
  sandboxRules,
} from '../../../src/collector/kernel/sandbox-rules.ts';
import {
  decodeRule,
  encodeRule,
  type ListedRule,
  type SyscallRule,
} from '../../../src/collector/netlink/audit-rule.ts';
import { OperatingError } from '../../../src/runtime/operating-error.ts';

/** What struct audit_rule_data holds where, in words of four bytes. */
const word = (bytes: Uint8Array, at: number) => new DataView(bytes.buffer).getUint32(at, true);

/** The kernel's list, and what was asked of it. */
class FakeKernel implements Rules {
  readonly rules: Uint8Array[] = [];
  refusal: OperatingError | undefined;
  opened = 0;
  closed = 0;

  readonly open = (): Rules => {
    this.opened++;
    return this;
  };
  async list(): Promise<ListedRule[]> {
    return this.rules.flatMap((bytes) => decodeRule(bytes) ?? []);
  }
  async add(rule: SyscallRule): Promise<boolean> {
    if (this.refusal !== undefined && this.rules.length > 0) throw this.refusal;
    this.rules.push(encodeRule(rule));
    return true;
  }
  async delete(rule: ListedRule): Promise<boolean> {
    const index = this.rules.findIndex((bytes) => Buffer.compare(bytes, rule.bytes) === 0);
    if (index === -1) return false;
    this.rules.splice(index, 1);
    return true;
  }
  close(): void {
    this.closed++;
  }
}

describe('a rule as bytes', () => {
  it('is struct audit_rule_data', () => {
    const bytes = encodeRule({ arch: 0xc000003e, syscalls: [444, 445, 446], key: 'lab' });
    expect(bytes).toHaveLength(1043);
    expect([0, 4, 8, 12, 64, 268, 272, 524, 528, 780, 784, 1036].map((at) => word(bytes, at))).toEqual([
      4, 2, 2, 0, 0x70000000, 11, 210, 0xc000003e, 3, 0x40000000, 0x40000000, 3,
    ]);
    expect(Buffer.from(bytes.subarray(1040)).toString()).toBe('lab');
  });

  it('is read back with its key, also behind other strings, and without a key', () => {
    const bytes = encodeRule({ arch: 1, syscalls: [446], key: 'trespass' });
    expect(decodeRule(bytes)).toEqual({ key: 'trespass', bytes });
    const padded = Buffer.concat([bytes, Buffer.alloc(3)]);
    expect(decodeRule(padded)).toEqual({ key: 'trespass', bytes });
    // -F exe=/bin/x before the key.
    const withProgram = new Uint8Array(1040 + 6 + 8);
    withProgram.set(bytes.subarray(0, 1040));
    const view = new DataView(withProgram.buffer);
    view.setUint32(268, 112, true);
    view.setUint32(524, 6, true);
    view.setUint32(1036, 14, true);
    withProgram.set(Buffer.from('/bin/xtrespass'), 1040);
    expect(decodeRule(withProgram)?.key).toBe('trespass');
    view.setUint32(272, 0, true);
    expect(decodeRule(withProgram)).toMatchObject({ key: undefined });
  });

  it('may be any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1200 }),
        fc.uint8Array({ minLength: 1040, maxLength: 1100 }),
        (some, long) => {
          decodeRule(some);
          decodeRule(long);
        },
      ),
    );
  });
});

describe('the sandbox rules', () => {
  it('are for every kind of program that the machine can run', () => {
    expect(sandboxRules('x64').map(({ arch }) => arch)).toEqual([0xc000003e, 0x40000003]);
    expect(sandboxRules('arm64').map(({ arch }) => arch)).toEqual([0xc00000b7, 0x40000028]);
    expect(sandboxRules('mips')).toEqual([]);
  });

  it('are added once, also where a crash left some, and removed', async () => {
    const kernel = new FakeKernel();
    for (const rule of sandboxRules(process.arch).slice(0, 1)) await kernel.add(rule);
    const count = sandboxRules(process.arch).length;
    expect(await addSandboxRules(kernel.open)).toEqual({ state: 'on', rules: count });
    expect(kernel.rules).toHaveLength(count);
    expect(await removeSandboxRules(kernel.open)).toBe(count);
    expect(kernel.rules).toEqual([]);
    expect(kernel.closed).toBe(kernel.opened);
  });

  it("leave alone other people's rules, also with our key", async () => {
    const kernel = new FakeKernel();
    await kernel.add({ arch: 0xc000003e, syscalls: [444, 445, 446], key: 'audit' });
    await kernel.add({ arch: 0xc000003e, syscalls: [446, 59], key: 'trespass' });
    await kernel.add({ arch: 0xc000003e, syscalls: [], key: 'trespass' });
    expect(await removeSandboxRules(kernel.open)).toBe(0);
    expect(kernel.rules).toHaveLength(3);
  });

  it('are all removed where one is refused, and say why', async () => {
    const kernel = new FakeKernel();
    kernel.refusal = new OperatingError('audit-refused', 'cannot add an audit rule (EPERM)', 'unlock audit');
    const state = await addSandboxRules(kernel.open);
    expect(state).toEqual({ state: 'failed', reason: 'cannot add an audit rule (EPERM): unlock audit', rules: 0 });
    expect(kernel.rules).toEqual([]);
  });
});
