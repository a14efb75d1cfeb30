// The form of a list of counts in host_hours: JSON, each element a code that was counted once, or [code, count]. A code
// is a row's number or a user's id; of the canary, -1 less that. Far smaller than a row for each, and SQL can read it
// (the views of the migration).

/** Counts by code. */
export type CodeCounts = Map<number, number>;

export function toCode(key: number, isCanary: boolean): number {
  return isCanary ? -1 - key : key;
}

export function keyOfCode(code: number): number {
  return code < 0 ? -1 - code : code;
}

export function packCounts(counts: ReadonlyMap<number, number>): string {
  let text = '';
  for (const [code, count] of counts) {
    if (text !== '') text += ',';
    text += count === 1 ? code : `[${code},${count}]`;
  }
  return `[${text}]`;
}

export function* unpackCounts(packed: string): Generator<readonly [code: number, count: number]> {
  const elements: readonly (number | readonly [number, number])[] = JSON.parse(packed);
  for (const element of elements) yield typeof element === 'number' ? [element, 1] : element;
}

/** The list with `counts` added. */
export function addToPacked(packed: string, counts: ReadonlyMap<number, number>): string {
  const sums: CodeCounts = new Map(unpackCounts(packed));
  for (const [code, count] of counts) sums.set(code, (sums.get(code) ?? 0) + count);
  return packCounts(sums);
}

const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const OPEN = 91;
const CLOSE = 93;

/**
 * Many lists in one text, each after numbers of its own (`7,1,0[3,[4,2]]`): they stand in `head` while `add` is called
 * for the elements of the list. For millions of elements: makes nothing of them, as JSON.parse would.
 */
export function scanLists(text: string, head: number[], add: (code: number, count: number) => void): void {
  const cursor = new Cursor(text);
  while (!cursor.isAtEnd) {
    for (let place = 0; !cursor.skip(OPEN); place++) {
      head[place] = cursor.number();
      cursor.skip(COMMA);
    }
    while (!cursor.skip(CLOSE)) {
      if (cursor.skip(OPEN)) {
        const code = cursor.number();
        cursor.skip(COMMA);
        add(code, cursor.number());
        cursor.skip(CLOSE);
      } else add(cursor.number(), 1);
      cursor.skip(COMMA);
    }
  }
}

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Answers whether the character was there. */
  skip(char: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }

  /** The whole number that stands here. Throws where there is none, so that what is damaged is not read for ever. */
  number(): number {
    const text = this.#text;
    let at = this.#at;
    const isNegative = text.charCodeAt(at) === MINUS;
    if (isNegative) at += 1;
    const first = at;
    let number = 0;
    for (let char = text.charCodeAt(at); char >= ZERO && char <= NINE; char = text.charCodeAt(at)) {
      number = number * 10 + (char - ZERO);
      at += 1;
    }
    if (at === first) throw new Error('a list of counts is damaged');
    this.#at = at;
    return isNegative ? -number : number;
  }
}
