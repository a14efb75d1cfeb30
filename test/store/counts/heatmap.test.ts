import { expect, it } from 'vitest';
import { heatmap } from '../../../src/store/counts/heatmap.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { denial } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A Monday. Clocks in Berlin go forward on Sunday the 29th. */
const MONDAY = Date.UTC(2026, 2, 23);

function ask(timezone: string | undefined, fromMs = MONDAY, toMs = MONDAY + 14 * DAY, query?: string) {
  const db = temporaryDatabase();
  const docs = Array.from({ length: 14 * 24 * 2 }, (_, n) =>
    denial({ n, ms: MONDAY + n * 30 * MINUTE, program: n % 3 === 0 ? '/usr/bin/third' : '/usr/bin/other' }),
  );
  const writer = new EventWriter(db);
  writer.write(
    docs.map((doc) => ({ doc })),
    MONDAY,
  );
  const scope = { fromMs, toMs, ...(query !== undefined && { query }) };
  const answer = heatmap(db, { scope, timezone });
  if (isRefused(answer)) throw new Error(answer.message);
  return { answer, docs: docs.filter((doc) => inSpan(doc['@timestamp'], fromMs, toMs)) };
}

function inSpan(time: string, fromMs: number, toMs: number): boolean {
  return Date.parse(time) >= fromMs && Date.parse(time) < toMs;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** By asking the calendar of the place for each denial. */
function counted(times: readonly number[], timeZone: string): number[][] {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
  const week = DAYS.map(() => new Array<number>(24).fill(0));
  for (const time of times) {
    const parts = format.formatToParts(time);
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
    const day = week[DAYS.indexOf(of('weekday'))] ?? [];
    day[Number(of('hour'))] = (day[Number(of('hour'))] ?? 0) + 1;
  }
  return week;
}

const times = (docs: readonly { '@timestamp': string }[]) => docs.map((doc) => Date.parse(doc['@timestamp']));

it('counts each denial in the hour of the week in which it was in that place, also when clocks change', () => {
  for (const timezone of ['UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Tokyo']) {
    const { answer, docs } = ask(timezone);
    expect([timezone, answer.denials]).toEqual([timezone, counted(times(docs), timezone)]);
    expect(answer.counted_from).toBe('rollups');
  }
});

it('counts spans that begin and end within an hour, and those of a query, exactly', () => {
  const from = MONDAY + 5 * DAY + 17 * MINUTE;
  const { answer, docs } = ask(undefined, from, from + 3 * DAY + 31 * MINUTE, 'program:/usr/bin/third and pid>0');
  const third = docs.filter((doc) => doc.process?.executable === '/usr/bin/third');
  expect(answer).toMatchObject({ timezone: 'UTC', denials: counted(times(third), 'UTC'), counted_from: 'denials' });
});

it('says how often the span has each hour of the week', () => {
  const { answer } = ask('Europe/Berlin');
  const hours = Array.from({ length: 14 * 24 }, (_, n) => MONDAY + n * 60 * MINUTE);
  expect(answer.hours).toEqual(counted(hours, 'Europe/Berlin'));
  // That night has no hour from two to three.
  expect(answer.hours[6]?.[2]).toBe(1);
});

it('refuses what is no time zone, and more than ten years', () => {
  const db = temporaryDatabase();
  expect(heatmap(db, { scope: {}, timezone: "Mars/O'Neill" })).toMatchObject({ code: 'invalid-timezone' });
  expect(heatmap(db, { scope: { fromMs: 0, toMs: MONDAY } })).toMatchObject({ code: 'invalid-range' });
});
