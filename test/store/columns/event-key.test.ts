import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOfText } from '../../../src/landlock/event-id.ts';
import { fromEventKey, isEventId, toEventKey } from '../../../src/store/columns/event-key.ts';

describe('the key of an event', () => {
  it('gives back every event.id', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = idOfText(text);
        const { key, rest } = toEventKey(id);
        expect(isEventId(id)).toBe(true);
        expect(rest).toHaveLength(13);
        expect(fromEventKey(key, rest)).toBe(id);
      }),
    );
  });

  it('gives back the least and the greatest', () => {
    for (const id of ['a'.repeat(26), '7'.repeat(26)]) {
      const { key, rest } = toEventKey(id);
      expect(fromEventKey(key, rest)).toBe(id);
    }
  });

  it.each(['', 'a'.repeat(25), 'a'.repeat(27), `${'a'.repeat(25)}A`, `${'a'.repeat(25)}1`, `${'a'.repeat(25)}é`])(
    'knows that %j is none',
    (text) => {
      expect(isEventId(text)).toBe(false);
    },
  );
});
