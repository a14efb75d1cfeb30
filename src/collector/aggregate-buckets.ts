// Counts by the hour and kind, of a host that tells nothing else (src/landlock/privacy/aggregate.ts). An hour that is over
// waits for a random time before it goes into the spool, under an id that is another one each day. What is counted and
// what waits is on disk within seconds, so that it outlives this process.
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyDocument } from '../landlock/document.ts';
import { idOfText } from '../landlock/event-id.ts';
import {
  type Aggregate,
  type AggregateClass,
  type AggregateCount,
  AggregateTally,
  HOUR_MS,
} from '../landlock/privacy/aggregate.ts';
import type { IsPackaged } from '../landlock/privacy/reduce-path.ts';

/** Hours at a time, as records of long ago have others than now; beyond it the oldest is closed. */
const HOURS_MAX = 48;
/** Records may come a little late. */
const CLOSED_AFTER_MS = 5 * 60_000;
/** Within so long after that an hour is sent. */
export const SEND_WINDOW_MS = HOUR_MS;
const SAVE_EVERY_MS = 5_000;
const TICK_MS = 1_000;
const FILE = 'aggregate.json';
const DAY_MS = 24 * HOUR_MS;

export interface AggregateOptions {
  /** Of the spool. */
  readonly directory: string;
  readonly isPackaged: IsPackaged;
  /** Takes documents whose time has come. */
  emit(docs: readonly Aggregate[]): void;
  /** Unix time, ms, and a random number below `max`; replaced in tests. */
  readonly nowMs?: () => number;
  readonly randomBelow?: (max: number) => number;
}

interface Waiting {
  readonly dueAtMs: number;
  readonly docs: readonly Aggregate[];
}

/** As it is on disk. */
interface State {
  readonly reporters: readonly (readonly [day: number, id: string])[];
  readonly hours: readonly (readonly [hour: number, counts: readonly AggregateCount[]])[];
  readonly waiting: readonly Waiting[];
}

export class AggregateBuckets {
  readonly #options: AggregateOptions;
  readonly #nowMs: () => number;
  readonly #randomBelow: (max: number) => number;
  readonly #tally: AggregateTally;
  readonly #reporters: Map<number, string>;
  #waiting: readonly Waiting[];
  #isDirty = false;
  #isStarted = false;
  #savedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AggregateOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => Date.now());
    this.#randomBelow = options.randomBelow ?? ((max) => randomInt(max));
    const state = readState(options.directory);
    this.#reporters = new Map(state.reporters);
    this.#waiting = state.waiting;
    this.#tally = new AggregateTally(options.isPackaged, state.hours);
  }

  start(): void {
    this.#isStarted = true;
    this.#wake();
  }

  stop(): void {
    this.#isStarted = false;
    this.#wake();
    if (this.#isDirty) this.#save();
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
    if (!this.#tally.add(doc, this.#nowMs())) return;
    const { hours } = this.#tally;
    if (hours.length > HOURS_MAX) this.#close(Math.min(...hours));
    this.#isDirty = true;
    if (this.#timer === undefined) this.#wake();
  }

  /** Closes hours that are over, and sends what is due. */
  tick(): void {
    const nowMs = this.#nowMs();
    for (const hour of this.#tally.hours) {
      if (nowMs >= (hour + 1) * HOUR_MS + CLOSED_AFTER_MS) this.#close(hour);
    }
    const due = this.#waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs);
    if (due.length > 0) {
      this.#waiting = this.#waiting.filter(({ dueAtMs }) => dueAtMs > nowMs);
      this.#options.emit(due.flatMap(({ docs }) => docs));
      this.#isDirty = true;
    }
    if (this.#isDirty && (due.length > 0 || nowMs - this.#savedAtMs >= SAVE_EVERY_MS)) this.#save();
    if (!this.#isDirty) this.#wake();
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

  #save(): void {
    const state: State = {
      reporters: [...this.#reporters],
      hours: this.#tally.hours.map((hour) => [hour, this.#tally.of(hour)]),
      waiting: this.#waiting,
    };
    const path = join(this.#options.directory, FILE);
    this.#savedAtMs = this.#nowMs();
    try {
      writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${path}.new`, path);
      this.#isDirty = false;
    } catch {
      // The disk is full: tried again with the next count.
    }
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

/** What waits in a spool's directory for its time, as it will be sent. */
export function peekAggregates(directory: string): readonly Aggregate[] {
  return readState(directory).waiting.flatMap(({ docs }) => docs);
}

/** Our own file, written whole or not at all; nothing where there is none. */
function readState(directory: string): State {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8'));
  } catch {
    return { reporters: [], hours: [], waiting: [] };
  }
}
