import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeTerminal, fitText, textWidth, toJsonLine } from '../../src/runtime/terminal-text.ts';

/** What a terminal may act upon, or a reader be misled by. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;

describe('escapeTerminal', () => {
  it('writes escape sequences, line breaks and direction marks out', () => {
    expect(escapeTerminal('a\u001b[31mb\r\n\u009bc\u202etxt.exe\u2066')).toBe(
      'a\\x1b[31mb\\x0d\\x0a\\x9bc\\u{202e}txt.exe\\u{2066}',
    );
  });

  it('leaves ordinary text of any script as it is', () => {
    expect(escapeTerminal('/srv/Ærø/日本/émoji 🐟')).toBe('/srv/Ærø/日本/émoji 🐟');
  });

  it('leaves nothing unsafe in any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !unsafe.test(escapeTerminal(text))));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
        return !unsafe.test(escapeTerminal(String.fromCharCode(...units)));
      }),
    );
  });
});

describe('toJsonLine', () => {
  it('is harmless on a terminal and means the same', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        const line = toJsonLine(value);
        expect(unsafe.test(line)).toBe(false);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('writes astral characters as two escapes', () => {
    expect(toJsonLine('\u{e0041}')).toBe('"\\udb40\\udc41"');
  });
});

describe('fitText', () => {
  it('counts wide characters twice and combining marks not at all', () => {
    expect([textWidth('日本'), textWidth('e\u0301')]).toEqual([4, 1]);
  });

  it('never takes more columns than there are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        return textWidth(fitText(text, columns)) <= columns;
      }),
    );
  });
});
