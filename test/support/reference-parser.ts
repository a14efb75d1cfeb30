// A second, plain way to read records: regular expressions straight from the grammar, no speed. The real parser is
// compared with it, field by field.

export interface ReferenceRecord {
  readonly node: string;
  readonly type: string;
  readonly seconds: number;
  readonly millis: number;
  readonly serial: number;
  readonly text: string;
}

const LINE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: auditd's mark before its own interpretation
  /^(?:\d+,\d+,\d+,-;audit: )?(?:node=(\S+) )?type=(UNKNOWN\[\d+\]|[A-Z0-9_]+|\d+) (?:msg=)?audit\((\d+)\.(\d{3}):(\d+)\): ?(.*?)(?:\x1d.*)?$/s;

/** One line; undefined if it is no record. */
export function referenceLine(line: string): ReferenceRecord | undefined {
  const match = LINE.exec(line.trimEnd());
  if (match === null) return undefined;
  const [, node = '', type = '', seconds, millis, serial, text = ''] = match;
  return {
    node,
    type,
    seconds: Number(seconds),
    millis: Number(millis),
    serial: Number(serial),
    text: text.trimEnd(),
  };
}

/** `name=value` pairs, values as written. */
export function referenceFields(text: string): [string, string][] {
  return [...text.matchAll(/([\w-]+)=("[^"]*"|\S*)/g)].map((match) => [match[1] ?? '', match[2] ?? '']);
}

/** The text behind an untrusted string, or undefined for a sentinel. */
export function referenceText(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.startsWith('"')) return Buffer.from(value.slice(1, -1), 'latin1').toString('utf8');
  return /^(?:[0-9A-F]{2})+$/.test(value) ? Buffer.from(value, 'hex').toString('utf8') : undefined;
}
