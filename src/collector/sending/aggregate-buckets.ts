// Counts by the hour and kind, of a host that tells nothing else (src/landlock/privacy/aggregate.ts). An hour that is over
// waits for a random time before it goes into the spool, under an id that is another one each day. What is counted and
// what waits is on disk at the end of the turn (aggregate-store.ts), so that it outlives this process.
import { randomBytes, randomInt } from 'node:crypto';
import type { AnyDocument } from '../../landlock/document.ts';
import { idOfText } from '../../landlock/event-id.ts';
import {
  type Aggregate,
  type AggregateClass,
  AggregateTally,
  type Counted,
  HOUR_MS,
} from '../../landlock/privacy/aggregate.ts';
import type { IsPackaged } from '../../landlock/privacy/reduce-path.ts';
import { CountedAlready, type CountedDocument } from '../counted-already.ts';
import { type AggregateState, AggregateStore, type Waiting } from './aggregate-store.ts';

/** Hours at a time, as records of long ago have others than now; beyond it the oldest is closed. */
const HOURS_MAX = 48;
/** Records may come a little late. */
const CLOSED_AFTER_MS = 5 * 60_000;
/** Within so long after that an hour is sent. */
export const SEND_WINDOW_MS = HOUR_MS;
const TICK_MS = 1_000;
const DAY_MS = 24 * HOUR_MS;
/** Documents that wait for the journal at the end of this turn; beyond it they are written at once. */
const PENDING_MAX = 2_000;

export interface AggregateOptions {
  /** Of the spool. */
  readonly directory: string;
  readonly isPackaged: IsPackaged;
  /** Where the source hands over again what it handed over to an earlier process: that is not counted again. */
  readonly readsAgain?: boolean | undefined;
  /** Takes documents whose time has come, and has them on disk, or counted as lost, when it returns. */
  emit(docs: readonly Aggregate[]): void;
  /** Unix time, ms, and a random number below `max`; replaced in tests. */
  readonly nowMs?: () => number;
  readonly randomBelow?: (max: number) => number;
}

