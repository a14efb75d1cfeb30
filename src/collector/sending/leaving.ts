// What of a document leaves this host, at the level of privacy of the moment: all of it, a reduced one, or a count that
// is sent later. It holds for what waits in the spool as well, whatever the level was when it was written.
import type { PrivacyLevel } from '../../delivery/agent-config.ts';
import type { BatchLines } from '../../delivery/encode-batch.ts';
import type { AnyDocument } from '../../landlock/document.ts';
import type { Aggregate } from '../../landlock/privacy/aggregate.ts';
import { reduceDocument } from '../../landlock/privacy/reduce-document.ts';
import type { IsPackaged } from '../../landlock/privacy/reduce-path.ts';
import type { SpoolLine } from '../spool/spool.ts';
import type { SpoolLevels } from '../spool/spool-levels.ts';
import { AggregateBuckets } from './aggregate-buckets.ts';
import { type OutgoingRules, toOutgoing, unsettledOf } from './outgoing.ts';

export interface LeavingOptions {
  /** At present. */
  level(): PrivacyLevel;
  readonly levels: SpoolLevels;
  readonly isPackaged: IsPackaged;
  /** Of the spool. */
  readonly directory: string;
  /** See AggregateOptions. */
  readonly readsAgain?: boolean | undefined;
  emit(docs: readonly Aggregate[]): void;
}

export class Leaving {
  readonly #options: LeavingOptions;
  readonly #buckets: AggregateBuckets;

  constructor(options: LeavingOptions) {
    this.#options = options;
    this.#buckets = new AggregateBuckets(options);
  }

  /** See AggregateBuckets. */
  get isDamaged(): boolean {
    return this.#buckets.isDamaged;
  }

  /** Also sends what was counted before, whatever the level is now. */
  start(): void {
    this.#buckets.start();
  }

  stop(): void {
    this.#buckets.stop();
  }

  /** undefined: nothing now. */
  leave(doc: AnyDocument, raw: string | undefined): SpoolLine | undefined {
    const level = this.#options.level();
    if (level === 'aggregate') {
      this.#buckets.add(doc);
      return undefined;
    }
    this.#buckets.passBy(doc);
    return level === 'full' ? { doc, raw } : { doc: reduceDocument(doc, this.#options.isPackaged) };
  }

  /** Another level holds from now on; what is spooled next has this number. */
  changeLevel(nextSeq: number): void {
    this.#options.levels.note(nextSeq, this.#options.level());
    this.#buckets.keep();
  }

  /** The same lines, as they may leave now. Only once `isSettled`. */
  outgoing(lines: BatchLines): BatchLines {
    return toOutgoing(lines, this.#rules);
  }

  /** False: some are told as counts from now on, and those that the server has already must be known first. */
  isSettled(lines: BatchLines): boolean {
    return unsettledOf(lines, this.#rules).length === 0;
  }

  /** Counts those that the server does not have. `hadSeq`: the last that it has. */
  settle(lines: BatchLines, hadSeq: number): void {
    this.#buckets.settle(
      unsettledOf(lines, this.#rules).filter(({ seq }) => seq > hadSeq),
      lines.lastSeq,
    );
  }

  get #rules(): OutgoingRules {
    const { levels, isPackaged } = this.#options;
    return { level: this.#options.level(), levels, isPackaged, settledSeq: this.#buckets.settledSeq };
  }
}
