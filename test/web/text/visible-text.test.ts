import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeOdd, PIECES_MAX, shorten, toPieces } from '../../../web/text/visible-text.ts';

describe('visible text', () => {
  it('leaves ordinary text of any script alone', () => {
    for (const text of ['/etc/passwd', 'Grüße', 'файл', '日本語', 'עברית', 'a b', '👋🏽', '']) {
      expect(escapeOdd(text)).toBe(text);
    }
  });

  it('marks a right-to-left override with its name', () => {
    expect(toPieces('photo\u202egnp.exe')).toEqual([
      { kind: 'plain', text: 'photo' },
      { kind: 'odd', text: '\\u{202e}', title: 'U+202E right-to-left override' },
      { kind: 'plain', text: 'gnp.exe' },
    ]);
  });

  it('escapes control characters, invisible characters and unusual spaces', () => {
    expect(escapeOdd('\0\t\n\r\x1b[31m\x7f\x9b')).toBe('\\0\\t\\n\\r\\x1b[31m\\x7f\\x9b');
    expect(escapeOdd('a\u200bb\u00a0c\u2028d\ufeffe\u3164f\u{e0041}g')).toBe(
      'a\\u{200b}b\\xa0c\\u{2028}d\\u{feff}e\\u{3164}f\\u{e0041}g',
    );
  });

  it('escapes half a surrogate pair and keeps a whole one', () => {
    expect(escapeOdd('\ud800x')).toBe('\\u{d800}x');
    expect(escapeOdd('😀')).toBe('😀');
  });

  it('never lets a control, format or bidi character through, and loses nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const pieces = toPieces(text);
        expect(pieces.map((piece) => piece.text).join('')).toBe(escapeOdd(text));
        expect(escapeOdd(text)).not.toMatch(/[\p{C}\u2028\u2029]/u);
      }),
    );
  });

  it('is bounded: a text of control characters becomes a bounded number of pieces', () => {
    const pieces = toPieces('\x1b'.repeat(PIECES_MAX * 3));
    expect(pieces.length).toBe(PIECES_MAX + 1);
    expect(pieces.map((piece) => piece.text).join('')).toBe('\\x1b'.repeat(PIECES_MAX * 3));
  });

  it('shortens and says how long the text was, never within a surrogate pair', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdef'.repeat(1000), 4)).toBe('abcd… (6,000 characters)');
    expect(shorten('abc😀def', 4)).toBe('abc… (8 characters)');
  });
});
