// Every form of object that a LANDLOCK_ACCESS record can have, each as one event.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUntrusted } from '../../src/audit/untrusted-string.ts';
import { BLOCKERS } from '../../src/landlock/blockers.ts';
import type { Denial } from '../../src/landlock/document.ts';
import { decodeText, TEST_HOST } from '../support/decode-text.ts';

const STAMP = 'msg=audit(1772359200.268:30)';
const CALL =
  'arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7fff a2=0 a3=0 items=0 ppid=272 pid=289 auid=0 uid=0 ' +
  'gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm="sh" exe="/usr/bin/bash" key=(null)';

function denialOf(body: string, call: string | null = CALL, more: readonly string[] = []): Denial {
  const lines = [`type=LANDLOCK_ACCESS ${STAMP}: ${body}`];
  if (call !== null) lines.push(`type=SYSCALL ${STAMP}: ${call}`);
  const { denials, counts } = decodeText([...lines, ...more].join('\n'));
  expect(counts.malformed).toBe(0);
  expect(denials).toHaveLength(1);
  return denials[0] as Denial;
}

function about(body: string): Partial<Denial> {
  const { file, source, destination, landlock } = denialOf(`domain=1 ${body}`);
  const { object, target, unknown_fields } = landlock;
  return JSON.parse(JSON.stringify({ object, target, unknown_fields, file, source, destination })) as Partial<Denial>;
}

it('is the whole document of the contract', () => {
  const proctitle = `type=PROCTITLE ${STAMP}: proctitle=7368002D63006563686F2068690A`;
  const denial = denialOf('domain=195ba459b blockers=fs.make_reg,fs.refer path="/usr/local" dev="vda2" ino=365', CALL, [
    proctitle,
  ]);
  expect(denial).toEqual({
    kind: 'denial',
    '@timestamp': '2026-03-01T10:00:00.268Z',
    event: {
      id: expect.stringMatching(/^[a-z2-7]{26}$/),
      sequence: 30,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: ['intrusion_detection', 'file'],
      type: ['denied'],
      reason:
        'sh (pid 289) was not allowed to create a regular file and link or rename a file across directories in ' +
        '/usr/local (the record names the parent directory, not the file itself) by Landlock domain 195ba459b.',
    },
    host: TEST_HOST,
    landlock: {
      domain: { id: '195ba459b' },
      blockers: ['fs.make_reg', 'fs.refer'],
      object: { kind: 'file' },
      actor_certainty: 'certain',
    },
    file: { path: '/usr/local', device: 'vda2', inode: '365' },
    process: {
      pid: 289,
      parent: { pid: 272 },
      name: 'sh',
      executable: '/usr/bin/bash',
      args: ['sh', '-c', 'echo hi\n'],
      tty: 'pts0',
      session_id: 1,
    },
    user: { id: '0', audit: { id: '0' }, effective: { id: '0' } },
    group: { id: '0' },
    syscall: { arch: 'x86_64', name: 'openat', number: 257, exit: -13 },
  });
});

