// What is counted and not told yet, on disk: one file with all of it, written anew from time to time, and a journal of what
// was counted since, a frame for each turn of the event loop. So it outlives this process whatever ends that. Against a
// power cut the journal is flushed about once a second, as the spool is.
import {
  closeSync,
  fdatasync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Aggregate, AggregateClass, AggregateCount } from '../../landlock/privacy/aggregate.ts';
import type { CountedDocument, CountedState } from '../counted-already.ts';
import { encodeFrame, readFrame, recoverSegment } from '../spool/spool-segment.ts';

const FILE = 'aggregate.json';
const JOURNAL_NAME = /^aggregate-(\d+)\.journal$/;
/** Beyond it everything is written anew, and the journal begins again. */
const JOURNAL_BYTES_MAX = 1024 * 1024;

export interface Waiting {
  readonly dueAtMs: number;
  readonly docs: readonly Aggregate[];
}

export interface AggregateState {
  readonly reporters: readonly (readonly [day: number, id: string])[];
  readonly hours: readonly (readonly [hour: number, counts: readonly AggregateCount[]])[];
  readonly waiting: readonly Waiting[];
  /** What was counted of sources that read again what they read before. */
  readonly counted?: CountedState | undefined;
  /** Of the spool: what waits there up to here is in the counts, and leaves no more. */
  readonly settledSeq?: number | undefined;
}

/** What came in one turn. */
export interface JournalEntry {
  readonly counts: readonly (readonly [hour: number, what: AggregateClass, count: number])[];
  readonly counted: readonly CountedDocument[];
  readonly settledSeq: number;
}

const NOTHING: AggregateState = { reporters: [], hours: [], waiting: [] };

export class AggregateStore {
  /** As it was when this was opened; `entries` come on top. */
  readonly state: AggregateState;
  readonly entries: readonly JournalEntry[];
  /** The file was there and is none of ours: it has another name now, and its counts are lost. */
  readonly isDamaged: boolean;
  readonly #directory: string;
  /** Which journal goes with the file. */
  #generation: number;
  #fd: number | undefined;
  #frames: number;
  #bytes: number;
  #isUnflushed = false;

  constructor(directory: string) {
    this.#directory = directory;
    const { generation = 0, state = NOTHING, isDamaged = false } = readFile(directory);
    if (isDamaged) renameSync(join(directory, FILE), join(directory, `${FILE}.damaged`));
    this.state = state;
    this.isDamaged = isDamaged;
    this.#generation = generation;
    const journal = recoverJournal(this.#journalPath);
    this.entries = journal.entries;
    this.#frames = journal.entries.length;
    this.#bytes = journal.bytes;
    this.#removeOtherJournals();
  }

  get isJournalLong(): boolean {
    return this.#bytes > JOURNAL_BYTES_MAX;
  }

  get hasJournal(): boolean {
    return this.#bytes > 0;
  }

  /** False where the disk refused: nothing of it is kept then. */
  append(entry: JournalEntry): boolean {
    const frame = encodeFrame(this.#frames + 1, 1, `${JSON.stringify(entry)}\n`);
    try {
      this.#fd ??= openSync(this.#journalPath, this.#bytes === 0 ? 'w' : 'r+', 0o600);
      for (let written = 0; written < frame.length; ) {
        written += writeSync(this.#fd, frame, written, frame.length - written, this.#bytes + written);
      }
    } catch {
      // What was written of it is written over by the next one.
      return false;
    }
    this.#bytes += frame.length;
    this.#frames += 1;
    this.#isUnflushed = true;
    return true;
  }

  /** All of it, whole or not at all; what the journal says is in it. False where the disk refused. */
  save(state: AggregateState): boolean {
    const path = join(this.#directory, FILE);
    try {
      const text = JSON.stringify({ generation: this.#generation + 1, ...state });
      writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
    } catch {
      return false;
    }
    this.close();
    // A journal that cannot be removed is of another generation now, and not read again.
    rmSync(this.#journalPath, { force: true });
    this.#generation += 1;
    this.#frames = 0;
    this.#bytes = 0;
    return true;
  }

  /** Off the main thread. */
  flush(): void {
    if (!this.#isUnflushed || this.#fd === undefined) return;
    this.#isUnflushed = false;
    // An error shows itself in the next write.
    fdatasync(this.#fd, () => undefined);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  get #journalPath(): string {
    return journalPath(this.#directory, this.#generation);
  }

  /** Those of a process that was killed between the file and the removal. */
  #removeOtherJournals(): void {
    for (const name of readdirSync(this.#directory)) {
      const generation = JOURNAL_NAME.exec(name)?.[1];
      if (generation !== undefined && Number(generation) !== this.#generation) rmSync(join(this.#directory, name));
    }
  }
}

/** What waits in a spool's directory for its time, as it will be sent. */
export function peekAggregates(directory: string): readonly Aggregate[] {
  return (readFile(directory).state?.waiting ?? []).flatMap(({ docs }) => docs);
}

/** Up to where what waits in the spool is counted; disturbs nobody who counts. */
export function peekSettledSeq(directory: string): number {
  const { generation = 0, state } = readFile(directory);
  try {
    const last = readEntries(journalPath(directory, generation)).at(-1);
    return last?.settledSeq ?? state?.settledSeq ?? 0;
  } catch {
    return state?.settledSeq ?? 0;
  }
}

interface ReadFile {
  readonly generation?: number;
  readonly state?: AggregateState;
  readonly isDamaged?: boolean;
}

/** Our own file, written whole or not at all; nothing where there is none. */
function readFile(directory: string): ReadFile {
  let text: string;
  try {
    text = readFileSync(join(directory, FILE), 'utf8');
  } catch {
    return {};
  }
  try {
    const { generation, ...state } = JSON.parse(text);
    const isWhole =
      Number.isSafeInteger(generation) && [state.reporters, state.hours, state.waiting].every(Array.isArray);
    return isWhole ? { generation, state } : { isDamaged: true };
  } catch {
    return { isDamaged: true };
  }
}

/** Cuts off what an interrupted write left behind. */
function recoverJournal(path: string): { readonly entries: readonly JournalEntry[]; readonly bytes: number } {
  try {
    const { bytes } = recoverSegment(path, 1);
    return { entries: readEntries(path), bytes };
  } catch {
    return { entries: [], bytes: 0 };
  }
}

/** Throws where there is no journal. */
function readEntries(path: string): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  const fd = openSync(path, 'r');
  try {
    for (let frame = readFrame(fd, 0); frame !== undefined; frame = readFrame(fd, frame.end)) {
      entries.push(JSON.parse(frame.body.toString('utf8')));
    }
  } finally {
    closeSync(fd);
  }
  return entries;
}

function journalPath(directory: string, generation: number): string {
  return join(directory, `aggregate-${generation}.journal`);
}
