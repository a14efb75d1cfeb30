import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brief, readBack } from './support.ts';

const ACCESS =
  'type=UNKNOWN[1423] msg=audit(1795393903.057:7): domain=1c9c9bffe blockers=scope.signal opid=1 ocomm="init"';
const SYSCALL = 'type=SYSCALL msg=audit(1795393903.057:7): arch=c000003e syscall=62 success=no exit=-1 comm="lab"';
const PROCTITLE = 'type=PROCTITLE msg=audit(1795393903.057:7): proctitle=6C6162';
const TEXT = 'domain=1c9c9bffe blockers=scope.signal opid=1 ocomm="init"';

describe('InputReader', () => {
  it('recognises lines of every kind, mixed in one file', () => {
    const journal = JSON.stringify({
      _TRANSPORT: 'audit',
      _AUDIT_TYPE: '1423',
      _AUDIT_ID: '12',
      _SOURCE_REALTIME_TIMESTAMP: '1795393903057000',
      MESSAGE: `UNKNOWN[1423] ${TEXT}`,
    });
    const { records, malformed } = readBack(
      [
        ACCESS,
        `node=a ${ACCESS}\x1dUID="root"`,
        `[    2.99] audit: type=1423 audit(1795393903.057:8): ${TEXT}`,
        `5,3414,4915585566,-;audit: type=1423 audit(1795393903.057:9): ${TEXT}`,
        `Nov 23 00:31:43 host kernel: audit: type=1423 audit(1795393903.057:10): ${TEXT}`,
        `type=1423 msg=audit(1795393903.057:11): ${TEXT}`,
        journal,
      ].join('\n'),
    );
    expect(malformed).toEqual([]);
    expect(brief(records)).toEqual(['1423 7', '1423 7', '1423 8', '1423 9', '1423 10', '1423 11', '1423 12']);
    expect(new Set(records.map((record) => record.text))).toEqual(new Set([TEXT]));
  });

  it('puts the records of ausearch’s output back into their order', () => {
    const block = ['----', 'time->Mon Nov 23 00:31:43 2026', PROCTITLE, SYSCALL, ACCESS];
    const { records, malformed } = readBack([...block, ...block].join('\n'));
    expect(brief(records)).toEqual(['1423 7', '1300 7', '1327 7', '1423 7', '1300 7', '1327 7']);
    expect(malformed).toEqual([]);
  });

  it('refuses the output of ausearch -i with the reason', () => {
    const line =
      'type=UNKNOWN[1423] msg=audit(11/23/26 00:31:43.057:7) : domain=1c9c9bffe blockers=scope.signal opid=1 ';
    expect(() => readBack(`----\n${line}\n`)).toThrow(
      expect.objectContaining({ code: 'interpreted-input', message: expect.stringContaining('log:2') }),
    );
    const { records, malformed } = readBack(`${ACCESS}\n${line}\n`);
    expect(brief(records)).toEqual(['1423 7']);
    expect(malformed).toHaveLength(1);
  });

  it('reads a binary plugin stream of both versions, recognised also byte by byte', () => {
    const frame = (version: number, text: string): Buffer => {
      const header = Buffer.alloc(16);
      for (const [i, value] of [version, 16, 1423, text.length].entries()) header.writeUInt32LE(value, i * 4);
      return Buffer.concat([header, Buffer.from(text)]);
    };
    const bytes = Buffer.concat([frame(0, `audit(1795393903.057:7): ${TEXT}`), frame(1, `node=labhost ${ACCESS}`)]);
    for (const size of [1, 65_536]) {
      const { records, malformed } = readBack(bytes, undefined, size);
      expect(brief(records)).toEqual(['1423 7', '1423 7']);
      expect(records.map((record) => record.node)).toEqual(['', 'labhost']);
      expect(malformed).toEqual([]);
    }
  });

  it('takes host and boot from the journal and drops the copy that the kernel printed', () => {
    const common = `_BOOT_ID=${'b'.repeat(32)}\n_MACHINE_ID=${'a'.repeat(32)}\n_HOSTNAME=far\n`;
    const audit = `${common}_TRANSPORT=audit\n_AUDIT_TYPE=1423\n_AUDIT_ID=7\n_SOURCE_REALTIME_TIMESTAMP=1795393903057000\nMESSAGE=UNKNOWN[1423] ${TEXT}\n\n`;
    const kernel = `${common}_TRANSPORT=kernel\nMESSAGE=audit: type=1423 audit(1795393903.057:7): ${TEXT}\n\n`;
    const { records, hosts } = readBack(`__CURSOR=x\n${kernel}${audit}${audit}`);
    // Two equal records of one transport are two: a rename may be refused twice for one directory.
    expect(brief(records)).toEqual(['1423 7']);
    expect(hosts.hostFor(records[0]?.node ?? '')).toEqual({
      id: `host-of-${'a'.repeat(32)}`,
      name: 'far',
      boot: { id: 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb' },
    });
    expect(brief(readBack(`__CURSOR=x\n${audit}${audit}`).records)).toEqual(['1423 7', '1423 7']);
  });

  it('lets --format override what it would have recognised', () => {
    expect(readBack(`${ACCESS}\n`, 'journal-export').records).toEqual([]);
    expect(readBack('_X=1\n', 'text').malformed).toHaveLength(1);
  });

  it('is not fooled by a record inside a record', () => {
    const forged = `type=SYSCALL msg=audit(1795393903.057:7): comm="x type=1423 msg=audit(1.002:3): domain=1 blockers=ptrace"`;
    const syslog = `Nov 23 00:31:43 host sshd[7]: Invalid user audit: type=1423 audit(1.002:3): domain=1 blockers=ptrace`;
    const { records, malformed } = readBack(`${forged}\n${syslog}\n`);
    expect(brief(records)).toEqual(['1300 7']);
    expect(malformed).toEqual([]);
  });

  it('keeps everything around lines that are nothing, and says where those are', () => {
    const long = 'z'.repeat(70_000);
    const { records, malformed } = readBack(`${ACCESS}\r\n\0\x01\xff\n${long}\n{"broken\n${SYSCALL}\r\n`);
    expect(brief(records)).toEqual(['1423 7', '1300 7']);
    expect(malformed.map(({ place }) => place)).toEqual([2, 3, 4].map((line) => ({ file: 'log', line })));
    expect(malformed.map(({ text }) => text.length <= 4096)).toEqual([true, true, true]);
  });

  it('names auditd 4.2.1’s cut stream', () => {
    expect(readBack('type=EOE msg=audit(179\n').malformed[0]?.reason).toContain('auditd 4.2.1');
  });

  it('reports what the kernel says that it left out', () => {
    const line = '[   37.225163] kauditd_printk_skb: 12897 callbacks suppressed';
    const lost = 'Nov 23 00:31:43 host kernel: audit: audit_lost=9 audit_rate_limit=0 audit_backlog_limit=64';
    const { notices, malformed } = readBack(`${line}\n[   38.0] eth0: link up\n${lost}\n`);
    expect(notices).toEqual([
      [line, ''],
      [lost, ''],
    ]);
    expect(malformed).toEqual([]);
  });

  it('reports it from the journal too, for the boot that it names', () => {
    const message = 'audit: audit_lost=9 audit_rate_limit=0 audit_backlog_limit=64';
    const entry = { _TRANSPORT: 'kernel', _BOOT_ID: 'b'.repeat(32), _HOSTNAME: 'far', MESSAGE: message };
    const { notices, hosts } = readBack(JSON.stringify(entry));
    expect(notices.map(([line]) => line)).toEqual([message]);
    expect(hosts.hostFor(notices[0]?.[1] ?? '')).toMatchObject({
      name: 'far',
      boot: { id: 'bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb' },
    });
  });

  it('reports it for the boot that the lines before it are of', () => {
    const boot = (uptime: number, ms: number) =>
      `[    ${uptime}] audit: type=2000 audit(${1_795_393_000 + ms}.000:1): state=initialized audit_enabled=0 res=1`;
    const lost = '[    6.1] audit: audit_lost=9 audit_rate_limit=0 audit_backlog_limit=64';
    const { notices, hosts } = readBack([boot(0.1, 0), lost, boot(0.1, 900), lost].join('\n'));
    const ids = notices.map(([, node]) => hosts.hostFor(node).boot.id);
    expect(new Set(ids).size).toBe(2);
  });

  it('counts every journal entry of audit’s that cannot be used', () => {
    const fields = {
      _TRANSPORT: 'audit',
      _AUDIT_TYPE: '1423',
      _AUDIT_ID: '12',
      _SOURCE_REALTIME_TIMESTAMP: '1795393903057000',
      MESSAGE: `UNKNOWN[1423] ${TEXT}`,
    };
    const { _AUDIT_ID: _1, ...withoutId } = fields;
    const { _AUDIT_TYPE: _2, ...withoutType } = fields;
    const { _SOURCE_REALTIME_TIMESTAMP: _3, ...withoutTime } = fields;
    const { MESSAGE: _4, ...withoutMessage } = fields;
    const { _TRANSPORT: _5, _AUDIT_TYPE: _6, ...onlyId } = fields;
    const unusable = [
      withoutId,
      withoutType,
      withoutTime,
      withoutMessage,
      onlyId,
      { MESSAGE: fields.MESSAGE },
      { ...fields, MESSAGE: null },
      { ...fields, _AUDIT_ID: '' },
      { ...fields, _AUDIT_ID: 12 },
      { ...fields, _AUDIT_ID: '-1' },
      { ...fields, _AUDIT_ID: '4294967296' },
      { ...fields, _AUDIT_TYPE: '0x58f' },
    ];
    const strangers = [
      { _TRANSPORT: 'syslog', MESSAGE: fields.MESSAGE },
      { MESSAGE: 'hello' },
      { _TRANSPORT: 'kernel' },
    ];
    const json = readBack([...unusable, ...strangers].map((entry) => JSON.stringify(entry)).join('\n'));
    expect([json.records, json.notices]).toEqual([[], []]);
    expect(json.malformed.map(({ place }) => place?.line)).toEqual(unusable.map((_, i) => i + 1));
    expect(json.malformed[3]?.text).toContain('_AUDIT_ID=12');
    // The export format cannot say null, nor a number.
    const exported = [...unusable, ...strangers].map((entry) =>
      Object.entries(entry)
        .filter(([, value]) => typeof value === 'string')
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const { malformed, records } = readBack(`__CURSOR=x\n\n${exported.join('\n')}`);
    expect([malformed.length, records]).toEqual([unusable.length, []]);
  });

  it('reads any bytes to records and malformed records, and the same ones however they are cut', () => {
    const fragment = fc.oneof(
      fc.constantFrom(ACCESS, SYSCALL, PROCTITLE, '----', '\n', '\n', '{', '}', '\x1d', '_A=1', '\0'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fragment), fc.integer({ min: 1, max: 50 }), (fragments, size) => {
        const bytes = Buffer.from(fragments.join(''));
        const whole = readBack(bytes);
        const cut = readBack(bytes, undefined, size);
        expect(cut.records).toEqual(whole.records);
        expect(cut.malformed).toEqual(whole.malformed);
      }),
    );
  });
});
