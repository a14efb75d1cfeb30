import type { RetentionPolicy } from '../../../src/store/retention/retention.ts';

/** Nothing goes: tests name what may. */
export const FOR_EVER: RetentionPolicy = {
  rawMs: undefined,
  denialsMs: undefined,
  sandboxCallsMs: undefined,
  lossesMs: undefined,
  rollupsMs: undefined,
  issuesMs: undefined,
  domainsMs: undefined,
  adminActsMs: undefined,
  bytesMax: undefined,
};
