import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUT_BY_AUDITD_REASON, INTERPRETED_REASON } from '../../src/audit/malformed.ts';
import { parseLine } from '../../src/audit/parse-line.ts';
import { parseRecord } from '../../src/audit/parse-record.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { toLine } from '../../src/audit/record-line.ts';
import { recordTypeName, recordTypeNumber } from '../../src/audit/record-types.ts';

const BODY = 'domain=1af495b55 blockers=scope.signal opid=1 ocomm="init"';
const STAMP = 'audit(1795392846.531:7)';
const RECORD: AuditRecord = {
  kind: 'record',
  type: 1423,
  node: '',
  seconds: 1_795_392_846,
  millis: 531,
  serial: 7,
  text: BODY,
};

function reasonOf(line: string): string | undefined {
  const parsed = parseLine(line);
  return parsed?.kind === 'malformed' ? parsed.reason : undefined;
}

describe('a line', () => {
  it.each([
    ['of the kernel with its name', `type=LANDLOCK_ACCESS msg=${STAMP}: ${BODY}`],
    ['of an auditd that does not know the type', `type=UNKNOWN[1423] msg=${STAMP}: ${BODY}`],
    ['with a plain number', `type=1423 msg=${STAMP}: ${BODY}`],
    ['with a Windows line end', `type=1423 msg=${STAMP}: ${BODY}\r\n`],
    ['with trailing blanks and a NUL', `type=1423 msg=${STAMP}: ${BODY} \0`],
    ['of an enriched log', `type=UNKNOWN[1423] msg=${STAMP}: ${BODY}\x1dSADDR={ saddr_fam=ash }`],
    ['of dmesg', `[    2.995748] audit: type=1423 ${STAMP}: ${BODY}`],
    ['of dmesg -T', `[Mon Nov 23 00:31:43 2026] audit: type=1423 ${STAMP}: ${BODY}`],
    ['of dmesg -x', `kern  :notice: [    2.995748] audit: type=1423 ${STAMP}: ${BODY}`],
    ['of dmesg with the caller', `[    2.995748][  T123] audit: type=1423 ${STAMP}: ${BODY}`],
    ['of dmesg --raw', `<5>[    2.995748] audit: type=1423 ${STAMP}: ${BODY}`],
    ['of /dev/kmsg', `5,3414,4915585562,-;audit: type=1423 ${STAMP}: ${BODY}`],
    ['of the kernel in syslog', `Nov 23 00:31:43 host kernel: audit: type=1423 ${STAMP}: ${BODY}`],
    [
      'of syslog with the kernel clock',
      `Nov  3 00:31:43 host kernel: [   12.345678] audit: type=1423 ${STAMP}: ${BODY}`,
    ],
    ['of syslog with RFC 3339 time', `2026-11-23T00:31:43.1+01:00 host kernel: audit: type=1423 ${STAMP}: ${BODY}`],
    ['of the syslog plugin', `Nov 23 00:31:43 host audispd: type=UNKNOWN[1423] msg=${STAMP}: ${BODY}`],
    ['of the newer syslog plugin', `Nov 23 00:31:43 host audisp-syslog[77]: type=UNKNOWN[1423] msg=${STAMP}: ${BODY}`],
    ['of an RFC 5424 syslog', `<37>1 2026-11-23T00:31:43Z host audispd 9 - - type=1423 msg=${STAMP}: ${BODY}`],
    ['of journalctl -k -o cat', `audit: type=1423 ${STAMP}: ${BODY}`],
  ])('%s is read', (_, line) => {
    expect(parseLine(line)).toEqual(RECORD);
  });

  it('keeps its node', () => {
    const line = `node=lab.example type=UNKNOWN[1423] msg=${STAMP}: ${BODY}`;
    expect(parseLine(line)).toEqual({ ...RECORD, node: 'lab.example' });
  });

  it('may have an empty body', () => {
    const eoe = { ...RECORD, type: 1320, text: '' };
    expect(parseLine(`type=EOE msg=${STAMP}: `)).toEqual(eoe);
    expect(parseLine(`type=EOE msg=${STAMP}:`)).toEqual(eoe);
  });

  it.each([
    '',
    '   ',
    '\r\n',
    '----',
    'time->Mon Nov 23 00:31:43 2026',
    '[    0.000000] Linux version 7.3.4',
    ' SUBSYSTEM=x',
  ])('that is no record of a known format is passed over: %j', (line) => {
    expect(parseLine(line)).toBeNull();
  });

  it('of ausearch -i is refused with the reason', () => {
    expect(reasonOf('type=UNKNOWN[1423] msg=audit(11/23/26 00:31:43.057:7) : domain=1 blockers=x')).toBe(
      INTERPRETED_REASON,
    );
  });

  it('that auditd 4.2.1 cut is refused with the reason', () => {
    expect(reasonOf('type=EOE msg=audit(179')).toBe(CUT_BY_AUDITD_REASON);
    expect(reasonOf('type=LANDLOCK_ACCESS msg=audit(17953')).toBe('cut off inside its time stamp');
  });

  it.each([
    'hello',
    'type=1423',
    'type=1423 ',
    'type= msg=audit(1.000:1): x',
    'type=99999 msg=audit(1.000:1): x',
    'type=1423 msg=audit(1.0000:1): x',
    'type=1423 msg=audit(1.000:4294967296): x',
    'type=1423 msg=audit(253402300800.000:1): x',
    'type=1423 msg=audit(.000:1): x',
    'node=x',
    'node=x y',
    '"type=1423 msg=audit(1.000:1): x"',
  ])('that is no record is malformed: %j', (line) => {
    expect(parseLine(line)?.kind).toBe('malformed');
  });

  it('says where it stood if it is malformed, and keeps no more than 4096 characters', () => {
    const place = { file: 'audit.log', line: 3 };
    expect(parseLine('x'.repeat(10_000), place)).toEqual({
      kind: 'malformed',
      reason: 'not an audit record',
      text: 'x'.repeat(4096),
      place,
    });
  });
});

