import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_LINES_MAX } from '../../src/delivery/batch.ts';
import { encodeBatch, encodeLine, encodeWithheld } from '../../src/delivery/encode-batch.ts';
import { parseBatch } from '../../src/delivery/parse-batch.ts';
import type { Gap } from '../../src/landlock/document.ts';

const SPOOL = 'ab'.repeat(16);

function gap(count: number): Gap {
  return {
    kind: 'gap',
    '@timestamp': '2026-11-23T04:00:00.000Z',
    event: { id: 'a'.repeat(26) },
    host: { id: 'h', boot: { id: 'b' } },
    count,
    cause: 'kernel-lost',
  };
}

function batch(lines: string[], firstSeq = 1, lastSeq = lines.length): Buffer {
  return Buffer.concat(encodeBatch({ spool: SPOOL, firstSeq, lastSeq, body: Buffer.from(lines.join('')) }));
}

describe('parseBatch', () => {
  it('gives back what was encoded, with the raw text', () => {
    const lines = [encodeLine(7, gap(1), 'type=X msg=audit(1.000:1): a\n"b"\u0000é'), encodeLine(8, gap(2), undefined)];
    expect(parseBatch(batch(lines, 7, 8))).toEqual({
      ok: true,
      header: { kind: 'batch', protocol: 1, spool: SPOOL, first_seq: 7, last_seq: 8 },
      lines: [
        { seq: 7, doc: gap(1), raw: 'type=X msg=audit(1.000:1): a\n"b"\u0000é' },
        { seq: 8, doc: gap(2) },
      ],
      rejected: [],
      withheld: 0,
    });
  });

  it('takes a number without a document where that stays on its host', () => {
    const parsed = parseBatch(
      batch([encodeLine(1, gap(1), undefined), encodeWithheld(2), encodeLine(3, gap(2), undefined)]),
    );
    expect(parsed).toMatchObject({ ok: true, lines: [{ seq: 1 }, { seq: 3 }], rejected: [], withheld: 1 });
    const both = batch([`{"seq":1,"withheld":true,"doc":${JSON.stringify(gap(1))}}\n`, '{"seq":2,"withheld":1}\n']);
    expect(parseBatch(both)).toMatchObject({ lines: [{ seq: 1 }], rejected: [{ seq: 2 }], withheld: 0 });
  });

  it('rejects bad lines one by one, and keeps the others', () => {
    const bad = [
      'nonsense\n',
      encodeLine(99, gap(1), undefined),
      `{"seq":4,"doc":{"kind":"other"}}\n`,
      `{"seq":5,"doc":${JSON.stringify({ ...gap(1), event: { id: '../..' } })}}\n`,
      `{"seq":6,"doc":${JSON.stringify({ ...gap(1), host: null })}}\n`,
      `{"seq":7,"doc":${JSON.stringify({ ...gap(1), '@timestamp': 'soon' })}}\n`,
      `{"seq":8,"doc":${JSON.stringify({ ...gap(1), kind: 'denial' })}}\n`,
      `{"seq":9,"doc":${JSON.stringify(gap(1))},"raw":5}\n`,
    ];
    const parsed = parseBatch(batch([encodeLine(1, gap(1), undefined), ...bad, encodeLine(10, gap(2), undefined)]));
    expect(parsed.ok && parsed.lines.map((line) => line.seq)).toEqual([1, 10]);
    expect(parsed.ok && parsed.rejected).toEqual([
      { seq: 2, reason: 'not a JSON object' },
      { seq: 3, reason: 'seq is not 3' },
      { seq: 4, reason: 'doc.kind is unknown' },
      { seq: 5, reason: 'doc.event.id is not 26 base32 characters' },
      { seq: 6, reason: 'doc.host.id is missing' },
      { seq: 7, reason: 'doc.@timestamp is no time' },
      { seq: 8, reason: 'doc.landlock.domain.id is missing' },
      { seq: 9, reason: 'raw is no string' },
    ]);
  });

  it('refuses a batch whose header and lines do not agree', () => {
    const line = encodeLine(1, gap(1), undefined);
    const reason = (body: Buffer | string) => {
      const parsed = parseBatch(body);
      return parsed.ok ? undefined : parsed.reason;
    };
    expect(reason(batch([line], 1, 2))).toBe('the batch ends before last_seq 2');
    expect(reason(batch([line, line], 1, 1))).toBe('more lines than up to last_seq 1');
    expect(reason(batch([line], 5, 3))).toBe('first_seq and last_seq are no range');
    expect(reason(batch([], 1, BATCH_LINES_MAX + 1))).toBe(`more than ${BATCH_LINES_MAX} lines`);
    expect(reason('')).toBe('the first line is no batch header');
    expect(reason(line)).toBe('the first line is no batch header');
    expect(reason('{"kind":"batch","protocol":2}\n')).toBe('protocol 2 is not 1');
    expect(reason('{"kind":"batch","protocol":1,"spool":"; drop"}\n')).toBe('spool is no hexadecimal id');
  });

  it('throws on no input', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.array(fc.json()).map((lines) => lines.join('\n')),
        ),
        (text) => {
          const header = '{"kind":"batch","protocol":1,"spool":"abababababababab","first_seq":1,"last_seq":3}\n';
          expect(typeof parseBatch(text).ok).toBe('boolean');
          expect(typeof parseBatch(header + text).ok).toBe('boolean');
        },
      ),
    );
  });
});
