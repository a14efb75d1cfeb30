// The law of delivery, the collector's side: what an answer of the server means for the batch that it answers.
// docs/delivery-protocol.md states it rule by rule; the ids in the comments are the rules'. Pure.
import type { BatchAnswer } from './batch.ts';

/** An answer as it came; `retryAfter` is the header of that name. */
export interface RawAnswer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter?: string;
}

export interface SeqRange {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export type Verdict =
  /** Committed up to `answer.ack_seq`. */
  | { readonly kind: 'committed'; readonly answer: BatchAnswer }
  /** Nothing is wrong with the batch: the same again after a pause, of at least `afterMs` where the server said so. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** The server will never take all of it: halve it until it is known which line it is. */
  | { readonly kind: 'split'; readonly reason: string }
  /** Too large: the next ones have half of its lines at most. */
  | { readonly kind: 'shrink'; readonly reason: string }
  /** The server expects another sequence number. */
  | { readonly kind: 'resync'; readonly expectedSeq: number; readonly reason: string }
  /** Who sends may not: keep all, and ask rarely. */
  | { readonly kind: 'refused'; readonly refusal: 'unknown-key' | 'forbidden'; readonly reason: string };

const REASON_LENGTH_MAX = 200;
/** A server that says more is not believed. */
export const RETRY_AFTER_MAX_MS = 10 * 60_000;

/** What the answer to the batch `sent` means. `nowMs` is for dates in Retry-After. Never throws. */
export function judgeAnswer(raw: RawAnswer, sent: SeqRange, nowMs: number): Verdict {
  const reason = `status ${raw.status}: ${raw.body.slice(0, REASON_LENGTH_MAX)}`;
  switch (raw.status) {
    case 200:
      return judgeCommit(raw.body, sent);
    case 400: // D-400
    case 422:
      return { kind: 'split', reason };
    case 401: // D-401
      return { kind: 'refused', refusal: 'unknown-key', reason };
    case 403: // D-403
      return { kind: 'refused', refusal: 'forbidden', reason };
    case 409: // D-409
      return judgeConflict(raw.body, reason);
    case 413: // D-413
      return { kind: 'shrink', reason };
    default: {
      // D-429, D-5XX, and D-OTHER: whatever else answers, a proxy or another program, may be mended.
      const afterMs = parseRetryAfter(raw.retryAfter, nowMs);
      return { kind: 'retry', reason, ...(afterMs !== undefined && { afterMs }) };
    }
  }
}

/** Milliseconds of a Retry-After header (seconds or an HTTP date), bounded; undefined where it says nothing usable. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header.length > 64) return undefined;
  const dateMs = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : dateMs - nowMs;
  return Number.isFinite(ms) ? Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms)) : undefined;
}

/** D-200: an answer that does not hold together is none. */
function judgeCommit(body: string, sent: SeqRange): Verdict {
  const answer = parseObject(body);
  if (!isAnswer(answer)) return { kind: 'retry', reason: `not an answer: ${body.slice(0, REASON_LENGTH_MAX)}` };
  if (answer.ack_seq < sent.firstSeq - 1 || answer.ack_seq > sent.lastSeq) {
    return { kind: 'retry', reason: `acknowledged ${answer.ack_seq}, not in ${sent.firstSeq}–${sent.lastSeq}` };
  }
  return { kind: 'committed', answer };
}

/** D-409, or D-403 where it does not say what was expected. */
function judgeConflict(body: string, reason: string): Verdict {
  const expectedSeq = Number(Reflect.get(parseObject(body) ?? {}, 'expected_seq'));
  return Number.isSafeInteger(expectedSeq) && expectedSeq >= 0
    ? { kind: 'resync', expectedSeq, reason }
    : { kind: 'refused', refusal: 'forbidden', reason };
}

function isAnswer(value: unknown): value is BatchAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const rejected: unknown = Reflect.get(value, 'rejected');
  const hadSeq: unknown = Reflect.get(value, 'had_seq');
  if (hadSeq !== undefined && !Number.isSafeInteger(hadSeq)) return false;
  return Number.isSafeInteger(Reflect.get(value, 'ack_seq')) && Array.isArray(rejected) && rejected.every(isRejection);
}

function isRejection(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Number.isSafeInteger(Reflect.get(value, 'seq')) && typeof Reflect.get(value, 'reason') === 'string';
}

function parseObject(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
