// Counts how many domains were named, without keeping all of their ids for ever.

/** Ids that are remembered; then all are forgotten, and one that returns counts again. */
export const domainsRememberedMax = 65_536;

/** Ids that came last, to find most of them without hashing. */
const recentMax = 4096;

export class DistinctDomains {
  /** How many. */
  count = 0;
  readonly #byBoot = new Map<string, Set<string>>();
  readonly #recent = new Array<string>(recentMax).fill('');
  readonly #recentBoots = new Array<string>(recentMax).fill('');
  #remembered = 0;

  /** Takes note of a domain of a boot. */
  see(boot: string, domain: string): void {
    const { length } = domain;
    const spread =
      domain.charCodeAt(length - 1) + domain.charCodeAt(length - 2) * 13 + domain.charCodeAt(length - 3) * 181;
    const place = (spread + domain.charCodeAt(length - 4) * 1021) & (recentMax - 1);
    if (this.#recent[place] === domain && this.#recentBoots[place] === boot) return;
    this.#recent[place] = domain;
    this.#recentBoots[place] = boot;
    this.#add(boot, domain);
  }

  #add(boot: string, domain: string): void {
    let known = this.#byBoot.get(boot);
    if (known === undefined) {
      known = new Set();
      this.#byBoot.set(boot, known);
    }
    if (known.has(domain)) return;
    known.add(domain);
    this.count++;
    if (++this.#remembered < domainsRememberedMax) return;
    this.#remembered = 0;
    this.#byBoot.clear();
  }
}
