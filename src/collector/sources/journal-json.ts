// One line of `journalctl -o json` as a journal entry. A field is a string, an array of bytes (where the value is
// not UTF-8), null (too large for journalctl) or an array of several such values.
import { JOURNAL_FIELDS, type JournalEntry } from './journal-entry.ts';

type Fields = { -readonly [K in keyof JournalEntry]: string | undefined };

const EMPTY: JournalEntry = {
  transport: undefined,
  auditType: undefined,
  auditId: undefined,
  sourceRealtimeUs: undefined,
  message: undefined,
  bootId: undefined,
  machineId: undefined,
  hostname: undefined,
};

/** `line` is latin1. Returns undefined for what is no JSON object, or none of the journal's. Never throws. */
export function parseJournalJson(line: string): JournalEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields: Fields = { ...EMPTY };
  for (const [name, key] of JOURNAL_FIELDS) fields[key] = textOf(Object.getOwnPropertyDescriptor(value, name)?.value);
  // journalctl leaves out the cursor and the times for nobody.
  const isJournal = Object.hasOwn(value, '__CURSOR') || Object.values(fields).some((field) => field !== undefined);
  return isJournal ? fields : undefined;
}

/** As latin1 text of the value's bytes. Characters above U+00FF come from `\u` escapes and become UTF-8 bytes. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') {
    // The line itself is latin1, so a plain character already stands for one byte.
    return value.replace(/[^\0-\xff]+/g, (characters) => Buffer.from(characters).toString('latin1'));
  }
  if (!Array.isArray(value)) return undefined;
  if (value.every((byte) => typeof byte === 'number')) return Buffer.from(value).toString('latin1');
  return textOf(value[0]);
}
