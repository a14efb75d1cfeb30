// Numbers as the kernel writes them. A number that JavaScript cannot hold exactly is no number here.

const INTEGER = /^-?\d{1,16}$/;

/** -1 as the kernel prints an unset id (`auid=4294967295`). */
export const UNSET_ID = 4_294_967_295;

/** A decimal integer, or undefined if it is none or does not fit 2^53. */
export function integerOf(raw: string | undefined): number | undefined {
  if (raw === undefined || !INTEGER.test(raw)) return undefined;
  const value = Number(raw);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A user, group or session id as text; undefined where it is unset. */
export function idOf(raw: string | undefined): string | undefined {
  const value = integerOf(raw);
  return value === undefined || value === UNSET_ID || value < 0 ? undefined : String(value);
}
