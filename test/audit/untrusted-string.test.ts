import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawIfReplaced, textOf } from '../../src/audit/byte-text.ts';
import { decodeHex, decodeUntrusted, encodeUntrusted } from '../../src/audit/untrusted-string.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array).toString('latin1'));

describe('the rule for untrusted strings', () => {
  it('gives back any bytes that the kernel may have written', () => {
    fc.assert(
      fc.property(bytes, (text) => {
        const written = encodeUntrusted(text);
        expect(decodeUntrusted(written)).toBe(text);
        expect(written).toMatch(/^(?:"[\x21\x23-\x7e]*"|(?:[0-9A-F]{2})+)$/);
      }),
    );
  });

  it('gives back names longer than any field of the kernel', () => {
    const long = 'é '.repeat(10_000);
    expect(decodeHex(Buffer.from(long, 'latin1').toString('hex').toUpperCase())).toBe(long);
  });

  it('takes what is in quotes as it is', () => {
    expect(decodeUntrusted('"123"')).toBe('123');
    expect(decodeUntrusted('"41"')).toBe('41');
    expect(decodeUntrusted(String.raw`"/tmp/back\slash'q"`)).toBe(String.raw`/tmp/back\slash'q`);
  });

  it('has no text for sentinels and for what is neither quoted nor hex', () => {
    for (const raw of ['(null)', '(none)', '?', '', 'ABC', 'ab', '4G', '"open', '"']) {
      expect(decodeUntrusted(raw)).toBeUndefined();
    }
  });
});

describe('the text of bytes', () => {
  it('keeps UTF-8 and replaces the rest, with the exact bytes beside it', () => {
    const good = Buffer.from('naïve 日本').toString('latin1');
    expect(textOf(good)).toBe('naïve 日本');
    expect(rawIfReplaced(good, textOf(good))).toBeUndefined();
    const bad = '/tmp/\xff\xfe';
    expect(textOf(bad)).toBe('/tmp/\ufffd\ufffd');
    expect(rawIfReplaced(bad, textOf(bad))).toBe(Buffer.from(bad, 'latin1').toString('base64'));
  });

  it('knows a replacement character that was in the name from one that it put there', () => {
    const name = Buffer.from('\ufffd').toString('latin1');
    expect(rawIfReplaced(name, textOf(name))).toBeUndefined();
  });

  it('loses no byte of any name', () => {
    fc.assert(
      fc.property(bytes, (name) => {
        const text = textOf(name);
        const exact = Buffer.from(rawIfReplaced(name, text) ?? Buffer.from(text).toString('base64'), 'base64');
        expect(exact.toString('latin1')).toBe(name);
      }),
    );
  });
});
