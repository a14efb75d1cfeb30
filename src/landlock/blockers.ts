// What the items of `blockers=` are (include/linux/landlock.h, security/landlock/audit.c get_blocker). An open set:
// an unknown name has the class of its prefix and no entry here, and is kept as it is.

/** The family of a blocker: what a record about it can hold. */
export type BlockerClass = 'fs' | 'net' | 'scope' | 'ptrace' | 'namespace' | 'capability' | 'other';

/** One blocker of the kernel. */
export interface Blocker {
  readonly name: string;
  readonly class: BlockerClass;
  /** The Landlock ABI that brought it. Denials are logged since ABI 7 for all of them. */
  readonly abi: number;
  /** What the program wanted, for people: "read a file". */
  readonly meaning: string;
  /** The verb phrase that goes before the object: "read". */
  readonly verb: string;
  /** Whether the record's path is the directory in which the verb was to happen, not the file itself. */
  readonly inDirectory: boolean;
  /** The kind of thing acted on, for `landlock.object.kind`. */
  readonly object: string;
}

function fs(name: string, abi: number, verb: string, object = 'file', meaning = `${verb} a file`): Blocker {
  return { name: `fs.${name}`, class: 'fs', abi, meaning, verb, inDirectory: false, object };
}

function inDirectory(name: string, abi: number, verb: string, object: string): Blocker {
  return { name: `fs.${name}`, class: 'fs', abi, meaning: verb, verb, inDirectory: true, object };
}

function other(name: string, of: BlockerClass, abi: number, verb: string, object: string, meaning = verb): Blocker {
  return { name, class: of, abi, meaning, verb, inDirectory: false, object };
}

/** All blockers of ABI 1 to 12, the implicit ones (`fs.change_topology`, `ptrace`) too, in the kernel's order. */
export const BLOCKERS: readonly Blocker[] = [
  fs('execute', 1, 'execute'),
  fs('write_file', 1, 'write to'),
  fs('read_file', 1, 'read'),
  fs('read_dir', 1, 'list', 'directory', 'list a directory'),
  inDirectory('remove_dir', 1, 'remove a directory', 'directory'),
  inDirectory('remove_file', 1, 'remove a file', 'file'),
  inDirectory('make_char', 1, 'create a character device', 'device'),
  inDirectory('make_dir', 1, 'create a directory', 'directory'),
  inDirectory('make_reg', 1, 'create a regular file', 'file'),
  inDirectory('make_sock', 1, 'create a Unix socket', 'socket'),
  inDirectory('make_fifo', 1, 'create a named pipe', 'file'),
  inDirectory('make_block', 1, 'create a block device', 'device'),
  inDirectory('make_sym', 1, 'create a symbolic link', 'file'),
  inDirectory('refer', 2, 'link or rename a file across directories', 'file'),
  fs('truncate', 3, 'truncate'),
  fs('ioctl_dev', 5, 'send an ioctl command to', 'device', 'send an ioctl command to a device'),
  fs('resolve_unix', 9, 'connect to the Unix socket', 'socket', 'connect to a Unix socket by its path'),
  fs('change_topology', 1, 'mount, unmount or move', 'mount', 'change what is mounted where'),
  other('net.bind_tcp', 'net', 4, 'bind a TCP socket to', 'socket', 'bind a TCP socket to a port'),
  other('net.connect_tcp', 'net', 4, 'connect over TCP to', 'socket', 'connect a TCP socket to a port'),
  other('net.bind_udp', 'net', 10, 'bind a UDP socket to', 'socket', 'bind a UDP socket to a port'),
  other('net.connect_send_udp', 'net', 10, 'send over UDP to', 'socket', 'connect or send over UDP to a port'),
  other(
    'scope.abstract_unix_socket',
    'scope',
    6,
    'connect to the abstract Unix socket',
    'abstract-unix-socket',
    'connect to an abstract Unix socket made outside its domain',
  ),
  other('scope.signal', 'scope', 6, 'send a signal to', 'process', 'send a signal to a process outside its domain'),
  other('ptrace', 'ptrace', 1, 'trace or inspect', 'process', 'trace or inspect a process outside its domain'),
  other('namespace.use', 'namespace', 12, 'use', 'namespace', 'create or enter a namespace'),
  other('capability.use', 'capability', 12, 'use', 'capability', 'use a capability'),
];

const byName = new Map<string, Blocker>(BLOCKERS.map((blocker) => [blocker.name, blocker]));

/** What is known of a blocker; undefined for one that this version has not heard of. */
export function findBlocker(name: string): Blocker | undefined {
  return byName.get(name);
}

/** The class of a blocker, known or not. */
export function blockerClass(name: string): BlockerClass {
  const known = byName.get(name);
  if (known !== undefined) return known.class;
  const dot = name.indexOf('.');
  switch (dot === -1 ? name : name.slice(0, dot)) {
    case 'fs':
      return 'fs';
    case 'net':
      return 'net';
    case 'scope':
      return 'scope';
    case 'ptrace':
      return 'ptrace';
    case 'namespace':
      return 'namespace';
    case 'capability':
      return 'capability';
    default:
      return 'other';
  }
}

const SUBJECT_TRAPS = new Set(['fs.truncate', 'fs.ioctl_dev', 'scope.signal', 'ptrace']);

/** Whether the domain in a record with this blocker can be another task's than the caller's (see certainty.ts). */
export function isSubjectTrap(name: string): boolean {
  return SUBJECT_TRAPS.has(name) || !byName.has(name);
}
