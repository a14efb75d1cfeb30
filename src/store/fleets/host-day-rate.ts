// Denials for 100 host-days, as fleets and versions of packages are compared by.

/** In host-days. A host that was up for seconds would have a rate of millions, which says nothing of a day. */
const RATED_MIN = 1;

export function isRated(hostDays: number): boolean {
  return hostDays >= RATED_MIN;
}

/** The rate's member; none where hosts were known for less than a day together. */
export function rateOf(denials: number, hostDays: number): { readonly per_100_host_days?: number } {
  return !isRated(hostDays) ? {} : { per_100_host_days: rounded((denials * 100) / hostDays) };
}

/** To three decimals. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
