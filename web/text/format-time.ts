// Times and spans as people read them, in the reader's time zone with UTC at hand. Pure: the zone and the present
// moment are arguments. Times are milliseconds since the epoch.

export interface TimeFormats {
  /** `14:05:09` today, `3 Mar 14:05` in the last months, `3 Mar 2026 14:05` before. */
  short(atMs: number, nowMs: number): string;
  /** `3 March 2026, 14:05:09.268 GMT+1`. */
  full(atMs: number): string;
  /** A mark on the axis of a chart whose bars are `intervalMs` wide. */
  axis(atMs: number, intervalMs: number): string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `timeZone` undefined: the reader's own. */
export function timeFormats(timeZone?: string): TimeFormats {
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { ...options, hour12: false, ...(timeZone === undefined ? {} : { timeZone }) });
  const clock = make({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const minute = make({ hour: '2-digit', minute: '2-digit' });
  const day = make({ day: 'numeric', month: 'short' });
  const weekday = make({ weekday: 'short', day: 'numeric' });
  const year = make({ day: 'numeric', month: 'short', year: 'numeric' });
  const date = make({ day: 'numeric', month: 'long', year: 'numeric' });
  const zone = make({ timeZoneName: 'shortOffset' });
  const zoneOf = (atMs: number) => zone.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return {
    short(atMs, nowMs) {
      if (date.format(atMs) === date.format(nowMs)) {
        return clock.format(atMs);
      }
      const near = Math.abs(nowMs - atMs) < 180 * DAY_MS;
      return `${near ? day.format(atMs) : year.format(atMs)} ${minute.format(atMs)}`;
    },
    full(atMs) {
      const ms = String(((atMs % 1000) + 1000) % 1000).padStart(3, '0');
      return `${date.format(atMs)}, ${clock.format(atMs)}.${ms} ${zoneOf(atMs)}`;
    },
    axis(atMs, intervalMs) {
      if (intervalMs >= 12 * HOUR_MS) {
        return day.format(atMs);
      }
      return intervalMs >= HOUR_MS ? `${weekday.format(atMs)} ${minute.format(atMs)}` : minute.format(atMs);
    },
  };
}

/** A sentence of the server with its times, RFC 3339 in UTC, as people read them. */
export function withReadTimes(text: string, formats: TimeFormats): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z/g, (time) => {
    const atMs = Date.parse(time);
    return Number.isNaN(atMs) ? time : formats.full(atMs);
  });
}

/** `2026-03-01 10:00:00.268 UTC`. */
export function formatUtc(atMs: number): string {
  return new Date(atMs).toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** Milliseconds as `840 ms`, `12 s`, `5 min`, `3 h`, `2 d`. */
export function formatSpan(spanMs: number): string {
  const span = Math.max(0, spanMs);
  if (span < 1_000) {
    return `${Math.round(span)} ms`;
  }
  if (span < 90_000) {
    return `${Math.round(span / 1_000)} s`;
  }
  if (span < 90 * 60_000) {
    return `${Math.round(span / 60_000)} min`;
  }
  return span < 36 * HOUR_MS ? `${Math.round(span / HOUR_MS)} h` : `${Math.round(span / DAY_MS)} d`;
}

/** `just now`, `5 min ago`. */
export function formatAgo(atMs: number, nowMs: number): string {
  const span = nowMs - atMs;
  return span < 5_000 ? 'just now' : `${formatSpan(span)} ago`;
}
