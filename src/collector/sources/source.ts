// What every source of audit records looks like to the collector: the kernel's socket, a followed file, journald,
// auditd's plugin pipe. A source reads and hands over; it knows nothing of Landlock, spool or server.
import type { MalformedRecord } from '../../audit/record.ts';
import type { GapCause, HostFields } from '../../landlock/document.ts';

/**
 * Something that is known not to have arrived. Causes are never mixed, and not simply added: what an overrun or an
 * overflow took also shows as serials that never came (see GapCause).
 */
export interface SourceLoss {
  readonly cause: GapCause;
  /** In the unit of the cause: records, or for `socket-overrun` overruns. */
  readonly count: number;
  /** When the interval began and ended, Unix time. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Where the same loss may be found again, in another run too: what is the same about it. */
  readonly key?: string;
}

/** Takes what a source reads, in order. Never throws. */
export interface RecordSink {
  /** `payload`: latin1 `audit(S.MMM:SERIAL): BODY`; the type is never taken from the text. */
  record(type: number, payload: string, node?: string): void;
  /** A line of the kernel's log that tells of records which were left out (see kernelNotice). */
  notice(line: string, node: string): void;
  malformed(input: MalformedRecord): void;
  lost(loss: SourceLoss): void;
  /**
   * `undefined` while there is room; otherwise a promise that resolves when there is. Sources that can wait
   * (files) wait for it between chunks; those that cannot (the kernel) are bounded elsewhere and count.
   */
  room(): Promise<void> | undefined;
  /** The source has ended: undefined at the end of the input, otherwise why (an OperatingError where mendable). */
  ended(error?: Error): void;
}

/** One way in. `start` resolves once records can arrive and rejects with an OperatingError. */
export interface RecordSource {
  /** As configured: `netlink`, `file`, … */
  readonly name: string;
  /** Which record is an event's last here: the kernel sends EOE, audit.log on disk has none. */
  readonly completesOn: 'eoe' | 'proctitle';
  /** True where every serial passes by, so that a missing one is a loss. */
  readonly serialGaps: boolean;
  /** Live: time passes without input, and `Decoder.sweep` must be called. */
  readonly live: boolean;
  /** What earlier processes handed over comes again at each start. Absent: each record comes once. */
  readonly readsAgain?: boolean;
  /** Who wrote what comes next; called for each event. Absent: always this host and its present boot. */
  readonly hostFor?: (node: string) => HostFields;
  start(sink: RecordSink): Promise<void>;
  /** Resolves when nothing more will be handed over. Never rejects; may be called twice. */
  stop(): Promise<void>;
}
