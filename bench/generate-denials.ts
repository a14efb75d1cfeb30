// Denials of a fleet over 30 days, as documents: 2,000 hosts, 400 programs each with files of its own (30,000 paths in
// all), few of everything common and many rare. As on a machine, a host runs some of the programs, and a domain is one
// of those with its few children. The same seed gives the same documents.
import type { Denial } from '../src/landlock/document.ts';
import { eventId } from '../src/landlock/event-id.ts';
import { randomSource } from './generate-log.ts';

export const DAYS = 30;
const DAY_MS = 86_400_000;
export const END_MS = Date.UTC(2026, 10, 1);
export const START_MS = END_MS - DAYS * DAY_MS;
const HOSTS = 2_000;
const PROGRAMS = 400;
const PATHS_OF_PROGRAM = 75;
const DOMAINS_OF_HOST = 40;
/** The first of a host's domains are of programs that all hosts run. */
const PROGRAMS_OF_ALL = 10;
const CHILDREN_OF_DOMAIN = 4;

const BLOCKERS: readonly (readonly string[])[] = [
  ['fs.read_file'],
  ['fs.write_file'],
  ['fs.read_dir'],
  ['fs.make_reg'],
  ['fs.execute'],
  ['net.connect_tcp'],
  ['net.bind_tcp'],
];
const SYSCALL = { arch: 'x86_64', name: 'openat', number: 257, exit: -13 };

/** What a batch of the writer takes. */
export interface GeneratedLine {
  readonly doc: Denial;
  readonly raw: string;
}

/** `count` denials, in the order of their times. */
export function* generateDenials(
  count: number,
  startMs = START_MS,
  endMs = END_MS,
  seed = 1423,
): Generator<GeneratedLine> {
  const random = randomSource(seed);
  const rank = (size: number) => Math.min(size - 1, Math.floor(size * random() ** 3));
  const serials = new Uint32Array(HOSTS).fill(100);
  for (let n = 0; n < count; n++) {
    const ms = Math.floor(startMs + ((endMs - startMs) * n) / count);
    const host = rank(HOSTS);
    serials[host] = (serials[host] ?? 0) + 1 + (n % 2);
    const domain = rank(DOMAINS_OF_HOST);
    yield toLine(ms, host, serials[host] ?? 0, { domain, path: rank(PATHS_OF_PROGRAM), random });
  }
}

interface Choice {
  /** Its number among those of the host. */
  readonly domain: number;
  readonly path: number;
  readonly random: () => number;
}

function programOf(host: number, domain: number): number {
  return domain < PROGRAMS_OF_ALL
    ? domain
    : PROGRAMS_OF_ALL + ((host * 31 + domain * 17) % (PROGRAMS - PROGRAMS_OF_ALL));
}

function toLine(ms: number, hostNumber: number, serial: number, choice: Choice): GeneratedLine {
  const { path, random } = choice;
  const program = programOf(hostNumber, choice.domain);
  const host = { id: `host-${hostNumber}`, name: `web-${hostNumber}`, boot: { id: `boot-of-${hostNumber}` } };
  const seconds = Math.floor(ms / 1000);
  const stamp = `${seconds}.${String(ms % 1000).padStart(3, '0')}`;
  const domain = (0x1355a0000 + hostNumber * 1_000 + choice.domain).toString(16);
  // A program is refused the same thing at the same place.
  const blockers = BLOCKERS[(program + path) % BLOCKERS.length] ?? [];
  const isNet = blockers[0]?.startsWith('net.') === true;
  const executable = `/usr/lib/apps/${nameOf(program)}/bin/${nameOf(program)}`;
  const file = `/srv/${nameOf(program)}/${nameOf(path)}/${nameOf(path * 7 + program)}.conf`;
  const parent = 1_000 + ((hostNumber * 37 + choice.domain * 11) % 60_000);
  const pid = parent + 1 + Math.floor(random() * CHILDREN_OF_DOMAIN);
  const uid = String(1_000 + (program % 40));
  const port = 1_024 + ((program * 75 + path) % 20_000);
  const where = isNet ? `daddr=10.0.0.7 dest=${port}` : `path="${file}" dev="vda2" ino=${10_000 + program * 75 + path}`;
  return {
    doc: {
      kind: 'denial',
      '@timestamp': new Date(ms).toISOString(),
      event: {
        id: eventId(host.id, host.boot.id, stamp, serial, 0),
        sequence: serial,
        action: 'violated-landlock-policy',
        outcome: 'failure',
        category: ['intrusion_detection', isNet ? 'network' : 'file'],
        type: ['denied'],
        reason: `${nameOf(program)} (pid ${pid}) was refused ${isNet ? `10.0.0.7:${port}` : file} by Landlock domain ${domain}.`,
      },
      host,
      landlock: {
        domain: { id: domain },
        blockers,
        object: { kind: isNet ? 'socket' : 'file' },
        actor_certainty: 'certain',
      },
      ...(isNet
        ? { destination: { ip: '10.0.0.7', port } }
        : { file: { path: file, device: 'vda2', inode: String(10_000 + program * 75 + path) } }),
      process: {
        pid,
        parent: { pid: parent },
        name: nameOf(program).slice(0, 15),
        executable,
        args: [executable, '-d'],
      },
      user: { id: uid, audit: { id: uid }, effective: { id: uid } },
      group: { id: uid },
      syscall: SYSCALL,
    },
    raw:
      `type=LANDLOCK_ACCESS msg=audit(${stamp}:${serial}): domain=${domain} blockers=${blockers.join()} ${where}\n` +
      `type=SYSCALL msg=audit(${stamp}:${serial}): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c ` +
      `a1=7ffd9b4df064 a2=80000 a3=0 items=0 ppid=${parent} pid=${pid} auid=${uid} uid=${uid} gid=${uid} euid=${uid} ` +
      `suid=${uid} fsuid=${uid} egid=${uid} sgid=${uid} fsgid=${uid} tty=(none) ses=7 comm="${nameOf(program).slice(0, 15)}" ` +
      `exe="${executable}" subj=unconfined key=(null)\n` +
      `type=PROCTITLE msg=audit(${stamp}:${serial}): proctitle="${executable}"`,
  };
}

/** A name of letters: numbers would be taken for what changes from run to run. */
export function nameOf(n: number): string {
  const letters = 'abcdefghijklmnop';
  return `${letters[n & 15] ?? ''}${letters[(n >> 4) & 15] ?? ''}${letters[(n >> 8) & 15] ?? ''}${letters[(n >> 12) & 15] ?? ''}r`;
}
