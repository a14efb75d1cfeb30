// Preset dictionaries for deflate: text that nearly every event contains, so that a block of one event compresses
// nearly as well as one of hundreds. A dictionary that blocks were written with is never changed: a better one gets
// the next number. The most frequent text stands last, where zlib reaches it with the shortest distances.

const DICTIONARIES: readonly Buffer[] = [
  Buffer.from(
    [
      'type=CWD msg=audit(17: cwd="/root"\ntype=PATH msg=audit(17: item=0 name="/usr/bin/" inode=1 dev=fe:00 mode=0100755 ',
      'ouid=0 ogid=0 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\n',
      'type=LANDLOCK_DOMAIN msg=audit(17: domain=1 status=deallocated denials=1\n',
      'opid=1 ocomm="systemd" blockers=scope.signal blockers=scope.abstract_unix_socket path=00 ',
      'blockers=ptrace blockers=net.bind_tcp src=80 blockers=net.connect_tcp daddr=127.0.0.1 dest=443 ',
      'fs.make_dir,fs.refer fs.remove_file fs.remove_dir fs.make_char fs.make_block fs.make_fifo fs.make_sock fs.make_sym ',
      'fs.truncate fs.ioctl_dev ioctlcmd=0x5401 fs.execute fs.read_dir path="/proc/ path="/var/lib/ path="/run/user/1000/ ',
      'path="/usr/lib/x86_64-linux-gnu/ path="/dev/ path="/etc/ path="/home/ path="/tmp/ dev="tmpfs" dev="sda1" dev="vda1" ',
      'exit=-1 tty=pts0 ses=1 auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 ',
      'type=LANDLOCK_ACCESS msg=audit(17: domain=1 blockers=fs.write_file,fs.make_reg path="/" dev="nvme0n1p2" ino=2621763\n',
      'type=LANDLOCK_DOMAIN msg=audit(17: domain=1 status=allocated mode=enforcing pid=10 uid=0 exe="/usr/bin/" comm="\n',
      'type=LANDLOCK_ACCESS msg=audit(17: domain=1 blockers=fs.read_file path="/etc/passwd" dev="vda2" ino=1\n',
      'type=SYSCALL msg=audit(17: arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7ff a2=0 a3=0 items=0 ppid=1 ',
      'pid=1 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 ',
      'comm="" exe="/usr/bin/" subj=unconfined key=(null)\ntype=PROCTITLE msg=audit(17: proctitle="/usr/bin/"\n',
      'type=EOE msg=audit(17: ',
    ].join(''),
    'latin1',
  ),
];

/** What new blocks are written with. */
export const rawDictionaryLatest = 1;

/** By number, from 1. Throws for a number of a newer version, which opening has already refused. */
export function rawDictionary(number: number): Buffer {
  const dictionary = DICTIONARIES[number - 1];
  if (dictionary === undefined) throw new Error(`there is no dictionary ${number}`);
  return dictionary;
}
