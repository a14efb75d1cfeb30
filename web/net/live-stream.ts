// The stream of denials as they are committed (server-sent events). Keeps itself open: the browser reconnects after
// some failures only, so this does after all, and takes long silence for a failure too.

import type { Denial, DomainEvent } from '../../src/api/schemas/document.ts';
import type { Parameters } from './api-client.ts';

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'paused';

export interface LiveStreamOptions {
  onDenial(denial: Denial): void;
  onDomain(event: DomainEvent): void;
  onState(state: LiveState): void;
  /** Something may have been missed: ask again for everything. */
  onMissed(): void;
  /** Any sign of life. */
  onBeat(): void;
}

/** The server sends a heartbeat each 15 seconds. */
const SILENCE_MAX_MS = 40_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 30_000;

export class LiveStream {
  readonly #options: LiveStreamOptions;
  #source: EventSource | undefined;
  #state: LiveState = 'connecting';
  #retryMs = RETRY_FIRST_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #wasOpen = false;

  #parameters = '';

  constructor(options: LiveStreamOptions) {
    this.#options = options;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Which denials are wanted; an open stream is opened anew when that changes. */
  setParameters(parameters: Parameters): void {
    const query = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
    const next = query === '' ? '' : `?${query}`;
    if (next !== this.#parameters) {
      this.#parameters = next;
      if (this.#source !== undefined) {
        this.#wasOpen = false;
        this.open();
      }
    }
  }

  open(): void {
    this.#drop();
    this.#setState(this.#wasOpen ? 'reconnecting' : 'connecting');
    const source = new EventSource(`/api/v1/denials/stream${this.#parameters}`);
    this.#source = source;
    source.addEventListener('open', () => {
      this.#retryMs = RETRY_FIRST_MS;
      this.#setState('live');
      if (this.#wasOpen) {
        this.#options.onMissed();
      }
      this.#wasOpen = true;
      this.#heard();
    });
    source.addEventListener('denial', (event) => {
      this.#heard();
      const denial = parse<Partial<Denial>>(event.data);
      if (isDenial(denial)) {
        this.#options.onDenial(denial);
      }
    });
    source.addEventListener('domain', (event) => {
      this.#heard();
      const domain = parse<DomainEvent>(event.data);
      if (domain !== undefined) {
        this.#options.onDomain(domain);
      }
    });
    source.addEventListener('heartbeat', () => this.#heard());
    source.addEventListener('overflow', () => {
      this.#heard();
      this.#options.onMissed();
    });
    source.addEventListener('error', () => this.#retry());
  }

  pause(): void {
    this.#drop();
    this.#setState('paused');
  }

  #heard(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#retry(), SILENCE_MAX_MS);
    this.#options.onBeat();
  }

  #retry(): void {
    this.#drop();
    this.#setState(this.#wasOpen ? 'reconnecting' : 'connecting');
    this.#retryTimer = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2);
  }

  #drop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  #setState(state: LiveState): void {
    if (this.#state !== state) {
      this.#state = state;
      this.#options.onState(state);
    }
  }
}

/** As much as the page could fall over; the rest is optional anyway. */
function isDenial(document: Partial<Denial> | undefined): document is Denial {
  return (
    typeof document?.event?.id === 'string' &&
    typeof document.event.reason === 'string' &&
    typeof document['@timestamp'] === 'string' &&
    typeof document.host?.id === 'string' &&
    Array.isArray(document.landlock?.blockers)
  );
}

/** What is not JSON is left out: the next refresh brings what it stood for. */
function parse<T>(data: unknown): T | undefined {
  try {
    return typeof data === 'string' ? (JSON.parse(data) as T) : undefined;
  } catch {
    return undefined;
  }
}