describe('the object', () => {
  it.each<[string, unknown]>([
    [
      'blockers=fs.read_dir path="/tmp/d" dev="tmpfs" ino=2',
      { object: { kind: 'directory' }, file: { path: '/tmp/d', device: 'tmpfs', inode: '2' } },
    ],
    [
      'blockers=fs.ioctl_dev path="/dev/null" dev="devtmpfs" ino=4 ioctlcmd=0x5401',
      {
        object: { kind: 'device', ioctl_command: '0x5401' },
        file: { path: '/dev/null', device: 'devtmpfs', inode: '4' },
      },
    ],
    [
      'blockers=fs.resolve_unix path="/tmp/sock" dev="tmpfs" ino=18446744073709551615',
      { object: { kind: 'socket' }, file: { path: '/tmp/sock', device: 'tmpfs', inode: '18446744073709551615' } },
    ],
    [
      'blockers=fs.change_topology name="/" dev="tmpfs" ino=1',
      { object: { kind: 'mount' }, file: { name: '/', device: 'tmpfs', inode: '1' } },
    ],
    [
      'blockers=net.bind_tcp saddr=127.0.0.1 src=8080',
      { object: { kind: 'socket' }, source: { ip: '127.0.0.1', port: 8080 } },
    ],
    ['blockers=net.bind_tcp src=8080', { object: { kind: 'socket' }, source: { port: 8080 } }],
    ['blockers=net.bind_tcp', { object: { kind: 'socket' } }],
    ['blockers=net.bind_udp saddr=::1', { object: { kind: 'socket' }, source: { ip: '::1' } }],
    [
      'blockers=net.bind_tcp laddr=::1 lport=4 saddr=::1 src=5',
      { object: { kind: 'socket', bound: { ip: '::1', port: 4 } }, source: { ip: '::1', port: 5 } },
    ],
    [
      'blockers=net.connect_tcp daddr=::ffff:10.1.2.3 dest=8443',
      { object: { kind: 'socket' }, destination: { ip: '::ffff:10.1.2.3', port: 8443 } },
    ],
    [
      'blockers=net.connect_tcp laddr=127.0.0.1 lport=4000 daddr=127.0.0.1 dest=443',
      {
        object: { kind: 'socket' },
        source: { ip: '127.0.0.1', port: 4000 },
        destination: { ip: '127.0.0.1', port: 443 },
      },
    ],
    [
      'blockers=net.connect_send_udp laddr=::1 lport=4001 faddr=::2 fport=9',
      { object: { kind: 'socket', connected: { ip: '::2', port: 9 } }, source: { ip: '::1', port: 4001 } },
    ],
    [
      'blockers=scope.abstract_unix_socket path=006C61622D616273206E616D65',
      { object: { kind: 'abstract-unix-socket', name: '@lab-abs name' }, file: { path: '\0lab-abs name' } },
    ],
    ['blockers=scope.abstract_unix_socket', { object: { kind: 'abstract-unix-socket' } }],
    [
      'blockers=scope.signal opid=1 ocomm="init"',
      { object: { kind: 'process' }, target: { process: { pid: 1, name: 'init' } } },
    ],
    ['blockers=scope.signal', { object: { kind: 'process' } }],
    [
      'blockers=ptrace opid=131 ocomm=6120C3A9',
      { object: { kind: 'process' }, target: { process: { pid: 131, name: 'a é' } } },
    ],
    [
      'blockers=namespace.use namespace_type=0x10000000 namespace_id=0',
      { object: { kind: 'namespace', namespace: { type: '0x10000000' } } },
    ],
    [
      'blockers=namespace.use namespace_type=0x40000000 namespace_id=4026531840',
      { object: { kind: 'namespace', namespace: { type: '0x40000000', id: '4026531840' } } },
    ],
    [
      'blockers=capability.use capability=21 ',
      { object: { kind: 'capability', capability: { number: 21, name: 'CAP_SYS_ADMIN' } } },
    ],
    ['blockers=capability.use capability=99', { object: { kind: 'capability', capability: { number: 99 } } }],
    ['blockers=fs.new_right path="/x"', { object: { kind: 'file' }, file: { path: '/x' } }],
    ['blockers=strange', { object: { kind: 'other' } }],
  ])('of %s', (body, expected) => {
    expect(about(body)).toEqual(expected);
  });

  it('never turns a field into another by its looks', () => {
    expect(denialOf('domain=deadbeef blockers=fs.read_file path=2F61 dev=7664 ino=12')).toMatchObject({
      landlock: { domain: { id: 'deadbeef' } },
      file: { path: '/a', device: 'vd', inode: '12' },
    });
    expect(about('blockers=net.bind_tcp saddr=1234').source).toEqual({ ip: '1234' });
    expect(about('blockers=scope.signal opid=1 ocomm="41"').landlock).toBeUndefined();
  });

  it('keeps the exact bytes of a path that is not UTF-8', () => {
    expect(about('blockers=fs.read_file path=2F746D702FFFFE').file).toEqual({
      path: '/tmp/\ufffd\ufffd',
      path_raw: Buffer.from('/tmp/\xff\xfe', 'latin1').toString('base64'),
    });
  });

  it('knows the kernel words for no path from paths', () => {
    expect(about('blockers=fs.read_file path="<too_long>" dev="vda" ino=1')).toEqual({
      object: { kind: 'file' },
      file: { device: 'vda', inode: '1' },
      unknown_fields: [{ record: 'LANDLOCK_ACCESS', name: 'path', value: '"<too_long>"' }],
    });
    expect(about('blockers=fs.read_file path="/tmp/(null)"').file).toEqual({ path: '/tmp/(null)' });
  });

  it('gives back any path that the kernel writes', () => {
    const path = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((array) => Buffer.from(array).toString('latin1'));
    fc.assert(
      fc.property(path, (bytes) => {
        fc.pre(bytes !== '<too_long>' && bytes !== '<no_memory>');
        const { file } = denialOf(`domain=1 blockers=fs.read_file path=${encodeUntrusted(bytes)} dev="x" ino=1`);
        const exact = file?.path_raw ?? Buffer.from(file?.path ?? '').toString('base64');
        expect(Buffer.from(exact, 'base64').toString('latin1')).toBe(bytes);
      }),
    );
  });
});

