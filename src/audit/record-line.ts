// Writes a record as the line that every tool of the audit world reads. The inverse of parse-line.ts.
import type { AuditRecord } from './record.ts';
import { recordTypeName } from './record-types.ts';

// What would end or cut a line when it is read again. The kernel writes none of these; messages of user space may.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these control characters are what is looked for
const BREAK = /[\n\r\0\x1d]/;

/** `1795395845.936`: seconds and three digits of milliseconds. */
export function stampText(seconds: number, millis: number): string {
  return `${seconds}.${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}`;
}

/** `type=LANDLOCK_ACCESS msg=audit(1795395845.936:7): BODY`, always one line (line breaks become blanks). */
export function toLine(record: AuditRecord): string {
  const text = BREAK.test(record.text) ? record.text.split(BREAK).join(' ') : record.text;
  const stamp = stampText(record.seconds, record.millis);
  return `type=${recordTypeName(record.type)} msg=audit(${stamp}:${record.serial}): ${text}`;
}
