import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../src/audit/parse-line.ts';
import { Reassembler } from '../../src/audit/reassembler.ts';
import type { SandboxCall } from '../../src/landlock/document.ts';
import { readSandboxCall } from '../../src/landlock/sandbox-call.ts';

const CAPTURE = new URL('../fixtures/sandbox-calls/linux-7.3.4.log', import.meta.url).pathname;
const HOST = { id: 'h', boot: { id: 'b' } };
const TAIL =
  'items=0 ppid=1 pid=7 auid=4294967295 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=(none) ses=4294967295 comm="a" exe="/bin/a"';

function read(text: string, key: string): SandboxCall[] {
  const calls: SandboxCall[] = [];
  const reassembler = new Reassembler({
    completesOn: 'eoe',
    isIndexed: () => false,
    isLone: () => false,
    onEvent: (event) => {
      const call = readSandboxCall(event, { host: HOST, key });
      if (call !== undefined) calls.push(call);
    },
  });
  for (const line of text.split('\n')) {
    const parsed = parseLine(line);
    if (parsed !== null && parsed.kind !== 'malformed') reassembler.push(parsed);
  }
  reassembler.end();
  return calls;
}

/** The `landlock` part of one call with our key. */
function landlock(fields: string, key = 'key="trespass"'): SandboxCall['landlock'] | undefined {
  const line = `type=SYSCALL msg=audit(1795392865.447:152): arch=c000003e ${fields} ${TAIL} ${key}`;
  return read(line, 'trespass')[0]?.landlock;
}

describe('the calls of a captured run', () => {
  const calls = read(readFileSync(CAPTURE, 'latin1'), 'lab');

  it('are told with what they did', () => {
    const told = calls.map(({ process, landlock: { call, ruleset_fd: fd, flags, makes_domain: makes } }) => {
      return `${process?.parent?.pid} ${process?.pid} ${call} ${fd} ${flags}${makes === true ? ' domain' : ''}`;
    });
    expect(told).toEqual([
      '111 175 create_ruleset 3 0',
      '111 175 restrict_self 3 0 domain',
      '111 176 create_ruleset 3 0',
      '111 176 add_rule 3 0',
      '111 176 restrict_self 3 0 domain',
      '176 177 create_ruleset 8 0',
      '176 177 restrict_self 8 0 domain',
      '111 178 create_ruleset 3 0',
      '111 178 restrict_self 3 2 domain',
      '178 179 create_ruleset 3 0',
      '178 179 restrict_self 3 2 domain',
      '179 180 create_ruleset 3 0',
      '179 180 restrict_self 3 2 domain',
      '178 181 create_ruleset 3 0',
      '1 181 restrict_self 3 2 domain',
    ]);
    expect(new Set(calls.map(({ event }) => event.id)).size).toBe(15);
  });

  it('are whole documents', () => {
    expect(calls[3]).toEqual({
      kind: 'sandbox-call',
      '@timestamp': '2026-11-23T00:14:26.039Z',
      event: { id: expect.stringMatching(/^[a-z2-7]{26}$/), sequence: 158, outcome: 'success' },
      host: HOST,
      landlock: { call: 'add_rule', flags: 0, ruleset_fd: 3, rule_type: 'path_beneath' },
      process: {
        pid: 176,
        parent: { pid: 111 },
        name: 'lab',
        executable: '/bin/lab',
        args: ['/bin/lab', 'sc', 'fs_partial'],
      },
      user: { id: '0', effective: { id: '0' } },
      group: { id: '0' },
      syscall: { arch: 'x86_64', name: 'landlock_add_rule', number: 445, exit: 0 },
    });
  });

  it('are nothing where the rule is not ours', () => {
    expect(read(readFileSync(CAPTURE, 'latin1'), 'trespass')).toEqual([]);
  });
});

describe('a call', () => {
  it.each([
    ['syscall=444 success=yes exit=11 a0=0 a1=0 a2=1 a3=0', { call: 'create_ruleset', flags: 1, is_probe: true }],
    ['syscall=444 success=no exit=-22 a0=0 a1=0 a2=0 a3=0', { call: 'create_ruleset', flags: 0 }],
    [
      'syscall=445 success=yes exit=0 a0=3 a1=2 a2=7f a3=0',
      { call: 'add_rule', flags: 0, ruleset_fd: 3, rule_type: 'net_port' },
    ],
    [
      'syscall=445 success=no exit=-22 a0=3 a1=9 a2=7f a3=1',
      { call: 'add_rule', flags: 1, ruleset_fd: 3, rule_type: '9' },
    ],
    [
      'syscall=446 success=yes exit=0 a0=ffffffff a1=4 a2=0 a3=0',
      { call: 'restrict_self', flags: 4, ruleset_fd: -1, makes_domain: false },
    ],
    [
      'syscall=446 success=yes exit=0 a0=ffffffffffffffff a1=4 a2=0 a3=0',
      { call: 'restrict_self', flags: 4, ruleset_fd: -1, makes_domain: false },
    ],
    ['syscall=446 success=no exit=-1 a0=3 a1=0 a2=0 a3=0', { call: 'restrict_self', flags: 0, ruleset_fd: 3 }],
  ])('is read: %s', (fields, expected) => {
    expect(landlock(fields)).toEqual(expected);
  });

  it('is ours also where the rule has further keys', () => {
    const fields = 'syscall=446 success=yes exit=0 a0=3 a1=0 a2=0 a3=0';
    const keys = Buffer.from('other\x01trespass').toString('hex').toUpperCase();
    expect(landlock(fields, `key=${keys}`)).toMatchObject({ call: 'restrict_self' });
    expect(landlock(fields, 'key="trespasser"')).toBeUndefined();
    expect(landlock(fields, 'key=(null)')).toBeUndefined();
  });

  it('is no other system call', () => {
    expect(landlock('syscall=44 success=yes exit=0 a0=446 a1=0 a2=0 a3=0')).toBeUndefined();
  });
});
