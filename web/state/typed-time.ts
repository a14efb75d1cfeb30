// Times as people type them: `3d`, `now-90m`, `14:05`, `yesterday 9:30`, `2026-03-01 10:00`, `2026-03-01T10:00Z`. Without a
// zone they are the reader's own. Pure but for the zone of the machine.
import { type RelativeRange, spanMsOf, type TimeRange } from './time-range.ts';

const DAY_MS = 86_400_000;
const RELATIVE = /^(?:now\s*-\s*|last\s+)?(\d{1,4})\s*([mhdw])(?:\s+ago)?$/;
const MOMENT =
  /^(?:(today|yesterday)|(\d{4})-(\d{1,2})-(\d{1,2}))?(?:[t\s]*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?)?\s*(z|utc)?$/;

/** Undefined: not understood. */
export function parseTime(text: string, nowMs: number): number | undefined {
  const typed = text.trim().toLowerCase();
  if (typed === 'now') {
    return nowMs;
  }
  const relative = RELATIVE.exec(typed);
  if (relative !== null) {
    const spanMs = spanMsOf(`${Number(relative[1])}${relative[2]}`);
    return spanMs === undefined ? undefined : nowMs - spanMs;
  }
  const moment = MOMENT.exec(typed);
  if (moment === null || typed === '' || (moment[1] ?? moment[2] ?? moment[5]) === undefined) {
    return undefined;
  }
  return momentMs(moment, nowMs);
}

/** A span that ends now stays one that moves on. Undefined: not understood, or it ends before it begins. */
export function parseRange(from: string, to: string, nowMs: number): TimeRange | undefined {
  const span = RELATIVE.exec(from.trim().toLowerCase());
  if (span !== null && ['', 'now'].includes(to.trim().toLowerCase())) {
    const preset = `${Number(span[1])}${span[2]}`;
    return spanMsOf(preset) === undefined ? undefined : ({ kind: 'relative', preset } satisfies RelativeRange);
  }
  const fromMs = parseTime(from, nowMs);
  const toMs = to.trim() === '' ? nowMs : parseTime(to, nowMs);
  return fromMs === undefined || toMs === undefined || fromMs >= toMs ? undefined : { kind: 'fixed', fromMs, toMs };
}

/** As it can be typed again: `2026-03-01 10:00:00`, of the reader's zone or of UTC. */
export function typedTime(atMs: number, isUtc: boolean): string {
  const shiftMs = isUtc ? 0 : new Date(atMs).getTimezoneOffset() * 60_000;
  const text = new Date(atMs - shiftMs).toISOString().slice(0, 19).replace('T', ' ');
  return isUtc ? `${text} UTC` : text;
}

function momentMs(moment: RegExpExecArray, nowMs: number): number | undefined {
  const isUtc = moment[9] !== undefined;
  const day = new Date(moment[1] === 'yesterday' ? nowMs - DAY_MS : nowMs);
  const today = isUtc
    ? ([day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()] as const)
    : ([day.getFullYear(), day.getMonth() + 1, day.getDate()] as const);
  const [year, month, date] =
    moment[2] === undefined ? today : [Number(moment[2]), Number(moment[3]), Number(moment[4])];
  const [hour, minute, second] = [moment[5], moment[6], moment[7]].map((part) => Number(part ?? 0));
  const ms = Number((moment[8] ?? '').padEnd(3, '0'));
  const parts = [year, (month ?? 0) - 1, date, hour ?? 0, minute ?? 0, second ?? 0, ms] as const;
  const isSensible =
    parts[1] >= 0 && parts[1] < 12 && parts[2] >= 1 && parts[2] <= 31 && parts[3] < 24 && parts[4] < 60;
  return isSensible && parts[5] < 60 ? (isUtc ? Date.UTC(...parts) : new Date(...parts).getTime()) : undefined;
}
