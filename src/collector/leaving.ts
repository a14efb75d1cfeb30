// What of a document leaves this host, at the level of privacy of the moment: all of it, a reduced one, or a count that
// is sent later. What is in the spool already stays as it was written.
import type { PrivacyLevel } from '../delivery/agent-config.ts';
import type { AnyDocument } from '../landlock/document.ts';
import type { Aggregate } from '../landlock/privacy/aggregate.ts';
import { reduceDocument } from '../landlock/privacy/reduce-document.ts';
import type { IsPackaged } from '../landlock/privacy/reduce-path.ts';
import { AggregateBuckets } from './aggregate-buckets.ts';
import type { SpoolLine } from './spool.ts';

export interface LeavingOptions {
  /** At present. */
  level(): PrivacyLevel;
  readonly isPackaged: IsPackaged;
  /** Of the spool. */
  readonly directory: string;
  emit(docs: readonly Aggregate[]): void;
}

export class Leaving {
  readonly #options: LeavingOptions;
  readonly #buckets: AggregateBuckets;

  constructor(options: LeavingOptions) {
    this.#options = options;
    this.#buckets = new AggregateBuckets(options);
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
    switch (this.#options.level()) {
      case 'full':
        return { doc, raw };
      case 'reduced':
        return { doc: reduceDocument(doc, this.#options.isPackaged) };
      case 'aggregate':
        this.#buckets.add(doc);
        return undefined;
    }
  }
}
