// One reader's stream: bounded, filtered, and ended when its reader is too slow. Fastify pipes it into the
// response and asks for more whenever the connection took something, so what waits here is what it has not taken.
import { Readable } from 'node:stream';
import { heartbeatEvent, overflowEvent, type SseText, type StreamDocument } from './sse-text.ts';

export interface EventStreamOptions {
  /** Characters that may wait for a slow reader before it is cut. */
  readonly bufferMax: number;
  readonly maySeeSensitive: boolean;
  /** Which documents the reader asked for. */
  matches(document: StreamDocument): boolean;
  /** Whether the reader may still read; asked with every heartbeat. */
  isAllowed(nowMs: number): boolean;
}

/** An event of the replay, which goes before everything live. */
export interface ReplayEvent {
  readonly id: string;
  readonly text: string;
}

/** After this the browser connects again, milliseconds. */
const RETRY_MS = 2_000;
const CHUNK_CHARACTERS = 64 * 1024;

/** `replaying`: live events are held back. `cut`: too slow; hears how much it missed once it took what waits. */
type State = 'replaying' | 'live' | 'cut' | 'ended';

export class EventStream extends Readable {
  readonly #options: EventStreamOptions;
  #state: State = 'replaying';
  #held: ReplayEvent[] = [];
  #waiting: string[] = [];
  #characters = 0;
  #isWanted = false;
  #missed = 0;
  #beatsSinceCut = 0;

  constructor(options: EventStreamOptions) {
    super();
    this.#options = options;
    this.#enqueue(`retry: ${RETRY_MS}\n\n`);
  }

  /** A document that was just committed. */
  offer(document: StreamDocument, text: SseText): void {
    if (this.destroyed || this.#state === 'ended' || !this.#options.matches(document)) {
      return;
    }
    const own = this.#options.maySeeSensitive ? text.whole : text.withoutSensitive;
    if (this.#state === 'cut' || this.#characters + own.length > this.#options.bufferMax) {
      this.#cut(document);
    } else if (this.#state === 'replaying') {
      this.#held.push({ id: document.event.id, text: own });
      this.#characters += own.length;
    } else {
      this.#enqueue(own);
    }
  }

  /** Ends the wait for the replay: `replay` first, then what came live meanwhile and is not in it. */
  release(replay: readonly ReplayEvent[]): void {
    const held = this.#held.splice(0);
    const replayed = new Set(replay.map((event) => event.id));
    for (const event of held) {
      this.#characters -= event.text.length;
    }
    // The replay is bounded by its own limit and may exceed the buffer's.
    for (const event of replay) {
      this.#enqueue(event.text);
    }
    for (const event of held) {
      if (!replayed.has(event.id)) {
        this.#enqueue(event.text);
      }
    }
    if (this.#state === 'replaying') {
      this.#state = 'live';
    }
    this.#give();
  }

  /** Text that is no document. */
  say(text: string): void {
    if (this.#state === 'replaying' || this.#state === 'live') {
      this.#enqueue(text);
    }
  }

  /** Every 15 seconds: shows both ends that the other lives, and ends what may not go on. */
  beat(nowMs: number): void {
    if (!this.#options.isAllowed(nowMs)) {
      this.destroy();
    } else if (this.#state === 'cut' || this.#state === 'ended') {
      // A reader that did not take the rest within a whole beat is not there.
      this.#beatsSinceCut++;
      if (this.#beatsSinceCut > 1) {
        this.destroy();
      }
    } else {
      this.say(heartbeatEvent({ now: new Date(nowMs).toISOString() }));
    }
  }

  override _read(): void {
    this.#isWanted = true;
    this.#give();
  }

  #cut(document: StreamDocument): void {
    // A cut during the replay drops what was held: all of it can be fetched again by Last-Event-ID.
    if (this.#state === 'replaying') {
      for (const event of this.#held.splice(0)) {
        this.#characters -= event.text.length;
        this.#missed++;
      }
    }
    this.#state = 'cut';
    this.#missed += document.kind === 'denial' ? 1 : 0;
    this.#give();
  }

  #enqueue(text: string): void {
    this.#waiting.push(text);
    this.#characters += text.length;
    this.#give();
  }

  #give(): void {
    if (!this.#isWanted || this.destroyed || this.#state === 'ended') {
      return;
    }
    if (this.#waiting.length > 0) {
      this.#isWanted = false;
      this.push(this.#takeChunk());
    } else if (this.#state === 'cut') {
      this.#state = 'ended';
      this.push(overflowEvent({ reason: 'slow-reader', missed: this.#missed }));
      this.push(null);
    }
  }

  #takeChunk(): string {
    let count = 0;
    let characters = 0;
    for (const text of this.#waiting) {
      if (count > 0 && characters + text.length > CHUNK_CHARACTERS) {
        break;
      }
      count++;
      characters += text.length;
    }
    this.#characters -= characters;
    return this.#waiting.splice(0, count).join('');
  }
}
