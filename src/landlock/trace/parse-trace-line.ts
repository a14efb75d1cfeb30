// One line of `trace` or `trace_pipe` to an event. The task's name comes first, unescaped and chosen by the program: it
// may hold blanks, dashes, line ends and what looks like an event. It has at most 15 bytes, though, and everything
// behind it is the kernel's and escaped (include/trace/events/landlock.h), so the line is read from the right.
import type { ParsedTrace, TraceEvent, TraceField, TraceMalformed } from './trace-event.ts';

/** Longer lines are no events: the kernel's own buffer for one is a page. */
const LINE_LENGTH_MAX = 8192;
/** What is kept of a line that is not understood. */
const TEXT_LENGTH_MAX = 4096;
const FIELDS_MAX = 64;

// `-TID (TGID) [CPU] FLAGS SECONDS.MICROS: EVENT: FIELDS`; the greedy start makes it the last one of the line.
const EVENT =
  /^([\s\S]*)-(\d{1,10}) +(?:\( *(\d{1,10}|-+)\) +)?\[(\d{1,5})\] +(?:(\S{1,16}) +)?(\d{1,12})\.(\d{6}): ([a-z0-9_]{1,100}): ?([\s\S]*)$/;
const LOST = /^CPU:(\d{1,5}) \[LOST (?:(\d{1,15}) )?EVENTS\]$/;
const FORGOTTEN = '<...>';

/** `line` is latin1, without its line end. null: an empty line or a comment. Never throws. */
export function parseTraceLine(line: string): ParsedTrace | null {
  if (line.length > LINE_LENGTH_MAX) return malformed(line, 'a trace line of more than 8192 bytes');
  const event = parseEvent(line);
  if (event !== undefined) return event;
  const lost = LOST.exec(line);
  if (lost !== null) return { kind: 'trace-lost', cpu: Number(lost[1]), count: Math.max(1, Number(lost[2] ?? 1)) };
  // Only now: a task may be named so that its line looks like a comment.
  if (line === '' || line.startsWith('#')) return null;
  return malformed(line, 'no line of the kernel trace');
}

function parseEvent(line: string): TraceEvent | undefined {
  const match = EVENT.exec(line);
  if (match === null) return undefined;
  const [, task = '', thread, process, cpu, , seconds, micros, name = '', rest = ''] = match;
  const fields = readFields(rest);
  if (fields === undefined) return undefined;
  const taskName = task.replace(/^ +/, '');
  const pid = process === undefined || process.startsWith('-') ? undefined : Number(process);
  return {
    kind: 'trace-event',
    name,
    seconds: Number(seconds),
    micros: Number(micros),
    cpu: Number(cpu),
    task: {
      ...(taskName !== FORGOTTEN && { name: taskName }),
      threadId: Number(thread),
      ...(pid !== undefined && { pid }),
    },
    fields,
  };
}

/** undefined: not of the form `a=b c=d`, or more of it than any event has. */
function readFields(text: string): readonly TraceField[] | undefined {
  const words = text.split(' ').filter((word) => word !== '');
  if (words.length > FIELDS_MAX) return undefined;
  const fields: TraceField[] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) return undefined;
    fields.push({ name: word.slice(0, equals), value: word.slice(equals + 1) });
  }
  return fields;
}

function malformed(line: string, reason: string): TraceMalformed {
  return { kind: 'malformed', reason, text: line.slice(0, TEXT_LENGTH_MAX) };
}
