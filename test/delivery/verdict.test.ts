import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeLine } from '../../src/delivery/encode-batch.ts';
import { splitBatch } from '../../src/delivery/split-batch.ts';
import { judgeAnswer, parseRetryAfter, RETRY_AFTER_MAX_MS } from '../../src/delivery/verdict.ts';
import type { AnyDocument } from '../../src/landlock/document.ts';

const SENT = { firstSeq: 11, lastSeq: 20 };
const NOW_MS = Date.UTC(2026, 2, 1);
const judge = (status: number, body = '', retryAfter?: string) =>
  judgeAnswer({ status, body, ...(retryAfter !== undefined && { retryAfter }) }, SENT, NOW_MS);

// docs/delivery-protocol.md names these rules.
describe('the law of delivery', () => {
  it('D-200: takes an answer for a commit only where it holds together', () => {
    const answer = { ack_seq: 20, stored: 10, duplicates: 0, rejected: [{ seq: 12, reason: 'no' }] };
    expect(judge(200, JSON.stringify(answer))).toEqual({ kind: 'committed', answer });
    expect(judge(200, JSON.stringify({ ...answer, ack_seq: 10 })).kind).toBe('committed');
    for (const broken of ['', 'null', '[]', '{"ack_seq":20}', '{"ack_seq":"20","rejected":[]}']) {
      expect(judge(200, broken).kind).toBe('retry');
    }
    for (const seq of [9, 21, 1e300])
      expect(judge(200, JSON.stringify({ ...answer, ack_seq: seq })).kind).toBe('retry');
    expect(judge(200, JSON.stringify({ ...answer, rejected: [{ seq: 'x' }] })).kind).toBe('retry');
  });

  it.each([
    ['D-400', 400, 'split'],
    ['D-400', 422, 'split'],
    ['D-401', 401, 'refused'],
    ['D-403', 403, 'refused'],
    ['D-413', 413, 'shrink'],
    ['D-429', 429, 'retry'],
    ['D-5XX', 500, 'retry'],
    ['D-5XX', 503, 'retry'],
    ['D-OTHER', 307, 'retry'],
    ['D-OTHER', 404, 'retry'],
    ['D-OTHER', 204, 'retry'],
  ])('%s: %i means %s', (_rule, status, kind) => {
    expect(judge(status).kind).toBe(kind);
  });

  it('D-409: goes back to what the server expects, and believes no conflict without it', () => {
    expect(judge(409, '{"expected_seq":4}')).toMatchObject({ kind: 'resync', expectedSeq: 4 });
    for (const body of ['', '{}', '{"expected_seq":-1}', '{"expected_seq":1.5}']) {
      expect(judge(409, body)).toMatchObject({ kind: 'refused' });
    }
  });

  it('D-429: waits as long as it is told to, within bounds', () => {
    expect(judge(429, '', '7')).toMatchObject({ kind: 'retry', afterMs: 7_000 });
    expect(parseRetryAfter('Sun, 01 Mar 2026 00:00:05 GMT', NOW_MS)).toBe(5_000);
    expect(parseRetryAfter('Sun, 01 Mar 2020 00:00:05 GMT', NOW_MS)).toBe(0);
    expect(parseRetryAfter('999999999', NOW_MS)).toBe(RETRY_AFTER_MAX_MS);
    for (const nonsense of [undefined, '', 'soon', '-5', '1e9'])
      expect(parseRetryAfter(nonsense, NOW_MS)).toBeUndefined();
  });

  it('answers something to anything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.option(fc.string(), { nil: undefined }), (status, body, after) => {
        expect(judge(status, body, after).kind).toMatch(/^(committed|retry|split|shrink|resync|refused)$/);
      }),
    );
  });
});

describe('a batch that is cut in two', () => {
  it('has the same lines in the same order, and ends at single lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), (texts) => {
        const line = (text: string, i: number) => encodeLine(5 + i, { text } as unknown as AnyDocument, undefined);
        const whole = {
          spool: 'aa',
          firstSeq: 5,
          lastSeq: 4 + texts.length,
          body: Buffer.from(texts.map(line).join('')),
        };
        const leaves: (typeof whole)[] = [];
        const cut = (lines: typeof whole): void => {
          const halves = splitBatch(lines);
          if (halves === undefined) leaves.push(lines);
          else for (const half of halves) cut({ ...lines, ...half, body: Buffer.from(half.body) });
        };
        cut(whole);
        expect(leaves.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual(texts.map((_, i) => [5 + i, 5 + i]));
        expect(Buffer.concat(leaves.map(({ body }) => body)).equals(whole.body)).toBe(true);
      }),
    );
  });
});
