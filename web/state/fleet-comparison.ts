// Two answers on fleets side by side: a fleet now and in the time before, or two fleets at the same time. Pure.
import type { FleetMetrics } from '../../src/api/schemas/fleet-metrics.ts';
import { formatCount, formatShare, timesText } from '../text/format-number.ts';

export interface ComparedNumber {
  readonly name: string;
  readonly note?: string;
  readonly here: string;
  readonly there: string;
  /** Of what is comparable: `▲ 40%`. */
  readonly change: string;
}

export function comparedNumbers(here: FleetMetrics, there: FleetMetrics): readonly ComparedNumber[] {
  const row = (
    name: string,
    of: (one: FleetMetrics) => number | undefined,
    show: (value: number) => string,
    note?: string,
  ) => {
    const [a, b] = [of(here), of(there)];
    return {
      name,
      ...(note === undefined ? {} : { note }),
      here: a === undefined ? '–' : show(a),
      there: b === undefined ? '–' : show(b),
      change: changeWords(a, b),
    };
  };
  const percent = (share: number): string => formatShare(share, 1);
  return [
    row(
      'Denials for 100 host-days',
      (one) => one.per_100_host_days,
      rateText,
      'Days that hosts were up, added up: fleets of different size can be compared',
    ),
    row('Denials', (one) => one.denials, formatCount),
    row('Hosts affected', (one) => one.hosts_affected, formatCount),
    row('Hosts heard of', (one) => one.hosts_reporting, formatCount),
    row('Host-days', (one) => one.host_days, rateText),
    row('Programs that sandbox themselves', (one) => one.usage.programs, formatCount),
    row(
      'Domains for a host-day',
      (one) => one.usage.domains_per_host_day,
      rateText,
      'Those that were seen to be made: with their first denial, or by tracepoints',
    ),
    row('Not logged', (one) => one.unlogged_share, percent, 'Of the denials of domains that have ended'),
  ];
}

export interface ComparedPart {
  readonly value: string;
  readonly here: number;
  readonly there: number;
  /** For the running time of each: empty where one of them was heard of for less than a host-day. */
  readonly change: string;
}

/** Both lists in one, the greatest of either first; counts are put into proportion by the running time. */
export function comparedParts(
  here: FleetMetrics,
  there: FleetMetrics,
  partsOf: (one: FleetMetrics) => FleetMetrics['by_program'],
): readonly ComparedPart[] {
  const counts = new Map<string, { here: number; there: number }>();
  for (const { value, denials } of partsOf(here)) {
    counts.set(value, { here: denials, there: 0 });
  }
  for (const { value, denials } of partsOf(there)) {
    counts.set(value, { here: counts.get(value)?.here ?? 0, there: denials });
  }
  const rate = (count: number, one: FleetMetrics): number | undefined =>
    one.per_100_host_days === undefined ? undefined : count / one.host_days;
  return [...counts]
    .map(([value, both]) => ({ value, ...both, change: changeWords(rate(both.here, here), rate(both.there, there)) }))
    .sort((a, b) => Math.max(b.here, b.there) - Math.max(a.here, a.there));
}

/** `▲ 40%`, `▼ 3×`, `new`, `gone`, `same`; empty where one is not known. */
export function changeWords(now: number | undefined, before: number | undefined): string {
  if (now === undefined || before === undefined) {
    return '';
  }
  if (before === 0 || now === 0) {
    return before === now ? 'same' : before === 0 ? 'new' : 'none any more';
  }
  const ratio = now / before;
  if (Math.abs(ratio - 1) < 0.005) {
    return 'same';
  }
  const size =
    ratio > 3
      ? timesText(ratio, rateText)
      : ratio < 1 / 3
        ? timesText(1 / ratio, rateText)
        : `${Math.round(Math.abs(ratio - 1) * 100)}%`;
  return ratio > 1 ? `▲ ${size}` : `▼ ${size}`;
}

/** `0.4`, `12`, `1,234`. */
export function rateText(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : formatCount(Math.round(value));
}
