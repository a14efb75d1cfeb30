// From the configuration's days to the ages that retention goes by.
import type { RetentionPolicy } from './retention.ts';

const DAY_MS = 86_400_000;

/** Days and bytes; 0: without end. */
export interface RetentionDays {
  readonly rawDays: number;
  readonly denialsDays: number;
  readonly sandboxCallsDays: number;
  readonly lossesDays: number;
  readonly rollupsDays: number;
  readonly issuesDays: number;
  readonly domainsDays: number;
  readonly adminActsDays: number;
  readonly maxBytes: number;
}

export function toRetentionPolicy(days: RetentionDays): RetentionPolicy {
  return {
    rawMs: toMs(days.rawDays),
    denialsMs: toMs(days.denialsDays),
    sandboxCallsMs: toMs(days.sandboxCallsDays),
    lossesMs: toMs(days.lossesDays),
    rollupsMs: toMs(days.rollupsDays),
    issuesMs: toMs(days.issuesDays),
    domainsMs: toMs(days.domainsDays),
    adminActsMs: toMs(days.adminActsDays),
    bytesMax: days.maxBytes === 0 ? undefined : days.maxBytes,
  };
}

function toMs(days: number): number | undefined {
  return days === 0 ? undefined : days * DAY_MS;
}