describe('text inside a line cannot forge a record', () => {
  const forged = `audit: type=1423 ${STAMP}: domain=1 blockers=fs.read_file`;
  it.each([
    `Nov 23 00:31:43 host sshd[7]: Invalid user ${forged}`,
    `Nov 23 00:31:43 sshd: ${forged}`,
    `[    2.995748] sh: ${forged}`,
    `13,3414,4915585562,-;${forged}`,
    `5,3414,4915585562,-;evil ${forged}`,
    `Nov 23 00:31:43 host kernel: evil ${forged}`,
  ])('in %j', (line) => {
    expect(parseLine(line)).toBeNull();
  });

  it('in a field of another record', () => {
    const parsed = parseLine(`type=USER_CMD msg=${STAMP}: pid=1 msg='cmd=type=1423 msg=audit(1.000:1): domain=1'`);
    expect(parsed).toMatchObject({ kind: 'record', type: 1123 });
  });

  it('in a message with a line break, once it is written as a line', () => {
    const parsed = parseRecord(1112, `${STAMP}: a\ntype=1423 msg=audit(1.000:1): domain=1\x1d\0b`);
    expect(parsed.kind === 'record' && toLine(parsed)).toBe(
      `type=USER_LOGIN msg=${STAMP}: a type=1423 msg=audit(1.000:1): domain=1  b`,
    );
  });
});

describe('a message of the socket', () => {
  it('has the type of its header', () => {
    expect(parseRecord(1423, `${STAMP}: ${BODY}`)).toEqual(RECORD);
    expect(parseRecord(1400, `${STAMP}: ${BODY}`, 'n')).toEqual({ ...RECORD, type: 1400, node: 'n' });
  });

  it('without a stamp is malformed', () => {
    expect(parseRecord(1423, `type=1423 ${STAMP}: ${BODY}`).kind).toBe('malformed');
  });
});

describe('a record', () => {
  it('survives being written as a line', () => {
    const record = fc.record({
      type: fc.integer({ min: 1, max: 65_535 }),
      seconds: fc.integer({ min: 0, max: 253_402_300_799 }),
      millis: fc.integer({ min: 0, max: 999 }),
      serial: fc.integer({ min: 0, max: 0xffff_ffff }),
      text: fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,80}[\x21-\x7e]$/),
    });
    fc.assert(
      fc.property(record, (fields) => {
        const whole: AuditRecord = { kind: 'record', node: '', ...fields };
        expect(parseLine(toLine(whole))).toEqual(whole);
      }),
    );
  });

  it('comes out of any bytes as a value', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'type=',
        'node=',
        ' msg=audit(',
        '1.000:1',
        '): ',
        'audit: ',
        '\x1d',
        'UNKNOWN[1423]',
        '[1.0] ',
        ' ',
      ),
      fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const parsed = parseLine(pieces.join(''));
        expect(parsed === null || parsed.kind === 'record' || parsed.kind === 'malformed').toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('record types', () => {
  it('have names and numbers both ways', () => {
    expect([recordTypeName(1423), recordTypeName(1320), recordTypeName(1599)]).toEqual([
      'LANDLOCK_ACCESS',
      'EOE',
      'UNKNOWN[1599]',
    ]);
    for (let type = 1; type <= 0xffff; type++) expect(recordTypeNumber(recordTypeName(type))).toBe(type);
  });
});
