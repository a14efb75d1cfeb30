// The shipped recordings, moved in time. The shift is done on the text of the records, so that everything made from
// them (time stamps, event ids, the original text) agrees.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RECORDINGS = fileURLToPath(new URL('../../../etc/replay/', import.meta.url));
const STAMP = /audit\((\d+)\.(\d{3}):/g;

export interface RecordedLines {
  readonly lines: readonly string[];
  /** How many recordings there are. */
  readonly recordings: number;
  /** When the last record was really written; milliseconds since the epoch. */
  readonly recordedAtMs: number;
  /** What was added to every time stamp. */
  readonly movedMs: number;
}

/** All recordings, in the order of their names, moved so that their last record is at `nowMs`. */
export function readRecordedLines(nowMs: number, directory: string = RECORDINGS): RecordedLines {
  const files = readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort();
  const text = files.map((name) => readFileSync(`${directory}/${name}`, 'latin1')).join('');
  const stamps = [...text.matchAll(STAMP)].map(([, seconds, millis]) => Number(seconds) * 1000 + Number(millis));
  const recordedAtMs = stamps.reduce((latest, stamp) => Math.max(latest, stamp), 0);
  const movedMs = nowMs - recordedAtMs;
  const lines = text.split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => moveLine(line, movedMs)), recordings: files.length, recordedAtMs, movedMs };
}

/** Moves the time stamp of one `type=… msg=audit(…): …` line. */
export function moveLine(line: string, movedMs: number): string {
  return line.replace(
    /^(type=\S+ msg=audit\()(\d+)\.(\d{3}):/,
    (_all, start: string, seconds: string, millis: string) => {
      const moved = Number(seconds) * 1000 + Number(millis) + movedMs;
      return `${start}${Math.floor(moved / 1000)}.${String(moved % 1000).padStart(3, '0')}:`;
    },
  );
}
