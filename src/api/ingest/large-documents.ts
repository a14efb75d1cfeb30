// No document is so large that a page of them takes the server's memory. The kernel cuts what its records hold, and all
// that an event has comes to some kilobytes; whoever delivers more is broken or hostile.
import type { BatchLine } from '../../delivery/batch.ts';
import type { ParsedBatch } from '../../delivery/parse-batch.ts';

type GoodBatch = Extract<ParsedBatch, { ok: true }>;

/** As JSON. A page has up to 500. */
export const DOCUMENT_BYTES_MAX = 256 * 1024;
const NEWLINE = 10;

/** S-SIZE: takes out what is too large. `body`: the text of `batch`. Records beside a document do not count. */
export function withoutLarge(batch: GoodBatch, body: Buffer): GoodBatch {
  const lengths = lengthsOfLong(body, batch.header.first_seq);
  if (lengths.size === 0) return batch;
  // Counts are no document of a page.
  const isLarge = ({ seq, doc, raw = '' }: BatchLine) =>
    doc.kind !== 'aggregate' && (lengths.get(seq) ?? 0) - Buffer.byteLength(raw) > DOCUMENT_BYTES_MAX;
  const reason = `the document has more than ${DOCUMENT_BYTES_MAX} bytes`;
  const large = batch.lines.filter(isLarge).map(({ seq }) => ({ seq, reason }));
  return {
    ...batch,
    lines: batch.lines.filter((line) => !isLarge(line)),
    rejected: [...batch.rejected, ...large],
  };
}

/** Bytes of the lines that are longer than a document may be, by their numbers: one a line after the header. */
function lengthsOfLong(body: Buffer, firstSeq: number): ReadonlyMap<number, number> {
  const lengths = new Map<number, number>();
  let start = 0;
  for (let seq = firstSeq - 1; start < body.length; seq++) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline < 0 ? body.length : newline;
    if (end - start > DOCUMENT_BYTES_MAX) lengths.set(seq, end - start);
    start = end + 1;
  }
  return lengths;
}