describe('what this version does not know', () => {
  it('is kept: blockers, fields, words', () => {
    const { landlock } = denialOf('domain=1 blockers=fs.read_file,fs.teleport path="/x" depth=3 layer="a b" odd');
    expect(landlock.blockers).toEqual(['fs.read_file', 'fs.teleport']);
    expect(landlock.unknown_fields).toEqual([
      { record: 'LANDLOCK_ACCESS', name: 'depth', value: '3' },
      { record: 'LANDLOCK_ACCESS', name: 'layer', value: '"a b"' },
      { record: 'LANDLOCK_ACCESS', name: '', value: 'odd' },
    ]);
  });

  it('may stand before what it knows', () => {
    const { landlock, file } = denialOf('domain=1 parent=2 blockers=fs.read_file path="/x"');
    expect(landlock).toMatchObject({
      domain: { id: '1' },
      blockers: ['fs.read_file'],
      unknown_fields: [{ record: 'LANDLOCK_ACCESS', name: 'parent', value: '2' }],
    });
    expect(file).toEqual({ path: '/x' });
  });

  it('is kept from the SYSCALL record too, in whatever order its fields come', () => {
    const { landlock, process } = denialOf(
      'domain=1 blockers=fs.read_file',
      'cgroup=7 pid=5 subj=profile (enforce) comm="x"',
    );
    expect(landlock.unknown_fields).toEqual([{ record: 'SYSCALL', name: 'cgroup', value: '7' }]);
    expect(process).toEqual({ pid: 5, name: 'x' });
  });

  it('does not include what a forwarder made of the record', () => {
    const { landlock, source } = denialOf(
      'domain=1 blockers=net.bind_tcp saddr=1.2.3.4 SADDR={ saddr_fam=ash laddr=9 }',
    );
    expect(landlock.unknown_fields).toBeUndefined();
    expect(source).toEqual({ ip: '1.2.3.4' });
  });
});

describe('a record that is no denial', () => {
  it.each([
    '',
    'domain=1',
    'domain=1 blockers=',
    'domain=XYZ blockers=fs.read_file',
    'domain=12345678901234567 blockers=fs.read_file',
    'blockers=fs.read_file',
    'domain=1 blockers=fs.read_file path="/open',
  ])('is malformed with its text: %j', (body) => {
    const { documents, counts } = decodeText(`type=LANDLOCK_ACCESS ${STAMP}: ${body}`);
    expect(counts).toMatchObject({ malformed: 1, denials: 0, records: 1 });
    expect(documents).toMatchObject([{ kind: 'malformed', text: `type=LANDLOCK_ACCESS ${STAMP}: ${body}` }]);
  });
});

