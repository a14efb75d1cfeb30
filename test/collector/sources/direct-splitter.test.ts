// Whatever is taken as it is, and wherever chunks end: every line is seen once, in order, with its number.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DirectLines, DirectSplitter } from '../../../src/collector/sources/direct-splitter.ts';
import { LineSplitter } from '../../../src/collector/sources/line-splitter.ts';

const LF = 10;

/** Takes two lines that begin with `A` and `B`; holds the bytes to what they must be. */
class Pairs implements DirectLines {
  readonly lines = 2;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #isCut = false;
  readonly #seen: string[];

  constructor(seen: string[]) {
    this.#seen = seen;
  }

  load(bytes: Uint8Array, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    expect([...bytes.subarray(end, end + 16)]).toEqual(new Array(16).fill(0));
  }

  mayTake(start: number): boolean {
    return this.#bytes[start] === 65;
  }

  take(start: number): number {
    const text = Buffer.from(this.#bytes.subarray(start, this.#end)).toString('latin1');
    const [first, second, third] = text.split('\n', 3);
    this.#isCut = second === undefined || (third === undefined && (second === '' || second.startsWith('B')));
    if (third === undefined || !second?.startsWith('B')) return -1;
    this.#seen.push(`taken ${first}`, `taken ${second}`);
    return this.#bytes.indexOf(LF, this.#bytes.indexOf(LF, start) + 1) + 1;
  }

  isCut(): boolean {
    return this.#isCut;
  }
}

function split(text: string, sizes: readonly number[]): { seen: string[]; numbers: number[] } {
  const seen: string[] = [];
  const numbers: number[] = [];
  const lines = new LineSplitter({
    line: (line, start, end, number) => {
      seen.push(`line ${line.slice(start, end)}`);
      numbers.push(number);
    },
    overlong: (head, number) => {
      seen.push(`overlong ${head.length}`);
      numbers.push(number);
    },
  });
  const splitter = new DirectSplitter(new Pairs(seen), lines);
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  for (let chunk = 0; at < bytes.length; chunk++) {
    const size = sizes[chunk % sizes.length] ?? 1;
    // The chunk is only valid until the next one.
    splitter.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  splitter.end();
  return { seen, numbers };
}

describe('DirectSplitter', () => {
  const line = fc.constantFrom('A1', 'A22', 'B', 'B3', 'C', '', 'Dddd', 'A', '\xff\0');

  it('gives every line once and in order, however the chunks are cut', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (lines, isEnded, sizes) => {
          const text = lines.join('\n') + (isEnded && lines.length > 0 ? '\n' : '');
          const { seen, numbers } = split(text, sizes);
          const wanted = split(text, [1_000_000]);
          // A pair whose last line feed is missing may be told in lines.
          expect(seen).toEqual(wanted.seen);
          expect(numbers).toEqual(wanted.numbers);
          expect(seen.map((told) => told.slice(told.indexOf(' ') + 1)).join('\n')).toBe(text.replace(/\n$/, ''));
        },
      ),
    );
  });

  it('passes on what it cannot keep, and what is too long', () => {
    const long = 'x'.repeat(200_000);
    const text = `A1\nB1\nA${long}\nB\nC\nA2\nB2\n`;
    const { seen, numbers } = split(text, [20_000]);
    expect(seen).toEqual(['taken A1', 'taken B1', 'overlong 4096', 'line B', 'line C', 'taken A2', 'taken B2']);
    expect(numbers).toEqual([3, 4, 5]);
  });

  it('gives what is kept when the input breaks off', () => {
    const seen: string[] = [];
    const lines = new LineSplitter({
      line: (text, start, end) => seen.push(text.slice(start, end)),
      overlong: (head) => seen.push(head),
    });
    const splitter = new DirectSplitter(new Pairs([]), lines);
    splitter.push(Buffer.from('A1\nB'));
    expect(splitter.cut()).toBe('B');
    expect(seen).toEqual(['A1']);
  });
});
