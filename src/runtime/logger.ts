// The log of a daemon: pino on standard error, written at once and in this thread, so that the last line before an
// exit is never lost and nothing has to be loaded after the privileges are gone. JSON lines for journals and pipes,
// short lines for people.
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import type { Config } from './config.ts';
import { escapeTerminal } from './terminal-text.ts';

export interface LoggerOptions {
  /** `server`, `collector` or `supervisor`. */
  readonly name: string;
  readonly level: Config['log']['level'];
  /** Short lines instead of JSON. */
  readonly isForPeople: boolean;
}

/** A logger on standard error (file descriptor 2). A closed or full pipe never stops the daemon. */
export function createLogger(options: LoggerOptions): pino.Logger {
  const format = options.isForPeople ? toShortLine : (line: string) => line;
  const destination = { write: (line: string) => writeStderr(format(line)) };
  return pino({ name: options.name, level: options.level, base: { pid: process.pid } }, destination);
}

function writeStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // EAGAIN, EPIPE: a log that nobody reads is no reason to fail.
  }
}

const HIDDEN_FIELDS = new Set(['level', 'time', 'pid', 'name', 'msg']);

/** `12:30:01 warn  collector: message key=value`. Exported for its test. */
export function toShortLine(json: string): string {
  const fields: unknown = JSON.parse(json);
  if (typeof fields !== 'object' || fields === null) {
    return json;
  }
  const entries = new Map<string, unknown>(Object.entries(fields));
  const time = new Date(Number(entries.get('time'))).toISOString().slice(11, 19);
  const level = pino.levels.labels[Number(entries.get('level'))] ?? 'info';
  let line = `${time} ${level.padEnd(5)} ${String(entries.get('name') ?? '')}: ${String(entries.get('msg') ?? '')}`;
  for (const [key, value] of entries) {
    if (!HIDDEN_FIELDS.has(key)) {
      line += ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
    }
  }
  return `${escapeTerminal(line)}\n`;
}
