// Audit rules on landlock_restrict_self in one audit session: they tell which sandboxes a command makes, and with which
// log flags. They go with whoever loaded them; what a crash left goes with the next one.

import { RuleControl } from '../netlink/rule-control.ts';
import { membersOf } from './audit-session.ts';
import { auditArches, type Rules, withRules } from './sandbox-rules.ts';

const RESTRICT_SELF = 446;
const KEY = /^trespass-check-(\d+)$/;

export interface SessionRules {
  /** Of the rules, and so of the events that they make. */
  readonly key: string;
  /** Never rejects; may be called twice. */
  remove(): Promise<void>;
}

/** Rejects with an OperatingError where the kernel refuses; everything else works without them. */
export async function addSessionRules(
  sessionId: number,
  open: () => Rules = () => RuleControl.open(),
): Promise<SessionRules> {
  const key = `trespass-check-${sessionId}`;
  const remove = () => removeRules((other) => other === key, open);
  try {
    await removeRules((other) => isLeftOver(other, sessionId), open);
    await withRules(open, async (control) => {
      for (const arch of auditArches(process.arch)) {
        await control.add({ arch, syscalls: [RESTRICT_SELF], key, sessionId });
      }
    });
    return { key, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Nobody is in its session any more, so it matches nothing. */
function isLeftOver(key: string, ownSession: number): boolean {
  const session = Number(KEY.exec(key)?.[1] ?? Number.NaN);
  return Number.isInteger(session) && session !== ownSession && membersOf(session).length === 0;
}

async function removeRules(isWanted: (key: string) => boolean, open: () => Rules): Promise<void> {
  await withRules(open, async (control) => {
    for (const rule of await control.list()) {
      if (rule.key !== undefined && isWanted(rule.key)) await control.delete(rule);
    }
  }).catch(() => {});
}
