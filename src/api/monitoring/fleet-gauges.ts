// The numbers of the fleets for Prometheus: worked out anew from time to time only, however often somebody scrapes, and
// at most once at a time.
import type { AllFleetFacts } from '../../store/fleets/fleet-facts.ts';
import type { AppDeps } from '../deps.ts';

/** They are of the last 24 hours: what is newer than this changes little. */
const FRESH_MS = 5 * 60_000;

export class FleetGauges {
  readonly #deps: Pick<AppDeps, 'readers' | 'now' | 'log'>;
  #known: { readonly facts: AllFleetFacts; readonly atMs: number } | undefined;
  #asking: Promise<AllFleetFacts | undefined> | undefined;

  constructor(deps: Pick<AppDeps, 'readers' | 'now' | 'log'>) {
    this.#deps = deps;
  }

  /** The last that are known where the store does not answer; undefined: none yet. */
  async get(): Promise<AllFleetFacts | undefined> {
    const known = this.#known;
    if (known !== undefined && Math.abs(this.#deps.now() - known.atMs) < FRESH_MS) return known.facts;
    // Whoever asked first may leave: the others, and the next ones, still get it.
    this.#asking ??= this.#ask();
    return await this.#asking;
  }

  async #ask(): Promise<AllFleetFacts | undefined> {
    const atMs = this.#deps.now();
    try {
      const facts = await this.#deps.readers.ask('fleetFacts', { nowMs: atMs });
      this.#known = { facts, atMs };
    } catch (error) {
      // Counted as a failure of the store where it is asked; the other numbers are told all the same.
      this.#deps.log.warn({ err: error }, 'the numbers of the fleets are not known');
    } finally {
      this.#asking = undefined;
    }
    return this.#known?.facts;
  }
}
