// Whether the kernel's audit is on, for the one sentence of the demo that depends on it. Changing it is the
// collector's business.
import { AuditControl } from '../../collector/netlink/control.ts';

/** undefined where this process may not ask (it takes CAP_AUDIT_CONTROL), or where the kernel has no audit. */
export async function isAuditEnabled(): Promise<boolean | undefined> {
  let control: AuditControl | undefined;
  try {
    control = AuditControl.open();
    return (await control.status()).enabled !== 0;
  } catch {
    return undefined;
  } finally {
    control?.close();
  }
}
