// Roughly how often a text came lately, in constant memory and without keeping any text: counters by hash, all halved
// now and then. Texts that share a counter are counted together, so the answer is never too small within that time.

/** A power of two. */
const counters = 262_144;
/** Texts between two halvings: far fewer than counters, so that strangers seldom meet in one. */
const halvedEvery = 65_536;
const countMax = 255;

export class SightingCounter {
  readonly #counts = new Uint8Array(counters);
  #seen = 0;

  /** How often the text of this sighting came lately, this time included. */
  see(sighting: number): number {
    this.#seen += 1;
    if (this.#seen % halvedEvery === 0) this.#halve();
    const count = Math.min((this.#counts[sighting] ?? 0) + 1, countMax);
    this.#counts[sighting] = count;
    return count;
  }

  #halve(): void {
    for (let i = 0; i < counters; i++) this.#counts[i] = (this.#counts[i] ?? 0) >> 1;
  }
}

/** What a text is counted by. */
export function sightingOf(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) & (counters - 1);
}
