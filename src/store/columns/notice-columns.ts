// What tells of missing or misunderstood input (malformed, gap) as rows and back.
import type { Gap, GapCause, Malformed } from '../../landlock/document.ts';
import { timeMs } from './check-parts.ts';
import { type BootFacts, joinCommon, splitCommon } from './common-columns.ts';
import { type Extra, keepOthers, keepTop, toExtraText, withExtra } from './extra.ts';

export interface MalformedParts {
  readonly flags: number;
  readonly atMs: number | null;
  /** To be interned. */
  readonly file: string | null;
  readonly line: number | null;
  readonly byte: number | null;
  readonly extra: string | null;
}

export interface GapParts {
  readonly flags: number;
  readonly sinceMs: number | null;
  readonly extra: string | null;
}

export interface MalformedColumns extends BootFacts {
  readonly flags: number;
  readonly at_ms: number | null;
  readonly reason: string;
  readonly text: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly byte: number | null;
  readonly extra: string | null;
}

export interface GapColumns extends BootFacts {
  readonly flags: number;
  readonly seen_ms: number;
  readonly since_ms: number | null;
  readonly first: number | null;
  readonly last: number | null;
  readonly count: number;
  readonly cause: string;
  readonly extra: string | null;
}

const EVENT = new Set(['id']);
const PLACE = new Set(['file', 'line', 'byte']);
const MALFORMED = new Set(['kind', '@timestamp', 'event', 'host', 'tags', 'reason', 'text', 'place']);
const GAP = new Set(['kind', '@timestamp', 'event', 'host', 'tags', 'first', 'last', 'count', 'cause', 'since']);

/** The parts of a checked document. */
export function splitMalformed(doc: Malformed, boot: BootFacts): MalformedParts {
  const extra: Extra = {};
  const flags = splitCommon(doc, boot, extra);
  keepTop(extra, doc, MALFORMED);
  keepOthers(extra, 'event', doc.event, EVENT);
  keepOthers(extra, 'place', doc.place, PLACE);
  return {
    flags,
    atMs: timeMs(doc['@timestamp']) ?? null,
    file: doc.place?.file ?? null,
    line: doc.place?.line ?? null,
    byte: doc.place?.byte ?? null,
    extra: toExtraText(extra),
  };
}

/** The document of a row. */
export function joinMalformed(row: MalformedColumns, eventId: string): Malformed {
  const place = {
    ...(row.file === null ? {} : { file: row.file }),
    ...(row.line === null ? {} : { line: row.line }),
    ...(row.byte === null ? {} : { byte: row.byte }),
  };
  const base: Malformed = {
    kind: 'malformed',
    ...(row.at_ms === null ? {} : { '@timestamp': toTime(row.at_ms) }),
    event: { id: eventId },
    ...joinCommon(row.flags, row),
    reason: row.reason,
    text: row.text,
    ...(Object.keys(place).length === 0 ? {} : { place }),
  };
  return withExtra(base, row.extra);
}

/** The parts of a checked document. */
export function splitGap(doc: Gap, boot: BootFacts): GapParts {
  const extra: Extra = {};
  const flags = splitCommon(doc, boot, extra);
  keepTop(extra, doc, GAP);
  keepOthers(extra, 'event', doc.event, EVENT);
  return {
    flags,
    sinceMs: timeMs(doc.since) ?? null,
    extra: toExtraText(extra),
  };
}

/** The document of a row. */
export function joinGap(row: GapColumns, eventId: string): Gap {
  const base: Gap = {
    kind: 'gap',
    '@timestamp': toTime(row.seen_ms),
    event: { id: eventId },
    ...joinCommon(row.flags, row),
    ...(row.first === null ? {} : { first: row.first }),
    ...(row.last === null ? {} : { last: row.last }),
    count: row.count,
    // An open set in the store: a newer collector may know more causes.
    cause: row.cause as GapCause,
    ...(row.since_ms === null ? {} : { since: toTime(row.since_ms) }),
  };
  return withExtra(base, row.extra);
}

/** Milliseconds as RFC 3339 in UTC. */
function toTime(ms: number): string {
  return new Date(ms).toISOString();
}
