// A raw audit.log of denial events as auditd writes it today (types as UNKNOWN[n], no EOE lines): varied programs,
// paths and domains, 1 % events with two ACCESS records, 0.1 % lines that are no record. The same seed gives the
// same bytes. As on a machine, a domain is one process with one program, and a program mostly asks for what is its own.
import { closeSync, openSync, writeSync } from 'node:fs';

const BLOCK_BYTES = 1 << 20;
const PROGRAMS = 400;
const PATHS = 30_000;
const DOMAINS = 2_000;
/** Paths that a program asks for mostly, and the share of its denials that they have; the rest may be any path. */
const OWN_PATHS = 300;
const OWN_SHARE = 0.9;

/** Small deterministic generator (mulberry32); values in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Few things are common and many are rare, as on real machines. */
function longTail(random: () => number, size: number): number {
  return Math.min(size - 1, Math.floor(size * random() ** 3));
}

function hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase();
}

interface Kind {
  readonly blockers: string;
  readonly syscall: number;
  readonly exit: number;
  readonly object: 'file' | 'directory' | 'bind' | 'connect' | 'signal';
}

const KINDS: readonly Kind[] = [
  { blockers: 'fs.read_file', syscall: 257, exit: -13, object: 'file' },
  { blockers: 'fs.write_file', syscall: 257, exit: -13, object: 'file' },
  { blockers: 'fs.write_file,fs.read_file', syscall: 257, exit: -13, object: 'file' },
  { blockers: 'fs.read_dir', syscall: 257, exit: -13, object: 'directory' },
  { blockers: 'fs.make_reg', syscall: 257, exit: -13, object: 'directory' },
  { blockers: 'fs.execute', syscall: 59, exit: -13, object: 'file' },
  { blockers: 'net.bind_tcp', syscall: 49, exit: -13, object: 'bind' },
  { blockers: 'net.connect_tcp', syscall: 42, exit: -13, object: 'connect' },
  { blockers: 'scope.signal', syscall: 62, exit: -1, object: 'signal' },
];

function pathField(index: number): string {
  const name = `/srv/data/team-${index % 97}/project-${index % 1013}/file-${index}.dat`;
  // One path in twenty holds a space and is therefore hexadecimal.
  return index % 20 === 0 ? hex(`${name} copy`) : `"${name}"`;
}

function pathOf(program: number, random: () => number): number {
  if (random() >= OWN_SHARE) return longTail(random, PATHS);
  return (program * 73 + longTail(random, OWN_PATHS)) % PATHS;
}

function objectFields(kind: Kind, program: number, random: () => number): string {
  const path = pathOf(program, random);
  switch (kind.object) {
    case 'file':
      return ` path=${pathField(path)} dev="vda2" ino=${100_000 + path}`;
    case 'directory':
      return ` path="/srv/data/team-${path % 97}" dev="vda2" ino=${5_000 + (path % 97)}`;
    case 'bind':
      return ` saddr=127.0.0.1 src=${1_024 + (path % 5_000)}`;
    case 'connect':
      return ` daddr=10.${path % 255}.1.7 dest=${path % 2 ? 443 : 5432}`;
    case 'signal':
      return ` opid=${2 + (path % 30_000)} ocomm="worker-${path % 50}"`;
  }
}

/** Few programs have most of the domains. */
function programOf(domainIndex: number): number {
  return longTail(randomSource(domainIndex), PROGRAMS);
}

interface Clock {
  millis: number;
  serial: number;
}

function eventLines(random: () => number, clock: Clock, known: Set<number>): string {
  clock.serial += 1;
  if (random() < 0.5) clock.millis += 1;
  const stamp = `msg=audit(${Math.floor(clock.millis / 1000)}.${String(clock.millis % 1000).padStart(3, '0')}:${clock.serial})`;
  const domainIndex = longTail(random, DOMAINS);
  const domain = (0x1355a0000 + domainIndex * 9).toString(16);
  const program = programOf(domainIndex);
  const kind = KINDS[longTail(random, KINDS.length)] ?? KINDS[0];
  if (kind === undefined) return '';
  const pid = 300 + (domainIndex % 30_000);
  const exe = `/usr/lib/apps/bin/program-${program}`;
  let lines = `type=UNKNOWN[1423] ${stamp}: domain=${domain} blockers=${kind.blockers}${objectFields(kind, program, random)}\n`;
  if (!known.has(domainIndex)) {
    known.add(domainIndex);
    lines += `type=UNKNOWN[1424] ${stamp}: domain=${domain} status=allocated mode=enforcing pid=${pid} uid=1000 exe="/usr/bin/launcher" comm="launcher"\n`;
  }
  if (random() < 0.01) {
    lines += `type=UNKNOWN[1423] ${stamp}: domain=${domain} blockers=fs.refer path="/srv/data/other" dev="vda2" ino=77\n`;
  }
  lines += `type=SYSCALL ${stamp}: arch=c000003e syscall=${kind.syscall} success=no exit=${kind.exit} a0=ffffff9c a1=7ffd9b4df064 a2=80000 a3=0 items=0 ppid=${pid - 1} pid=${pid} auid=1000 uid=1000 gid=1000 euid=1000 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts${program % 9} ses=${1 + (program % 40)} comm="program-${program}" exe="${exe}" subj=unconfined key=(null)\n`;
  lines += `type=PROCTITLE ${stamp}: proctitle=${hex(`${exe}\0--job\0${domainIndex}`)}\n`;
  if (random() < 0.001) lines += `type=UNKNOWN[1423] ${stamp} domain=${domain} this line is torn\n`;
  return lines;
}

/** Writes `events` denial events to `path`; answers the file's size in bytes. */
export function generateLog(path: string, events: number, seed = 1423): number {
  const random = randomSource(seed);
  const clock: Clock = { millis: 1_795_000_000_000, serial: 1_000 };
  const known = new Set<number>();
  const file = openSync(path, 'w');
  let bytes = 0;
  let block = '';
  for (let i = 0; i < events; i += 1) {
    block += eventLines(random, clock, known);
    if (block.length >= BLOCK_BYTES) {
      bytes += writeSync(file, block);
      block = '';
    }
  }
  bytes += writeSync(file, block);
  closeSync(file);
  return bytes;
}
