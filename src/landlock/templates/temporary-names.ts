// Names that programs make up: what mktemp, tempfile libraries and services append. In directories for temporary files
// more is taken for random than elsewhere.
import {
  ALNUM,
  DIGIT,
  endOfRun,
  HEX_LOWER,
  hasCapital,
  hasSmall,
  kindAt,
  LOWER,
  type Token,
  UNDERSCORE,
} from './characters.ts';
import type { TemplateRule } from './marks.ts';

export interface Match {
  readonly start: number;
  readonly end: number;
  readonly rule: TemplateRule;
}

interface Prefix {
  readonly text: string;
  readonly min: number;
  readonly max: number;
  readonly kinds: number;
  readonly rule: TemplateRule;
  /** Whether what follows must hold a digit or a capital, because the prefix also begins words. */
  readonly isWordStart: boolean;
}

function prefix(text: string, min: number, max: number, isWordStart = false, kinds = ALNUM): Prefix {
  return { text, min, max, kinds, rule: kinds === DIGIT ? 'n' : 'random', isWordStart };
}

/** What well-known programs put before their random characters, and how many those are. */
const PREFIXES: readonly Prefix[] = [
  prefix('tmp.', 6, 12), // mktemp
  prefix('tmp', 8, 8, false, DIGIT | HEX_LOWER | LOWER | UNDERSCORE), // Python
  prefix('.tmp', 6, 6, true), // Rust
  prefix('rustc', 6, 6, true),
  prefix('cc', 6, 6, true), // GCC
  prefix('php', 6, 6, true),
  prefix('sess_', 20, 64), // PHP
  prefix('ssh-', 10, 12),
  prefix('dbus-', 8, 10, true),
  prefix('xauth_', 6, 6),
  prefix('sh-thd.', 6, 12), // here-documents of bash
  prefix('sh-thd-', 6, 12),
  prefix('.org.chromium.Chromium.', 6, 6),
  prefix('.com.google.Chrome.', 6, 6),
  prefix('.X', 1, 5, false, DIGIT), // X locks
  prefix('tmux-', 1, 10, false, DIGIT),
  prefix('krb5cc_', 1, 10, false, DIGIT),
];

function isEndOfName(text: string, at: number): boolean {
  return at === text.length || text.charAt(at) === '.' || text.charAt(at) === '-';
}

function hasDigitOrCapital(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((kindAt(text, at) & ~(HEX_LOWER | LOWER | UNDERSCORE)) !== 0) return true;
  return false;
}

const PRIVATE = 'systemd-private-';
const mktempLength = 6;

/** The random part of a whole name in a directory for temporary files, where its prefix tells. */
export function findAfterPrefix(name: string): Match | undefined {
  for (const { text, min, max, kinds, rule, isWordStart } of PREFIXES) {
    if (!name.startsWith(text)) continue;
    const start = text.length;
    const end = endOfRun(name, start, kinds, max + 1);
    if (end - start < min || end - start > max || !isEndOfName(name, end)) continue;
    if (isWordStart && !hasDigitOrCapital(name, start, end)) continue;
    return { start, end, rule };
  }
  return undefined;
}

/** Whether the token is the random end that systemd gives the temporary directories of its services. */
function isPrivateEnd(name: string, { start, end }: Token): boolean {
  return (
    name.startsWith(PRIVATE) && end === name.length && end - start === mktempLength && name.charAt(start - 1) === '-'
  );
}

const extensionLengthMax = 5;

/** Whether nothing follows but an extension such as `.sock`. */
function isLast(name: string, end: number): boolean {
  if (end === name.length) return true;
  if (name.charAt(end) !== '.') return false;
  const after = endOfRun(name, end + 1, HEX_LOWER | LOWER, extensionLengthMax + 1);
  return after === name.length && after > end + 1 && after - end - 1 <= extensionLengthMax;
}

const SUFFIX_LENGTHS: ReadonlySet<number> = new Set([6, 8, 10, 12]);

function isSuffix(name: string, { start, end }: Token): boolean {
  const joint = start === 0 ? '' : name.charAt(start - 1);
  return joint !== '' && '.-_'.includes(joint) && SUFFIX_LENGTHS.has(end - start) && isLast(name, end);
}

/** `.XXXXXX` and the like at the end of any name. Few words look like it, and they must not. */
export function isRandomSuffix(name: string, token: Token): boolean {
  if (token.turns < 2 || !isSuffix(name, token)) return false;
  if (token.digits > 0) return token.turns >= 3 || (hasSmall(token) && hasCapital(token));
  const length = token.end - token.start;
  return name.charAt(token.start - 1) === '.' && token.turns >= (length === mktempLength ? 3 : 4);
}

/** Words with digits that programs put into the names of temporary files. */
const WORDS: ReadonlySet<string> = new Set(['x86_64', 'sha256sum', 'md5sum', 'utf8mb4', 'x11vnc', 'e2fsck']);
const randomLengthMin = 6;
const randomDigitsMin = 5;

/** Whether a token (with underscores) of a name in a directory for temporary files is random. */
export function isRandomTemporary(name: string, token: Token): boolean {
  const length = token.end - token.start;
  if (length < randomLengthMin) return false;
  if (token.turns >= 2 || (token.digits >= randomDigitsMin && length > token.digits)) {
    return length > 9 || !WORDS.has(name.slice(token.start, token.end));
  }
  if (isPrivateEnd(name, token)) return true;
  if (token.digits === 0 || token.digits === length || !isSuffix(name, token)) return false;
  return token.turns > 1 || name.charAt(token.start - 1) === '.' || kindAt(name, token.end - 1) !== DIGIT;
}
