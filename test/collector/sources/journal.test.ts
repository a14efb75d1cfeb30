import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpretEntry, type JournalEntry } from '../../../src/collector/sources/journal-entry.ts';
import { JournalExport } from '../../../src/collector/sources/journal-export.ts';
import { parseJournalJson } from '../../../src/collector/sources/journal-json.ts';

const FIELDS = {
  __CURSOR: 's=1',
  __REALTIME_TIMESTAMP: '1795392846540000',
  _TRANSPORT: 'audit',
  _AUDIT_TYPE: '1423',
  _AUDIT_TYPE_NAME: 'UNKNOWN[1423]',
  _AUDIT_ID: '7',
  _SOURCE_REALTIME_TIMESTAMP: '1795392846031000',
  _BOOT_ID: 'aaaaaaaabbbbccccddddeeeeeeeeeeee',
  _MACHINE_ID: '0123456789abcdef0123456789abcdef',
  _HOSTNAME: 'web-1',
  _AUDIT_FIELD_DOMAIN: '1af495b55',
  MESSAGE: 'UNKNOWN[1423] domain=1af495b55 blockers=scope.signal opid=1 ocomm="init"',
};

const RECORD = {
  kind: 'record',
  record: {
    kind: 'record',
    type: 1423,
    node: '',
    seconds: 1795392846,
    millis: 31,
    serial: 7,
    text: 'domain=1af495b55 blockers=scope.signal opid=1 ocomm="init"',
  },
  origin: {
    bootId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    machineId: '0123456789abcdef0123456789abcdef',
    hostname: 'web-1',
  },
};

function exported(fields: Record<string, string>): string {
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`;
}

function binaryField(name: string, value: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(value.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, value, Buffer.from('\n')]);
}

function readExport(chunks: readonly Buffer[]): { entries: JournalEntry[]; broken: string[] } {
  const entries: JournalEntry[] = [];
  const broken: string[] = [];
  const reader = new JournalExport({
    entry: (entry) => entries.push(entry),
    broken: (reason) => broken.push(reason),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { entries, broken };
}

function contentOf(entry: JournalEntry | undefined): unknown {
  return entry === undefined ? undefined : interpretEntry(entry);
}

describe('the journal as JSON', () => {
  it('gives the record back that journald made the entry from', () => {
    expect(contentOf(parseJournalJson(JSON.stringify(FIELDS)))).toEqual(RECORD);
  });

  it('takes a message that is an array of bytes, and a field with several values', () => {
    const bytes = [...Buffer.from('SYSCALL comm="a\xff"', 'latin1')];
    const entry = parseJournalJson(JSON.stringify({ ...FIELDS, MESSAGE: bytes, _AUDIT_ID: ['7', '8'] }));
    expect(entry).toMatchObject({ message: 'SYSCALL comm="a\xff"', auditId: '7' });
  });

  it('keeps UTF-8 as its bytes, written plainly or escaped', () => {
    const plain = Buffer.from('{"MESSAGE":"é€"}').toString('latin1');
    const expected = Buffer.from('é€').toString('latin1');
    expect(parseJournalJson(plain)?.message).toBe(expected);
    expect(parseJournalJson('{"MESSAGE":"\\u20ac"}')?.message).toBe(Buffer.from('€').toString('latin1'));
  });

  it('says that a broken entry is one, and passes over what is no audit record', () => {
    const { _AUDIT_ID: _, ...withoutId } = FIELDS;
    expect(contentOf(parseJournalJson(JSON.stringify(withoutId)))).toMatchObject({ kind: 'malformed' });
    expect(contentOf(parseJournalJson('{"_TRANSPORT":"syslog","MESSAGE":"type=1423"}'))).toEqual({ kind: 'other' });
    expect(parseJournalJson('{"MESSAGE":')).toBeUndefined();
    expect(parseJournalJson('[1]')).toBeUndefined();
  });

  it('hands the kernel’s own messages on as lines', () => {
    const message = 'audit: type=1423 audit(1.002:3): domain=1 blockers=ptrace';
    const entry = parseJournalJson(JSON.stringify({ _TRANSPORT: 'kernel', MESSAGE: message }));
    expect(contentOf(entry)).toEqual({ kind: 'line', line: message, origin: undefined });
  });

  it('takes an entry with few fields for one, and other JSON for none', () => {
    expect(parseJournalJson('{"__CURSOR":"s=1","PRIORITY":"6"}')).toBeDefined();
    expect(parseJournalJson('{"MESSAGE":"hello"}')).toBeDefined();
    expect(parseJournalJson('{"k":"run","pid":1}')).toBeUndefined();
    expect(parseJournalJson('{}')).toBeUndefined();
  });

  it('never fails on any JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.dictionary(fc.constantFrom(...Object.keys(FIELDS)), fc.jsonValue()), (json, fields) => {
        contentOf(parseJournalJson(json));
        expect(contentOf(parseJournalJson(JSON.stringify({ __CURSOR: '', ...fields })))).toBeDefined();
      }),
    );
  });
});

describe('the journal in export format', () => {
  it('gives the record back that journald made the entry from', () => {
    const { entries, broken } = readExport([Buffer.from(exported(FIELDS) + exported({ PRIORITY: '6' }))]);
    expect(entries.map(contentOf)).toEqual([RECORD, { kind: 'other' }]);
    expect(broken).toEqual([]);
  });

  it('reads binary fields, also when the bytes come one by one', () => {
    const { MESSAGE, ...rest } = FIELDS;
    const bytes = Buffer.concat([
      Buffer.from(exported(rest).slice(0, -1)),
      binaryField('OTHER', Buffer.from('a\n\nMESSAGE=forged\n')),
      binaryField('MESSAGE', Buffer.from(MESSAGE)),
      Buffer.from('\n'),
    ]);
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(readExport(single).entries.map(contentOf)).toEqual([RECORD]);
    expect(readExport([bytes]).entries.map(contentOf)).toEqual([RECORD]);
  });

  it('skips a binary field beyond the bound without keeping it', () => {
    const bytes = Buffer.concat([
      Buffer.from(exported(FIELDS).slice(0, -1)),
      binaryField('COREDUMP', Buffer.alloc(3 * 1024 * 1024, 'z')),
      Buffer.from(`\n${exported(FIELDS)}`),
    ]);
    const chunks: Buffer[] = [];
    for (let offset = 0; offset < bytes.length; offset += 65_536) chunks.push(bytes.subarray(offset, offset + 65_536));
    expect(readExport(chunks).entries.map(contentOf)).toEqual([RECORD, RECORD]);
    expect(readExport([bytes]).entries.map(contentOf)).toEqual([RECORD, RECORD]);
  });

  it('counts what is no export format once an entry and goes on', () => {
    const bytes = Buffer.from(`${exported(FIELDS)}no field at all\nneither this\n\n${exported(FIELDS)}`);
    const { entries, broken } = readExport([bytes]);
    expect(entries).toHaveLength(2);
    expect(broken).toEqual(['no line of the journal export format']);
  });

  it('takes an entry that ends with the input', () => {
    expect(readExport([Buffer.from(exported(FIELDS).slice(0, -2))]).entries.map(contentOf)).toEqual([RECORD]);
  });

  it('never fails on any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        expect(readExport(chunks.map((chunk) => Buffer.from(chunk))).entries.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