describe('the actor', () => {
  function certainty(body: string, call: string | null): string {
    return denialOf(`domain=1 ${body}`, call).landlock.actor_certainty;
  }
  const by = (number: number): string => CALL.replace('syscall=257', `syscall=${number}`);

  it.each<[string, string | null, string]>([
    ['blockers=fs.read_file path="/x"', CALL, 'certain'],
    ['blockers=fs.read_file path="/x"', null, 'absent'],
    ['blockers=fs.truncate path="/x"', by(76), 'certain'],
    ['blockers=fs.truncate path="/x"', by(77), 'may_be_outside'],
    ['blockers=fs.write_file,fs.truncate path="/x"', by(77), 'may_be_outside'],
    ['blockers=fs.ioctl_dev path="/dev/null" ioctlcmd=0x5401', by(16), 'may_be_outside'],
    ['blockers=scope.signal opid=1 ocomm="init"', by(62), 'certain'],
    ['blockers=scope.signal opid=1 ocomm="init"', by(1), 'may_be_outside'],
    ['blockers=ptrace opid=131 ocomm="lab"', by(101), 'certain'],
    ['blockers=ptrace opid=289 ocomm="sh"', by(101), 'may_be_outside'],
    ['blockers=fs.read_file path="/x"', by(426), 'may_be_outside'],
    ['blockers=fs.read_file path="/x"', by(9999), 'certain'],
    ['blockers=fs.new_right path="/x"', CALL, 'may_be_outside'],
  ])('of %s is %s: %s', (body, call, expected) => {
    expect(certainty(body, call)).toBe(expected);
  });

  it('is said to be doubtful in the sentence', () => {
    expect(denialOf('domain=a1 blockers=fs.truncate path="/x"', by(77)).event.reason).toBe(
      'sh (pid 289) was not allowed to truncate /x by Landlock domain a1; the process that is named need not be inside ' +
        'that domain.',
    );
  });

  it('leaves out what is not set', () => {
    const call =
      'arch=c000003e syscall=257 success=yes a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=2 auid=4294967295 uid=1000 gid=1000 ' +
      'euid=0 suid=1 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 comm="x" exe=(null) subj=? key="a"';
    const { process, user, group, syscall, event } = denialOf('domain=1 blockers=fs.read_file path="/x"', call);
    expect(process).toEqual({ pid: 2, parent: { pid: 1 }, name: 'x' });
    expect(user).toEqual({ id: '1000', effective: { id: '0' }, saved: { id: '1' } });
    expect(group).toEqual({ id: '1000' });
    expect(syscall).toEqual({ arch: 'x86_64', name: 'openat', number: 257 });
    expect(event.outcome).toBe('failure');
  });

  it('comes from URINGOP where io_uring has no system call', () => {
    const call =
      'uring_op=18 success=yes exit=0 items=0 ppid=110 pid=130 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 ' +
      'subj=unconfined key=(null)';
    const denial = denialOf('domain=1 blockers=fs.read_dir path="/"', null, [`type=URINGOP ${STAMP}: ${call}`]);
    expect(denial.landlock.actor_certainty).toBe('may_be_outside');
    expect(denial.process).toEqual({ pid: 130, parent: { pid: 110 } });
    expect(denial.syscall).toBeUndefined();
  });

  it('comes with what audit rules add', () => {
    const denial = denialOf('domain=1 blockers=fs.make_reg path="/tmp"', CALL, [
      `type=CWD ${STAMP}: cwd=2F746D702F6120`,
      `type=PATH ${STAMP}: item=0 name="/tmp/" inode=2 dev=00:21 mode=041777 nametype=PARENT cap_fp=0`,
      `type=PATH ${STAMP}: item=1 name=(null) nametype=CREATE cap_fp=?`,
    ]);
    expect(denial.process?.working_directory).toBe('/tmp/a ');
    expect(denial.landlock.object.entries).toEqual([
      { name: '/tmp/', inode: '2', device: '00:21', type: 'PARENT' },
      { type: 'CREATE' },
    ]);
  });

  it('keeps empty arguments, and an exit beyond 2^53 is left out', () => {
    const denial = denialOf('domain=1 blockers=fs.read_file', CALL.replace('exit=-13', 'exit=9223372036854775807'), [
      `type=PROCTITLE ${STAMP}: proctitle=61000062`,
    ]);
    expect(denial.process?.args).toEqual(['a', '', 'b']);
    expect(denial.syscall?.exit).toBeUndefined();
  });
});

describe('the sentence', () => {
  it('exists for every blocker and object, without a gap', () => {
    for (const { name } of BLOCKERS) {
      for (const object of [
        '',
        ' path="/p"',
        ' name="n"',
        ' opid=5',
        ' daddr=1.1.1.1 dest=5 saddr=2.2.2.2',
        ' capability=1',
      ]) {
        const { reason } = denialOf(`domain=1 blockers=${name}${object}`).event;
        expect(reason).toMatch(/^sh \(pid 289\) was not allowed to \S.*\S by Landlock domain 1(?:;.*)?\.$/);
        expect(reason).not.toMatch(/undefined| {2}/);
      }
    }
  });

  it.each([
    ['blockers=fs.write_file,fs.read_file path="/tmp/f"', 'write to and read /tmp/f'],
    ['blockers=net.bind_tcp src=80', 'bind a TCP socket to port 80'],
    ['blockers=net.bind_tcp', 'bind a TCP socket to any port of any address'],
    ['blockers=net.connect_tcp daddr=::1 dest=443', 'connect over TCP to [::1]:443'],
    ['blockers=net.connect_send_udp laddr=::1 lport=1', 'send over UDP to an address that the record does not name'],
    ['blockers=scope.abstract_unix_socket path=0061', 'connect to the abstract Unix socket @a'],
    ['blockers=ptrace opid=131 ocomm="lab"', 'trace or inspect lab (pid 131)'],
    ['blockers=namespace.use namespace_type=0x10000000 namespace_id=0', 'use a new user namespace'],
    ['blockers=capability.use capability=21', 'use CAP_SYS_ADMIN'],
    ['blockers=fs.change_topology name="mnt"', 'mount, unmount or move the entry named mnt'],
    ['blockers=fs.teleport path="/x"', 'do what fs.teleport stands for (this version does not know) on /x'],
  ])('of %s', (body, deed) => {
    expect(denialOf(`domain=1 ${body}`).event.reason).toContain(`was not allowed to ${deed}`);
  });

  it('shows characters that do not show, and names nobody where nobody is named', () => {
    expect(denialOf('domain=1 blockers=fs.read_file path=2F610A1B62E280AE', null).event.reason).toBe(
      String.raw`A process that the records do not name was not allowed to read /a\u{a}\u{1b}b\u{202e} by Landlock domain 1.`,
    );
  });
});
