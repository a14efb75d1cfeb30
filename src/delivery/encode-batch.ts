// Writing a batch: what the collector sends. Lines are made once, when a document enters the spool, and travel as
// the bytes that they are on disk.
import { type BatchHeader, type Delivered, PROTOCOL_VERSION } from './batch.ts';

/** A run of encoded lines, without the header. */
export interface BatchLines {
  /** Of the spool: see BatchHeader. */
  readonly spool: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Each line ends with a newline. */
  readonly body: Buffer;
  /** See BatchHeader. */
  readonly ackedSeq?: number;
  readonly baseSeq?: number | undefined;
  readonly resyncSeq?: number | undefined;
}

/** One BatchLine with its newline. JSON has no raw newline, so a line is a line. */
export function encodeLine(seq: number, doc: Delivered, raw: string | undefined): string {
  const tail = raw === undefined ? '' : `,"raw":${JSON.stringify(raw)}`;
  return `{"seq":${seq},"doc":${JSON.stringify(doc)}${tail}}\n`;
}

/** A document that stays on its host: its number alone. */
export function encodeWithheld(seq: number): string {
  return `{"seq":${seq},"withheld":true}\n`;
}

/** The whole request body: header line and lines, as two buffers. */
export function encodeBatch(lines: BatchLines): [Buffer, Buffer] {
  const header: BatchHeader = {
    kind: 'batch',
    protocol: PROTOCOL_VERSION,
    spool: lines.spool,
    first_seq: lines.firstSeq,
    last_seq: lines.lastSeq,
    ...(lines.ackedSeq !== undefined && { acked_seq: lines.ackedSeq }),
    ...(lines.baseSeq !== undefined && { base_seq: lines.baseSeq }),
    ...(lines.resyncSeq !== undefined && { resync_seq: lines.resyncSeq }),
  };
  return [Buffer.from(`${JSON.stringify(header)}\n`), lines.body];
}
