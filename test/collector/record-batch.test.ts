import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeAnswer,
  decodeAuditStatus,
  encodeAuditChange,
  encodeRequest,
} from '../../src/collector/netlink/audit-status.ts';
import { BatchBuilder, forEachRecord } from '../../src/collector/netlink/record-batch.ts';

function toWords(bytes: Uint8Array): Uint32Array {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return new Uint32Array(padded.buffer);
}

describe('a block of records', () => {
  it('gives back types and payloads in order, byte for byte', () => {
    const record = fc.record({
      type: fc.integer({ min: 1100, max: 2999 }),
      payload: fc.uint8Array({ maxLength: 9_000 }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        const builder = new BatchBuilder(256 * 1024);
        for (const { type, payload } of records) {
          expect(builder.fits(payload.length)).toBe(true);
          builder.add(type, toWords(payload), 0, payload.length);
        }
        const found: { type: number; payload: Uint8Array }[] = [];
        const count = forEachRecord(builder.take(), (type, payload) => {
          found.push({ type, payload: new Uint8Array(Buffer.from(payload, 'latin1')) });
        });
        expect(count).toBe(records.length);
        expect(found).toEqual(records.map(({ type, payload }) => ({ type, payload: new Uint8Array(payload) })));
        expect(builder.records).toBe(0);
      }),
    );
  });

  it('says when there is no room for another record', () => {
    const builder = new BatchBuilder(20);
    expect(builder.fits(16)).toBe(true);
    expect(builder.fits(17)).toBe(false);
    builder.add(1423, new Uint32Array(3), 0, 10);
    expect(builder.fits(1)).toBe(false);
  });
});

describe('the control messages', () => {
  it('carry a change with the mask of what is to be changed', () => {
    const bytes = Buffer.from(encodeAuditChange({ enabled: 1, backlogLimit: 8192 }));
    expect(bytes.length).toBe(44);
    expect([bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(20)]).toEqual([0x11, 1, 8192]);
    expect(Buffer.from(encodeAuditChange({ daemonPid: 0 })).readUInt32LE(0)).toBe(4);
  });

  it('read a status, also a longer one, and no shorter one', () => {
    const payload = Buffer.alloc(60);
    for (let i = 0; i < 15; i++) payload.writeUInt32LE(i, i * 4);
    const status = { enabled: 1, failure: 2, daemonPid: 3, rateLimit: 4, backlogLimit: 5, lost: 6, backlog: 7 };
    expect(decodeAuditStatus(payload)).toEqual(status);
    expect(decodeAuditStatus(payload.subarray(0, 32))).toEqual(status);
    expect(decodeAuditStatus(payload.subarray(0, 31))).toBeUndefined();
  });

  it('tell an error from an acknowledgement', () => {
    const error = Buffer.alloc(4);
    error.writeInt32LE(-1);
    expect(decodeAnswer(encodeRequest(2, error, 7, 0))).toMatchObject({ type: 2, seq: 7, errno: 1 });
    expect(decodeAnswer(encodeRequest(2, Buffer.alloc(4), 8, 0))?.errno).toBe(0);
    expect(decodeAnswer(Buffer.alloc(15))).toBeUndefined();
  });

  it('are values for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        decodeAnswer(bytes);
        decodeAuditStatus(bytes);
        expect(forEachRecord(bytes, () => {})).toBeLessThanOrEqual(bytes.length / 4 + 1);
      }),
    );
  });
});
