// Versions inside a name: `libfoo.so.1.2.3`, `python3.11`, `foo-1.2.3-rc1`, `bar@v2.0.0`, `cpython-311`.
import { ALNUM, DIGIT, endOfRun, kindAt, type Token } from './characters.ts';

/** Digits of a version's first number; a longer one is something else. */
const firstDigitsMax = 4;
const numberDigitsMax = 9;
/** What may hang on a version's last number, as in `1.1.1w` and `3.0rc2`, in characters. */
const tailMax = 6;
/** Characters of a part behind the numbers, as in `1.2.3-4+deb12u1`. */
const partMax = 12;
/** Parts behind the numbers. */
const partsMax = 8;

const PART =
  /^(?:\d{1,4}|(?:rc|beta|alpha|pre|dev|post|dfsg|ds|deb|ubuntu|bpo|fc|el|build)\d{0,4}(?:u\d{1,3})?|[abpr]\d{1,4}|\d{1,3}(?:ubuntu|build|deb|bpo|fc|el)\d{0,4})$/;

/** Where the first number begins: the digits at the token's end, behind letters alone. -1 if there are none. */
function startOfNumber(text: string, { start, end }: Token): number {
  let at = end;
  while (at > start && kindAt(text, at - 1) === DIGIT && end - at <= firstDigitsMax) at--;
  if (at === end || end - at > firstDigitsMax) return -1;
  return at === start || endOfRun(text, start, ALNUM & ~DIGIT, at - start) === at ? at : -1;
}

/** Where `.2.3` ends; `at` if no number follows. */
function endOfNumbers(text: string, at: number): number {
  let end = at;
  while (text.charAt(end) === '.' && kindAt(text, end + 1) === DIGIT) {
    const digits = endOfRun(text, end + 1, DIGIT, numberDigitsMax + 1);
    if (digits - end - 1 > numberDigitsMax) return end;
    const tail = endOfRun(text, digits, ALNUM, tailMax + 1);
    if (tail - digits > tailMax || text.charAt(tail) === '<') return end;
    end = tail;
    if (tail > digits) return end;
  }
  return end;
}

function endOfParts(text: string, at: number): number {
  let end = at;
  for (let parts = 0; parts < partsMax; parts++) {
    const joint = text.charAt(end);
    if (joint === '' || !'-+~_.'.includes(joint)) return end;
    const next = endOfRun(text, end + 1, ALNUM, partMax + 1);
    const length = next - end - 1;
    if (length === 0 || length > partMax || text.charAt(next) === '<') return end;
    if (!PART.test(text.slice(end + 1, next))) return end;
    end = next;
  }
  return end;
}

/** Where a version in this token starts and ends; undefined if there is none. It may end in a later token. */
export function findVersion(text: string, token: Token): { readonly start: number; readonly end: number } | undefined {
  const start = startOfNumber(text, token);
  if (start === -1) return undefined;
  const end = endOfNumbers(text, token.end);
  if (end > token.end) return { start, end: endOfParts(text, end) };
  const isAlone =
    text.endsWith('.so.', start) ||
    text.endsWith('cpython-', start) ||
    (text.startsWith('.so', token.end) && text.endsWith('-', start));
  return isAlone && start === token.start ? { start, end } : undefined;
}
