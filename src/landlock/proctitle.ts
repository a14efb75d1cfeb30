// PROCTITLE: the arguments that the task was started with (or what it wrote over them). At most 128 bytes, so the
// last argument may be cut. NUL-separated, therefore almost always hex (kernel/auditsc.c, audit_log_proctitle).
import { textOf } from '../audit/byte-text.ts';
import { ownString } from '../audit/own-string.ts';
import { sampleHash, TextMemo } from '../audit/text-memo.ts';
import { decodeUntrusted } from '../audit/untrusted-string.ts';

/** There may be as many as there are processes: one in so many new ones is remembered. */
const keptEvery = 16;

const NAME = 'proctitle=';
const QUOTE = 34;

function splitArgs(text: string): string[] {
  const args: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\0'); end !== -1; end = text.indexOf('\0', start)) {
    args.push(text.substring(start, end));
    start = end + 1;
  }
  // A NUL after the last argument ends it and begins no further one.
  if (start < text.length || start === 0) args.push(text.substring(start));
  return args;
}

function makeArgs(text: string): readonly string[] | undefined {
  if (!text.startsWith(NAME)) return undefined;
  // What is in quotes is one argument, and a view of the record.
  if (text.charCodeAt(NAME.length) === QUOTE) {
    const bytes = decodeUntrusted(ownString(text).slice(NAME.length));
    return bytes === undefined || bytes === '' ? undefined : [textOf(bytes)];
  }
  const end = text.indexOf(' ', NAME.length);
  const bytes = decodeUntrusted(text.substring(NAME.length, end === -1 ? text.length : end));
  return bytes === undefined || bytes === '' ? undefined : splitArgs(textOf(bytes));
}

const titles = new TextMemo(2048, makeArgs, keptEvery);

/** The arguments, or undefined where the kernel had none. Shared between records: nobody may change them. */
export function readArgs(text: string): readonly string[] | undefined {
  // The same program's differ in the last argument: its last characters, each of them two digits.
  const { length } = text;
  return titles.get(text, 0, length, sampleHash(text, Math.max(0, length - 16), length, length));
}
