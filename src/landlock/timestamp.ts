// RFC 3339 from an audit time stamp, without a Date for each record.

let cachedSeconds = -1;
let cachedPrefix = '';

/** `2026-03-01T10:00:00.268Z`. `seconds` is at most the end of the year 9999 (stamp.ts sees to it). */
export function timestampText(seconds: number, millis: number): string {
  if (seconds !== cachedSeconds) {
    cachedSeconds = seconds;
    cachedPrefix = new Date(seconds * 1000).toISOString().slice(0, 20);
  }
  return `${cachedPrefix}${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`;
}
