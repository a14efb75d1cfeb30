// Denials for 100 host-days, as versions of packages are compared by.

/** In host-days. A version that was seen for seconds would have a rate of millions, which says nothing of a day. */
const RATED_MIN = 1;

/** The rate's member; none where hosts were known for less than a day together. */
export function rateOf(denials: number, hostDays: number): { readonly per_100_host_days?: number } {
  return hostDays < RATED_MIN ? {} : { per_100_host_days: rounded((denials * 100) / hostDays) };
}

/** To three decimals. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
