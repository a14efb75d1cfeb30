// Tells formats apart by content. Within text, lines of different kinds may be mixed (raw, enriched, dmesg, syslog,
// journald's JSON), so only what needs another way of cutting is a format of its own here.
import { OperatingError } from '../../runtime/operating-error.ts';
import { readFrameHeader } from './plugin-frames.ts';

/** How to cut the input. `text`: a record a line, of any kind that is known. */
export type InputFormat = 'text' | 'journal-export' | 'plugin-binary';
export type Compression = 'gzip' | 'zstd';

/** How much of the beginning of an input is looked at. */
export const HEAD_BYTES = 4096;

/** What `--format` accepts, with what it stands for. */
const FORMAT_NAMES: ReadonlyMap<string, InputFormat | undefined> = new Map([
  ['auto', undefined],
  ['audit', 'text'],
  ['raw', 'text'],
  ['enriched', 'text'],
  ['ausearch', 'text'],
  ['dmesg', 'text'],
  ['syslog', 'text'],
  ['plugin', 'text'],
  ['journal-json', 'text'],
  ['journal-export', 'journal-export'],
  ['plugin-binary', 'plugin-binary'],
]);

/** For usage texts. */
export const FORMAT_LIST = [...FORMAT_NAMES.keys()].join(', ');

/** The format of a `--format` value, undefined for `auto`. Throws OperatingError `unknown-format` (wrong usage). */
export function parseFormat(name: string): InputFormat | undefined {
  if (FORMAT_NAMES.has(name)) return FORMAT_NAMES.get(name);
  throw new OperatingError(
    'unknown-format',
    `there is no format ${JSON.stringify(name)}`,
    `use one of ${FORMAT_LIST}`,
    {
      exitCode: 2,
    },
  );
}

/** By magic number; `unreadable` names a compression that Node cannot undo, with the program that can. */
export function recogniseCompression(head: Buffer): Compression | { readonly unreadable: 'xz' | 'bzip2' } | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  if (head.length >= 6 && head.toString('latin1', 0, 6) === '\xfd7zXZ\0') return { unreadable: 'xz' };
  if (head.length >= 10 && head.toString('latin1', 0, 3) === 'BZh' && head.toString('latin1', 4, 10) === '1AY&SY') {
    return { unreadable: 'bzip2' };
  }
  return undefined;
}

/** Never fails: what nothing else fits is text. `head`: the first bytes, decompressed. */
export function recogniseFormat(head: Buffer): InputFormat {
  if (readFrameHeader(head, 0) !== undefined) return 'plugin-binary';
  // Journal export: upper-case field names from the first byte on; log lines begin with `type=` or `node=`.
  if (/^(?:_[A-Z0-9_]+|MESSAGE|PRIORITY|SYSLOG_[A-Z_]+)[=\n]/.test(head.toString('latin1', 0, 256))) {
    return 'journal-export';
  }
  return 'text';
}

/** The refusal of `ausearch -i` output: the values are translated, some wrongly (`mode=enforcing` → `mode=000,000`). */
export function interpretedRefusal(place: string): OperatingError {
  return new OperatingError(
    'interpreted-input',
    `${place} is output of ausearch -i (or aureport): its values are translated, and what Landlock wrote is lost in it`,
    'give the log itself, or the output of ausearch --raw',
  );
}
