// What must not go with the rest of a full spool: a denial is one of many, but a gap stands for many, and the beginning and
// end of a domain are told once.
import { closeSync, openSync } from 'node:fs';
import type { Delivered } from '../../delivery/batch.ts';
import { readFrame } from './spool-segment.ts';

export interface KeptLine {
  /** Its number in the spool until now. */
  readonly seq: number;
  readonly doc: Delivered;
  readonly raw?: string | undefined;
}

export interface Kept {
  readonly lines: readonly KeptLine[];
  /** Lines of these kinds that were found, with those that had no room. */
  readonly count: number;
  /** Documents that those without room stand for. */
  readonly weight: number;
}

const KINDS: ReadonlySet<string> = new Set([
  'gap',
  'aggregate',
  'domain-allocated',
  'domain-deallocated',
  'domain-created',
] satisfies Delivered['kind'][]);
/** Most lines are none of those, and need not be parsed. */
const MAY_BE_KEPT = /"kind":"(?:gap|aggregate|domain-)/;
const LINE_FEED = 10;

/** The lines of a segment's file after `ackedSeq` that are to be kept, as far as they have room in `bytesMax`. */
export function readKept(path: string, ackedSeq: number, bytesMax: number): Kept {
  const lines: KeptLine[] = [];
  let count = 0;
  let weight = 0;
  let bytes = 0;
  for (const line of linesOf(path)) {
    if (!MAY_BE_KEPT.test(line.toString('latin1'))) continue;
    // Our own line, of a frame whose checksum is right.
    const kept: KeptLine = JSON.parse(line.toString('utf8'));
    if (kept.seq <= ackedSeq || !KINDS.has(kept.doc.kind)) continue;
    count += 1;
    bytes += line.length;
    if (bytes <= bytesMax) lines.push(kept);
    else weight += weightOf(kept.doc);
  }
  return { lines, count, weight };
}

/** How many documents are lost with it. */
export function weightOf(doc: Delivered): number {
  return doc.kind === 'gap' ? doc.count : 1;
}

/** As far as the file can be read. */
function* linesOf(path: string): Generator<Buffer> {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    for (let frame = readFrame(fd, 0); frame !== undefined; frame = readFrame(fd, frame.end)) {
      const { body } = frame;
      for (let at = 0; at < body.length; ) {
        const end = body.indexOf(LINE_FEED, at);
        if (end === -1) break;
        yield body.subarray(at, end);
        at = end + 1;
      }
    }
  } finally {
    closeSync(fd);
  }
}