export class AggregateBuckets {
  readonly #options: AggregateOptions;
  readonly #nowMs: () => number;
  readonly #randomBelow: (max: number) => number;
  readonly #store: AggregateStore;
  readonly #tally: AggregateTally;
  readonly #reporters: Map<number, string>;
  readonly #counted: CountedAlready | undefined;
  #waiting: readonly Waiting[];
  /** Not in the journal yet. */
  readonly #pending = new Map<string, { readonly hour: number; readonly what: AggregateClass; count: number }>();
  #pendingDocuments = 0;
  #pendingCounted: CountedDocument[] = [];
  #settledSeq: number;
  #flushing: NodeJS.Immediate | undefined;
  /** Something that the journal does not say. */
  #isDirty = false;
  #isStarted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AggregateOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => Date.now());
    this.#randomBelow = options.randomBelow ?? ((max) => randomInt(max));
    this.#store = new AggregateStore(options.directory);
    const { state, entries } = this.#store;
    this.#reporters = new Map(state.reporters);
    this.#waiting = state.waiting;
    this.#tally = new AggregateTally(options.isPackaged, state.hours);
    for (const [hour, what, count] of entries.flatMap(({ counts }) => counts)) this.#tally.count(hour, what, count);
    this.#settledSeq = entries.at(-1)?.settledSeq ?? state.settledSeq ?? 0;
    const later = entries.flatMap(({ counted }) => counted);
    this.#counted = options.readsAgain ? new CountedAlready(state.counted, later) : undefined;
  }

  /** What an earlier process had written was no such file: it is beside it, and its counts are lost. */
  get isDamaged(): boolean {
    return this.#store.isDamaged;
  }

  start(): void {
    this.#isStarted = true;
    this.#wake();
  }

  /** What is added afterwards is kept as well. */
  stop(): void {
    this.#isStarted = false;
    this.#wake();
    this.flush();
    if (this.#isDirty || this.#store.hasJournal || this.#counted !== undefined) this.#save();
    this.#store.close();
  }

  /** Only while there is something to wait for: an idle host sleeps. */
  #wake(): void {
    const isIdle = this.#tally.hours.length === 0 && this.#waiting.length === 0;
    if (isIdle || !this.#isStarted) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  add(doc: AnyDocument): void {
    const counted = this.#counted?.note(doc);
    if (this.#counted !== undefined && counted === undefined) return;
    const found = this.#tally.add(doc, this.#nowMs());
    if (found === undefined) return;
    if (counted !== undefined) this.#pendingCounted.push(counted);
    this.#keepCount(found);
  }

  /** Of the spool: what waits there up to here is in the counts, and leaves no more. */
  get settledSeq(): number {
    return this.#settledSeq;
  }

  /** Counts what waits in the spool up to `seq`, in one write with the note that it is counted. */
  settle(docs: readonly { readonly doc: AnyDocument; readonly isReduced: boolean }[], seq: number): void {
    this.flush();
    this.#settledSeq = Math.max(this.#settledSeq, seq);
    for (const { doc, isReduced } of docs) {
      const found = this.#tally.add(doc, this.#nowMs(), isReduced);
      if (found !== undefined) this.#keepCount(found, Number.POSITIVE_INFINITY);
    }
    // Also where nothing of it is counted.
    if (this.#pendingDocuments === 0) this.keep();
    else this.flush();
  }

  #keepCount(found: Counted, pendingMax = PENDING_MAX): void {
    const key = `${found.hour} ${JSON.stringify(found.what)}`;
    const pending = this.#pending.get(key);
    if (pending === undefined) this.#pending.set(key, { ...found });
    else pending.count += found.count;
    this.#pendingDocuments += 1;
    const { hours } = this.#tally;
    if (hours.length > HOURS_MAX) this.#close(Math.min(...hours));
    if (this.#pendingDocuments >= pendingMax) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
    if (this.#timer === undefined) this.#wake();
  }

  /** What leaves by itself is not counted, also when the log is read again. */
  passBy(doc: AnyDocument): void {
    this.#counted?.note(doc);
  }

  /** All of it, what passed by included, is on disk afterwards, where the disk takes it. */
  keep(): void {
    this.#save();
  }

  /** Everything that was counted is on disk afterwards, or is tried again in a second. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#pendingDocuments === 0) return;
    const counts = Array.from(this.#pending.values(), ({ hour, what, count }) => [hour, what, count] as const);
    if (!this.#store.append({ counts, counted: this.#pendingCounted, settledSeq: this.#settledSeq })) return;
    this.#clearPending();
    if (this.#store.isJournalLong) this.#save();
  }

  #clearPending(): void {
    this.#pending.clear();
    this.#pendingDocuments = 0;
    this.#pendingCounted = [];
  }

  /** Closes hours that are over, and sends what is due. */
  tick(): void {
    this.flush();
    this.#store.flush();
    const nowMs = this.#nowMs();
    for (const hour of this.#tally.hours) {
      if (nowMs >= (hour + 1) * HOUR_MS + CLOSED_AFTER_MS) this.#close(hour);
    }
    // Under the ids that are on disk: whoever comes after this process sends the same again, and not another one.
    if (this.#isDirty && !this.#save()) return;
    const due = this.#waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs);
    if (due.length > 0) {
      this.#options.emit(due.flatMap(({ docs }) => docs));
      this.#waiting = this.#waiting.filter(({ dueAtMs }) => dueAtMs > nowMs);
      this.#save();
    }
    this.#wake();
  }

  #close(hour: number): void {
    const reporter = { id: this.#reporterOf(Math.floor((hour * HOUR_MS) / DAY_MS)) };
    const docs = this.#tally.close(hour).map(({ what, count }) => toAggregate(what, count, hour, reporter));
    const dueAtMs = this.#nowMs() + this.#randomBelow(SEND_WINDOW_MS);
    this.#waiting = [...this.#waiting, { dueAtMs, docs }];
    this.#isDirty = true;
  }

  #reporterOf(day: number): string {
    let id = this.#reporters.get(day);
    if (id === undefined) {
      id = randomBytes(8).toString('hex');
      this.#reporters.set(day, id);
      for (const other of this.#reporters.keys()) {
        if (this.#reporters.size > HOURS_MAX) this.#reporters.delete(other);
      }
    }
    return id;
  }

  /** False where the disk is full: tried again in a second. */
  #save(): boolean {
    const state: AggregateState = {
      reporters: [...this.#reporters],
      hours: this.#tally.hours.map((hour) => [hour, this.#tally.of(hour)]),
      waiting: this.#waiting,
      counted: this.#counted?.state,
      settledSeq: this.#settledSeq,
    };
    this.#isDirty = !this.#store.save(state);
    // It is in what was written.
    if (!this.#isDirty) this.#clearPending();
    return !this.#isDirty;
  }
}

/** As it is sent: with an id of its own. */
export function toAggregate(
  what: AggregateClass,
  count: number,
  hour: number,
  reporter: Aggregate['reporter'],
): Aggregate {
  return {
    kind: 'aggregate',
    '@timestamp': new Date(hour * HOUR_MS).toISOString(),
    event: { id: idOfText(randomBytes(16).toString('hex')) },
    reporter,
    count,
    ...what,
  };
}
