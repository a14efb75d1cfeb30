// The live side of /denials/stream: gets every batch right after its commit and writes it to all open streams.
// Keeps nothing: who comes later reads the store.
import type { AnyDocument } from '../../landlock/document.ts';
import { EventStream, type EventStreamOptions } from './event-stream.ts';
import { toSseText } from './sse-text.ts';

export interface StreamHubOptions {
  /** Open streams; more are refused. */
  readonly streamsMax: number;
  /** Of these, of one token or session. */
  readonly ofCallerMax: number;
  readonly heartbeatMs: number;
  now(): number;
}

export class StreamHub {
  readonly #options: StreamHubOptions;
  readonly #streams = new Set<EventStream>();
  readonly #ofCaller = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: StreamHubOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), options.heartbeatMs);
    this.#timer.unref();
  }

  /** Open streams. */
  get size(): number {
    return this.#streams.size;
  }

  /** A stream that gets everything published from now on; undefined when there are too many, or of `caller`. */
  open(caller: string, options: EventStreamOptions): EventStream | undefined {
    const own = this.#ofCaller.get(caller) ?? 0;
    if (this.#streams.size >= this.#options.streamsMax || own >= this.#options.ofCallerMax) {
      return undefined;
    }
    const stream = new EventStream(options);
    this.#streams.add(stream);
    this.#ofCaller.set(caller, own + 1);
    stream.once('close', () => this.#forget(stream, caller));
    stream.beat(this.#options.now());
    return stream;
  }

  /** Documents that were just committed. Malformed ones, gaps and system calls are for lists and /status. */
  publish(documents: readonly AnyDocument[]): void {
    if (this.#streams.size === 0) {
      return;
    }
    for (const document of documents) {
      if (document.kind === 'malformed' || document.kind === 'gap' || document.kind === 'sandbox-call') {
        continue;
      }
      const text = toSseText(document);
      for (const stream of this.#streams) {
        stream.offer(document, text);
      }
    }
  }

  /** Ends all streams; their readers reconnect elsewhere or later. */
  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#streams) {
      stream.destroy();
    }
  }

  #forget(stream: EventStream, caller: string): void {
    this.#streams.delete(stream);
    const left = (this.#ofCaller.get(caller) ?? 1) - 1;
    if (left > 0) this.#ofCaller.set(caller, left);
    else this.#ofCaller.delete(caller);
  }

  #beat(): void {
    for (const stream of this.#streams) {
      stream.beat(this.#options.now());
    }
  }
}
