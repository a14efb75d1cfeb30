// Audit serials are 32-bit and wrap; the order of records on a long-lived machine is wanted all the same.

const WRAP = 2 ** 32;

/** Turns serials into numbers that keep growing, as long as records are less than 2^31 serials out of order. */
export class SerialOrder {
  #highest: number | undefined;

  extend(serial: number): number {
    if (this.#highest === undefined) {
      this.#highest = serial;
      return serial;
    }
    const base = this.#highest - (this.#highest % WRAP);
    const candidates = [base - WRAP + serial, base + serial, base + WRAP + serial];
    const highest = this.#highest;
    const nearest = candidates.reduce((best, value) =>
      Math.abs(value - highest) < Math.abs(best - highest) ? value : best,
    );
    this.#highest = Math.max(highest, nearest);
    return nearest;
  }
}
