// Cutting a batch in two, by its lines: how the one is found that a server will not take.
import type { BatchLines } from './encode-batch.ts';

const NEWLINE = 0x0a;

/** The lower and the upper half; undefined where there is only one line. */
export function splitBatch(lines: BatchLines): readonly [BatchLines, BatchLines] | undefined {
  const count = lines.lastSeq - lines.firstSeq + 1;
  if (count < 2) return undefined;
  const half = Math.floor(count / 2);
  let end = 0;
  for (let line = 0; line < half; line++) {
    const newline = lines.body.indexOf(NEWLINE, end);
    // Fewer lines than the numbers say: the rest is not ours to cut.
    if (newline < 0) return undefined;
    end = newline + 1;
  }
  const middle = lines.firstSeq + half;
  return [
    { ...lines, lastSeq: middle - 1, body: lines.body.subarray(0, end) },
    { ...lines, firstSeq: middle, body: lines.body.subarray(end) },
  ];
}
