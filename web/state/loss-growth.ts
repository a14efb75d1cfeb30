// When records were lost: the collectors report how many so far, so a growth between two reports says that they
// were lost in between. Pure.
import type { Status } from '../../src/api/schemas/status.ts';
import type { LossSpan } from './series-model.ts';

/** Spans kept by the page; the oldest are forgotten first. */
export const LOSS_SPANS_MAX = 200;

/** Spans of loss between two answers of the server. A collector that started anew counts from 0 again. */
export function growthOfLoss(before: Status | undefined, after: Status): readonly LossSpan[] {
  const spans: LossSpan[] = [];
  for (const { heartbeat, last_contact_at } of after.collectors) {
    const old = before?.collectors.find(
      (one) => one.heartbeat.host.id === heartbeat.host.id && one.heartbeat.started_at === heartbeat.started_at,
    );
    if (old === undefined) {
      continue;
    }
    for (const { cause, count } of heartbeat.counts.lost) {
      const oldCount = old.heartbeat.counts.lost.find((one) => one.cause === cause)?.count ?? 0;
      if (count > oldCount) {
        const fromMs = Date.parse(old.last_contact_at);
        spans.push({ fromMs, toMs: Math.max(fromMs, Date.parse(last_contact_at)), count: count - oldCount, cause });
      }
    }
  }
  return spans;
}
