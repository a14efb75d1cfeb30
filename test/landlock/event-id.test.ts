import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventId } from '../../src/landlock/event-id.ts';
import { EventIds } from '../../src/landlock/event-id-bytes.ts';

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

it('is the same from the bytes of a stamp, whatever the lengths of its parts', () => {
  const part = fc.string({ unit: 'grapheme', maxLength: 150 });
  const stamp = fc.record({
    before: fc.string({ maxLength: 9 }),
    seconds: fc.integer({ min: 1, max: 99_999_999_999 }),
    millis: fc.integer({ min: 0, max: 999 }),
    serial: fc.integer({ min: 1, max: 0xffff_ffff }),
    index: fc.nat(9),
  });
  fc.assert(
    fc.property(part, part, fc.array(stamp, { minLength: 1, maxLength: 4 }), (host, boot, stamps) => {
      const ids = new EventIds(host, boot);
      for (const { before, seconds, millis, serial, index } of stamps) {
        const timestamp = `${seconds}.${String(millis).padStart(3, '0')}`;
        const head = Buffer.from(before);
        const bytes = Buffer.concat([head, Buffer.from(`${timestamp}:${serial}): `)]);
        const serialStart = head.length + timestamp.length + 1;
        const serialEnd = serialStart + String(serial).length;
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        const place = { view, stampStart: head.length, serialStart, serialEnd };
        const wanted = eventId(host, boot, timestamp, serial, index);
        const block = Buffer.alloc(40, '.');
        expect(ids.text(place, index)).toBe(wanted);
        expect(ids.write(new DataView(block.buffer, block.byteOffset), 5, place, index)).toBe(31);
        expect(block.toString('latin1')).toBe(`.....${wanted}.........`);
      }
    }),
  );
});
