// What audit rules hide, from their bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRule } from '../../../src/collector/netlink/audit-rule.ts';
import { effectOfRule } from '../../../src/collector/netlink/rule-effects.ts';

interface Rule {
  readonly list: number;
  readonly action: number;
  readonly fields?: readonly (readonly [number, number, number])[];
  readonly strings?: string;
  readonly isForAllCalls?: boolean;
}

const EQUAL = 0x40000000;
const GREATER_OR_EQUAL = 0x60000000;

function bytesOf({ list, action, fields = [], strings = '', isForAllCalls = true }: Rule): Uint8Array {
  const bytes = new Uint8Array(1040 + strings.length);
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number) => view.setUint32(at, value, true);
  put(0, list);
  put(4, action);
  put(8, fields.length);
  if (isForAllCalls) bytes.fill(0xff, 12, 268);
  fields.forEach(([field, operator, value], index) => {
    put(268 + 4 * index, field);
    put(524 + 4 * index, value);
    put(780 + 4 * index, operator);
  });
  put(1036, strings.length);
  bytes.set(Buffer.from(strings), 1040);
  return bytes;
}

describe('an audit rule', () => {
  it('hides nothing where it asks for records, or is about something else', () => {
    expect(effectOfRule(encodeRule({ arch: 0xc000003e, syscalls: [444, 445, 446], key: 'x' }))).toBeUndefined();
    expect(effectOfRule(bytesOf({ list: 5, action: 0, fields: [[12, EQUAL, 1400]] }))).toBeUndefined();
    expect(effectOfRule(bytesOf({ list: 6, action: 0 }))).toBeUndefined();
  });

  it('hides by type, with every comparison that there is', () => {
    const effect = effectOfRule(bytesOf({ list: 5, action: 0, fields: [[12, GREATER_OR_EQUAL, 1424]] }));
    expect(effect).toEqual({ hides: ['domains'], isForAll: true, text: '-a never,exclude -F msgtype>=1424' });
  });

  it('hides a part where it names a program, a user or some calls', () => {
    const strings = '/bin/x';
    const fields = [[112, EQUAL, strings.length]] as const;
    const effect = effectOfRule(bytesOf({ list: 5, action: 2, fields, strings }));
    expect(effect).toEqual({
      hides: ['denials', 'domains', 'actors'],
      isForAll: false,
      text: '-a always,exclude -F exe=/bin/x',
    });
    expect(effectOfRule(bytesOf({ list: 4, action: 0, isForAllCalls: false }))).toMatchObject({
      hides: ['actors'],
      isForAll: false,
    });
  });

  it('is told so that auditctl takes it: the architecture, then the calls, by number', () => {
    const bytes = encodeRule({ arch: 0xc000003e, syscalls: [257, 2, 63], key: 'k' });
    new DataView(bytes.buffer).setUint32(4, 0, true);
    expect(effectOfRule(bytes)).toEqual({
      hides: ['actors'],
      isForAll: false,
      text: '-a never,exit -F arch=0xc000003e -S 2,63,257 -F key=k',
    });
  });

  it('is read from any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200, size: 'max' }), (bytes) => {
        const effect = effectOfRule(bytes);
        return effect === undefined || effect.hides.length > 0;
      }),
    );
  });
});
