// Numbers, sizes, shares and changes as people read them. Pure.

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
// British English writes 1.2m, which reads as minutes beside times.
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,234,567`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** Whole below 100,000, then `123.4K`, `1.2M`: fits into a tile. */
export function formatShortCount(count: number): string {
  return count < 100_000 ? whole.format(count) : short.format(count);
}

/** `1 denial`, `2 denials`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Bytes as `512 B`, `1.5 KiB`, `20 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? 'B'}`;
}

/** `42%`, `<1%`; an empty whole has no shares. */
export function formatShare(part: number, all: number): string {
  if (all <= 0) {
    return '';
  }
  const percent = (100 * part) / all;
  return percent > 0 && percent < 1 ? '<1%' : `${Math.round(percent)}%`;
}

/** Against the span before, in words, with the direction as a sign: `▲ 40% more than the 24 hours before`. */
export function formatChange(now: number, before: number, span: string): string {
  if (before === 0) {
    return now === 0 ? `none in the ${span} before either` : `none in the ${span} before`;
  }
  const change = (now - before) / before;
  if (Math.abs(change) < 0.005) {
    return `as in the ${span} before`;
  }
  if (change > 9.99) {
    return `▲ ${timesText(Math.round(now / before))} the ${span} before`;
  }
  const size = `${Math.abs(Math.round(change * 100))}% more than`;
  return change > 0 ? `▲ ${size} the ${span} before` : `▼ ${size.replace('more', 'fewer')} the ${span} before`;
}

const TIMES_MAX = 100;

/** `12×`. Of next to nothing everything is a great multiple: beyond 100 the number says no more. */
export function timesText(ratio: number, show: (ratio: number) => string = formatCount): string {
  return ratio > TIMES_MAX ? `over ${TIMES_MAX}×` : `${show(ratio)}×`;
}
