/** How slow a client may be. */
export interface Patience {
  /** Until the headers of a request are there, and until all of it is. */
  readonly headersMaxMs: number;
  readonly requestMaxMs: number;
  /** Without a byte in either direction. Streams say something each 15 seconds. */
  readonly silenceMaxMs: number;
  /** How often the first two are looked at. */
  readonly lookMs: number;
}

export const PATIENCE: Patience = {
  headersMaxMs: 10_000,
  requestMaxMs: 30_000,
  silenceMaxMs: 60_000,
  lookMs: 5_000,
};
