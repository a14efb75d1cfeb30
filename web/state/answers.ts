// The shapes that the server answers with, gathered at one place for the page. Types only.
import type { Heartbeat } from '../../src/delivery/batch.ts';
import type { Denial, Gap } from '../../src/landlock/document.ts';
import type {
  BlockerClass,
  DomainAnswer,
  FleetAnswer,
  HostAnswer,
  LostCount,
  Page,
  StoreFacts,
  Summary,
  TimeSeries,
} from '../../src/store/answers.ts';

export type {
  BlockerClass,
  Denial,
  DomainAnswer,
  FleetAnswer,
  Gap,
  Heartbeat,
  HostAnswer,
  LostCount,
  Page,
  Summary,
  TimeSeries,
};

/** One denial with the raw records of its event, lines joined with LF. */
export type DenialDetail = Denial & { readonly event: { readonly original?: string } };

/** What the server knows to be wrong, and the mend in one sentence. */
export interface Problem {
  readonly code: string;
  readonly severity: 'warn' | 'fail';
  readonly message: string;
  readonly mend: string;
}

export type CollectorState = 'online' | 'stale' | 'offline' | 'restarting';

/** A collector as the server sees it. */
export interface CollectorAnswer {
  readonly state: CollectorState;
  readonly last_contact_at: string;
  readonly restarts: number;
  readonly last_exit?: string;
  readonly heartbeat: Heartbeat;
}

/** GET /api/v1/status. */
export interface Status {
  readonly version: string;
  readonly now: string;
  readonly started_at: string;
  readonly database: StoreFacts;
  readonly collectors: readonly CollectorAnswer[];
  readonly problems: readonly Problem[];
}
