import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventId } from '../../src/landlock/event-id.ts';

/** RFC 4648 base32, lower case, bit by bit. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

it('is base32 of SHA-256 over the five parts, cut at 26 characters', () => {
  const part = fc.string({ unit: 'grapheme', maxLength: 40 });
  fc.assert(
    fc.property(part, part, fc.nat(), fc.nat(), fc.nat(300), (host, boot, seconds, serial, index) => {
      const timestamp = `${seconds}.042`;
      const digest = createHash('sha256').update([host, boot, timestamp, serial, index].join('\0')).digest();
      expect(eventId(host, boot, timestamp, serial, index)).toBe(base32(digest).slice(0, 26));
    }),
  );
});
