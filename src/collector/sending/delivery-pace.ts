// How fast documents leave where a server wants a bound: a steady rate, with a second's worth at once. What has to wait
// stays in the spool. Pure.

/** In seconds of the rate. */
const BURST_SECONDS = 1;

export class DeliveryPace {
  /** What was sent is paid for then. */
  #paidAtMs = 0;

  /** Sent just now; answers for how long nothing may follow, in ms. `perSecond` undefined: no bound. */
  afterMs(documents: number, perSecond: number | undefined, nowMs: number): number {
    if (perSecond === undefined) return 0;
    this.#paidAtMs = Math.max(this.#paidAtMs, nowMs - BURST_SECONDS * 1_000) + (documents * 1_000) / perSecond;
    return Math.max(0, this.#paidAtMs - nowMs);
  }
}
