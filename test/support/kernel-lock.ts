// For every test that uses the kernel's audit: decides whether it may, makes it the only one on this machine, and
// leaves the audit status as it was, also when the test fails or its process is told to end.
// Interoperates with `flock /run/trespass-kernel-test.lock COMMAND` in a shell.
import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type AuditStatus, readAuditStatus, setAuditStatus, tryLock } from './audit-status.ts';

const LOCK_FILE = '/run/trespass-kernel-test.lock';
const LOCK_WAIT_MAX_MS = 15 * 60_000;
const CAP_AUDIT_CONTROL = 30n;
const CAP_AUDIT_READ = 37n;

/** The inode numbers of the first user and PID namespace are fixed (include/linux/proc_ns.h). */
const INIT_USER_NAMESPACE = 'user:[4026531837]';
const INIT_PID_NAMESPACE = 'pid:[4026531836]';

/** Multicast only reaches the first network namespace. Where process 1 may not be looked at, we trust. */
function isNetworkNamespaceOfInit(): boolean {
  // kthreadd is always in the first one; init may be unreadable even for root.
  for (const first of ['/proc/2/ns/net', '/proc/1/ns/net']) {
    try {
      return readlinkSync('/proc/self/ns/net') === readlinkSync(first);
    } catch {
      // Ask the next one.
    }
  }
  return true;
}

/** Whether this process may control and read the kernel's audit: capabilities, and in the first namespaces. */
export function canUseAudit(): boolean {
  try {
    const capabilities = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`);
    const has = (bit: bigint) => (capabilities & (1n << bit)) !== 0n;
    return (
      has(CAP_AUDIT_CONTROL) &&
      has(CAP_AUDIT_READ) &&
      readlinkSync('/proc/self/ns/user') === INIT_USER_NAMESPACE &&
      readlinkSync('/proc/self/ns/pid') === INIT_PID_NAMESPACE &&
      isNetworkNamespaceOfInit()
    );
  } catch {
    return false;
  }
}

interface Held {
  readonly fd: number;
  readonly before: AuditStatus;
}

function release(held: Held): void {
  try {
    const now = readAuditStatus();
    if (now.enabled !== held.before.enabled || now.backlogLimit !== held.before.backlogLimit) {
      setAuditStatus(held.before);
    }
  } finally {
    closeSync(held.fd);
  }
}

/** Waits for the machine-wide lock and notes the audit status. The answer puts it back and unlocks. */
export async function takeKernelLock(): Promise<{ readonly before: AuditStatus; release(): void }> {
  const fd = openSync(LOCK_FILE, 'a', 0o600);
  const giveUpAt = performance.now() + LOCK_WAIT_MAX_MS;
  while (!tryLock(fd)) {
    if (performance.now() > giveUpAt) {
      closeSync(fd);
      throw new Error(`another test holds ${LOCK_FILE} for more than ${LOCK_WAIT_MAX_MS / 60_000} minutes`);
    }
    await sleep(100);
  }
  const held: Held = { fd, before: readAuditStatus() };
  let isHeld = true;
  const releaseOnce = () => {
    if (isHeld) {
      isHeld = false;
      process.off('exit', releaseOnce);
      release(held);
    }
  };
  process.on('exit', releaseOnce);
  return { before: held.before, release: releaseOnce };
}

/**
 * `describe` for tests of the live kernel. Without the right to use audit it prints one line and skips, or fails
 * where TRESPASS_REQUIRE_KERNEL=1 says that this machine has to run them.
 */
export function describeKernel(name: string, body: () => void): void {
  if (canUseAudit()) {
    describe(name, () => {
      let lock: { release(): void } | undefined;
      beforeAll(async () => {
        lock = await takeKernelLock();
      }, LOCK_WAIT_MAX_MS);
      afterAll(() => lock?.release());
      body();
    });
    return;
  }
  if (process.env.TRESPASS_REQUIRE_KERNEL === '1') {
    describe(name, () => {
      it('may use the kernel audit', () => {
        throw new Error('TRESPASS_REQUIRE_KERNEL=1, but this process has no CAP_AUDIT_CONTROL and CAP_AUDIT_READ');
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${name}: needs CAP_AUDIT_CONTROL and CAP_AUDIT_READ in the first namespaces\n`);
  describe.skip(name, body);
}
