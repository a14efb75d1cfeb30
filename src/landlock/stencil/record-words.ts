// The words of the kernel's and auditd's lines around which a denial's event is scanned.
import { HOLE } from './holes.ts';

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The ways to begin a line that have no other meaning, by what follows. */
export const ACCESS_LINES = ['type=UNKNOWN[1423] msg=audit(', 'type=LANDLOCK_ACCESS msg=audit('].map(ascii);
export const DOMAIN_LINES = ['type=UNKNOWN[1424] msg=audit(', 'type=LANDLOCK_DOMAIN msg=audit('].map(ascii);
export const SYSCALL_LINE = ascii('type=SYSCALL msg=audit(');
export const PROCTITLE_LINE = ascii('type=PROCTITLE msg=audit(');

export const DOMAIN = ascii('domain=');
export const BLOCKERS = ascii(' blockers=');
export const ALLOCATED = ascii(' status=allocated mode=');
export const PID = ascii(' pid=');
export const PARENT = ascii(' ppid=');
export const ITEMS = ascii(' items=');
export const UID = ascii(' uid=');
export const TTY = ascii(' tty=');
export const SESSION = ascii(' ses=');
export const COMM = ascii(' comm=');
export const EXE = ascii(' exe=');
export const ARGUMENTS = ascii('proctitle=');

/** Fields of an access whose values are holes where they can be, by name. */
export const FIELDS: readonly (readonly [name: Uint8Array, hole: number])[] = (
  [
    ['path', HOLE.text],
    ['ino', HOLE.inode],
    ['src', HOLE.port],
    ['dest', HOLE.port],
    ['saddr', HOLE.address],
    ['daddr', HOLE.address],
    ['opid', HOLE.number],
    ['ocomm', HOLE.text],
  ] as const
).map(([name, hole]) => [ascii(name), hole]);
