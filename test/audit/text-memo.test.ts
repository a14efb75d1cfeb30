import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoTextMax, sampleHash, TextMemo } from '../../src/audit/text-memo.ts';

it('always gives what the text means, however many texts share its few places', () => {
  const text = fc.string({ minLength: 0, maxLength: 80 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), (texts) => {
      const memo = new TextMemo(4, (made) => `<${made}>`);
      for (const one of [...texts, ...texts, ...texts]) {
        const source = `ab${one}cd`;
        const end = 2 + one.length;
        expect(memo.get(source, 2, end, sampleHash(source, Math.max(2, end - 2), end, end))).toBe(`<${one}>`);
      }
    }),
  );
});

it('makes a text that repeats only a few times', () => {
  let made = 0;
  const memo = new TextMemo(16, (text) => {
    made++;
    return text.length;
  });
  for (let count = 0; count < 1000; count++) memo.get('the same text again', 0, 19, 7);
  expect(made).toBeLessThanOrEqual(4);
});

it('does not remember texts that are too long', () => {
  let made = 0;
  const memo = new TextMemo(16, () => made++);
  const long = 'x'.repeat(memoTextMax + 1);
  for (let count = 0; count < 10; count++) memo.get(long, 0, long.length, 7);
  expect(made).toBe(10);
});
