// Paths as words and strings of other languages, whatever bytes they hold. Each answers text in ASCII or UTF-8 without
// control characters, from which the language makes the same bytes again.
import { shown } from '../../phrase.ts';
import { type BytePath, textOfPath } from '../byte-path.ts';

function escaped(path: BytePath, isPlain: RegExp, toEscape: (code: number) => string): string {
  let out = '';
  for (const byte of path) out += isPlain.test(byte) ? byte : toEscape(byte.charCodeAt(0));
  return out;
}

const octal = (code: number) => `\\${code.toString(8).padStart(3, '0')}`;
const hex = (code: number) => `\\x${code.toString(16).padStart(2, '0')}`;

/** Inside a string of C. Octal escapes end after three digits, and no trigraph can arise. */
export function cString(path: BytePath): string {
  return `"${escaped(path, /[A-Za-z0-9 _/.,:;+@%=()[\]{}^~*&$!<>|-]/, octal)}"`;
}

/** A byte string of Rust. */
export function rustBytes(path: BytePath): string {
  return `b"${escaped(path, /[\x20\x21\x23-\x5b\x5d-\x7e]/, hex)}"`;
}

/** A string of Go: bytes, too. */
export function goString(path: BytePath): string {
  return `"${escaped(path, /[\x20\x21\x23-\x5b\x5d-\x7e]/, hex)}"`;
}

/** The path as text without anything that does not show; undefined where it has such, or is no UTF-8. */
export function plainText(path: BytePath): string | undefined {
  const text = textOfPath(path);
  return text !== undefined && shown(text) === text ? text : undefined;
}

/** A word of a POSIX shell. What does not show, or is no UTF-8, takes `$'…'`: bash, zsh, ksh and POSIX of 2024. */
export function shellWord(path: BytePath): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(path)) return path;
  const text = plainText(path);
  if (text !== undefined) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${escaped(path, /[A-Za-z0-9 _/.,:;+@%=()[\]{}^~*&!<>|#-]/, octal)}'`;
}

/** Whether {@link shellWord} needs a shell that knows `$'…'`. */
export function needsDollarQuotes(path: BytePath): boolean {
  return plainText(path) === undefined;
}

const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function escapeHidden(json: string): string {
  return json.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A basic string of TOML, or one of JSON, of any text. */
export function jsonString(text: string): string {
  return escapeHidden(JSON.stringify(text));
}

/** JSON for people, in which nothing is hidden. Ends with a line feed. */
export function jsonText(value: unknown): string {
  return `${escapeHidden(JSON.stringify(value, undefined, 2))}\n`;
}
