// How long delivery waits after which failure, and how often it says so: a server that is away is not news each second.
import { setTimeout as sleep } from 'node:timers/promises';
import type { pino } from 'pino';
import type { Verdict } from '../../delivery/verdict.ts';

export interface PauseOptions {
  /** After a first failure, milliseconds; doubled with each further one up to `lastMs`. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Where the server does not let us in: until somebody changes that. */
  readonly refusedMs: number;
}

/** A server on this machine comes back within seconds. */
const NEAR: PauseOptions = { firstMs: 50, lastMs: 2_000, refusedMs: 5_000 };
/** Thousands may wait for the same server: they come back spread out. */
export const FAR: PauseOptions = { firstMs: 500, lastMs: 60_000, refusedMs: 60_000 };
const DOUBLINGS_MAX = 10;
/** Below that many failures in a row a server may just be starting. */
const NEWS_FROM = 8;

export class DeliveryPauses {
  readonly #log: pino.Logger;
  readonly #signal: AbortSignal;
  readonly #options: PauseOptions;
  #failures = 0;

  constructor(log: pino.Logger, signal: AbortSignal, options = NEAR) {
    this.#log = log;
    this.#signal = signal;
    this.#options = options;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Full jitter between nothing and a bound that doubles, and never less than the server asked for. */
  async afterFailure(verdict: Extract<Verdict, { kind: 'retry' }>, documents: number): Promise<void> {
    this.#complain(verdict.reason, documents);
    const { firstMs, lastMs } = this.#options;
    const longest = Math.min(lastMs, firstMs * 2 ** Math.min(this.#failures - 1, DOUBLINGS_MAX));
    const asked = verdict.afterMs ?? 0;
    // Those who were told the same time must not all come at it.
    await this.#wait(asked + Math.random() * Math.max(longest, asked / 4));
  }

  /** Everything is kept meanwhile. */
  async whileRefused(verdict: { readonly reason: string }, documents: number): Promise<void> {
    this.#complain(verdict.reason, documents, NEWS_FROM);
    await this.#wait(this.#options.refusedMs * (0.5 + Math.random() / 2));
  }

  /** At the 1st, 2nd, 4th, 8th … failure in a row only. */
  #complain(reason: string, documents: number, weight = 0): void {
    if (this.#signal.aborted) return;
    this.#failures++;
    const attempt = this.#failures;
    if ((attempt & (attempt - 1)) !== 0) return;
    const level = attempt + weight < NEWS_FROM ? 'debug' : 'warn';
    this.#log[level]({ reason, attempt, documents }, 'delivery failed, will be tried again');
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}
