// Reading a batch: what the server does with a request body. A collector may be broken or hostile: nothing here
// throws, a bad line is a value with its reason, and only an unusable header refuses the whole.
import { BATCH_LINES_MAX, type BatchHeader, type BatchLine, type Delivered, PROTOCOL_VERSION } from './batch.ts';

export type ParsedBatch =
  | {
      readonly ok: true;
      readonly header: BatchHeader;
      readonly lines: readonly BatchLine[];
      /** Lines that are none, in order; their `seq` is the one that they had to have. */
      readonly rejected: readonly { readonly seq: number; readonly reason: string }[];
      /** Lines of documents that stay on their host. */
      readonly withheld: number;
    }
  | { readonly ok: false; readonly reason: string };

const SPOOL_ID = /^[0-9a-f]{16,64}$/;

/** `body`: the request's bytes or text, at most BATCH_BYTES_MAX (the caller refuses more). Never throws. */
export function parseBatch(body: Buffer | string): ParsedBatch {
  const text = typeof body === 'string' ? body : body.toString('utf8');
  const headerEnd = text.indexOf('\n');
  const header = parseJson(headerEnd < 0 ? text : text.slice(0, headerEnd));
  const reason = headerFault(header);
  if (reason !== undefined || !isHeader(header)) return { ok: false, reason: reason ?? 'the first line is no header' };
  const lines: BatchLine[] = [];
  const rejected: { seq: number; reason: string }[] = [];
  let withheld = 0;
  let seq = header.first_seq;
  let start = headerEnd < 0 ? text.length : headerEnd + 1;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (seq > header.last_seq) return { ok: false, reason: `more lines than up to last_seq ${header.last_seq}` };
    const line = parseLine(text.slice(start, end), seq);
    if (line === undefined) withheld++;
    else if (typeof line === 'string') rejected.push({ seq, reason: line });
    else lines.push(line);
    seq++;
    start = end + 1;
  }
  if (seq <= header.last_seq) return { ok: false, reason: `the batch ends before last_seq ${header.last_seq}` };
  return { ok: true, header, lines, rejected, withheld };
}

function headerFault(header: unknown): string | undefined {
  if (!isRecord(header) || header.kind !== 'batch') return 'the first line is no batch header';
  if (header.protocol !== PROTOCOL_VERSION) return `protocol ${String(header.protocol)} is not ${PROTOCOL_VERSION}`;
  if (typeof header.spool !== 'string' || !SPOOL_ID.test(header.spool)) return 'spool is no hexadecimal id';
  const { first_seq: first, last_seq: last } = header;
  if (!isSeq(first) || !isSeq(last) || last < first - 1) return 'first_seq and last_seq are no range';
  if (![header.acked_seq, header.base_seq, header.resync_seq].every((seq) => seq === undefined || isSeq(seq))) {
    return 'acked_seq, base_seq and resync_seq are sequence numbers where they are given';
  }
  if (last - first + 1 > BATCH_LINES_MAX) return `more than ${BATCH_LINES_MAX} lines`;
  return undefined;
}

function isHeader(header: unknown): header is BatchHeader {
  return headerFault(header) === undefined;
}

/** A line, or why it is none; undefined: its document stays on its host. */
function parseLine(text: string, seq: number): BatchLine | string | undefined {
  const line = parseJson(text);
  if (!isRecord(line)) return 'not a JSON object';
  if (line.seq !== seq) return `seq is not ${seq}`;
  if (line.withheld === true && line.doc === undefined) return undefined;
  if (line.raw !== undefined && typeof line.raw !== 'string') return 'raw is no string';
  const fault = documentFault(line.doc);
  if (fault !== undefined || !isDocument(line.doc)) return fault ?? 'doc is no document';
  return line.raw === undefined ? { seq, doc: line.doc } : { seq, doc: line.doc, raw: line.raw };
}

const WITH_DOMAIN = new Set<unknown>(['denial', 'domain-allocated', 'domain-deallocated', 'domain-created']);
const WITHOUT_DOMAIN = new Set<unknown>(['malformed', 'gap', 'sandbox-call']);
/** Of no host that is told. */
const OF_NO_HOST = 'aggregate';
const EVENT_ID = /^[a-z2-7]{26}$/;
const ID_LENGTH_MAX = 128;

/** Only what every document has; what is inside is checked where it is stored. */
function documentFault(doc: unknown): string | undefined {
  if (!isRecord(doc)) return 'doc is no object';
  if (!WITH_DOMAIN.has(doc.kind) && !WITHOUT_DOMAIN.has(doc.kind) && doc.kind !== OF_NO_HOST)
    return 'doc.kind is unknown';
  if (!isRecord(doc.event) || typeof doc.event.id !== 'string' || !EVENT_ID.test(doc.event.id)) {
    return 'doc.event.id is not 26 base32 characters';
  }
  if (doc.kind === OF_NO_HOST) return isTimestamp(doc['@timestamp']) ? undefined : 'doc.@timestamp is no time';
  if (!isRecord(doc.host) || !isId(doc.host.id)) return 'doc.host.id is missing';
  if (!isRecord(doc.host.boot) || !isId(doc.host.boot.id)) return 'doc.host.boot.id is missing';
  const timestamp = doc['@timestamp'];
  if (timestamp === undefined ? doc.kind !== 'malformed' : !isTimestamp(timestamp)) return 'doc.@timestamp is no time';
  if (WITH_DOMAIN.has(doc.kind) && !hasDomain(doc.landlock)) return 'doc.landlock.domain.id is missing';
  return undefined;
}

function isDocument(doc: unknown): doc is Delivered {
  return documentFault(doc) === undefined;
}

function hasDomain(landlock: unknown): boolean {
  return isRecord(landlock) && isRecord(landlock.domain) && isId(landlock.domain.id);
}

function isTimestamp(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 40 && !Number.isNaN(Date.parse(value));
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= ID_LENGTH_MAX;
}

function isSeq(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
