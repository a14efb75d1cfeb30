// What each access right is about and where people stumble over it, after Documentation/userspace-api/landlock.rst and
// security/landlock of Linux 7.3 (7.4-rc1 for namespaces and capabilities).

import { findBlocker } from '../blockers.ts';
import { shown } from '../phrase.ts';

/** What one blocker means. */
export interface Meaning {
  readonly blocker: string;
  readonly text: string;
  /** The Landlock ABI that brought it; absent for a blocker that this version does not know. */
  readonly since_abi?: number;
  /** What is easily overlooked about it. */
  readonly traps: readonly string[];
}

interface Words {
  readonly text: string;
  readonly traps: readonly string[];
}

const AT_OPEN =
  'Checked when the file is opened: what was open before the sandbox began, or was handed in, is not refused.';
const MOVES = 'A rename or a hard link into a directory counts as creating there, and a rename out of it as removing.';
const NO_ADDRESS = 'Rules know ports only: no address, no host name, no interface.';
const NO_RULE = 'No rule can allow it; only a sandbox without this restriction does.';

function creation(what: string, ...traps: readonly string[]): Words {
  return { text: `Creating ${what} in a directory, or moving or linking one there.`, traps: [MOVES, ...traps] };
}

const WORDS: ReadonlyMap<string, Words> = new Map<string, Words>([
  [
    'fs.execute',
    {
      text: 'Running a file as a program.',
      traps: [
        'The interpreter of a script and the dynamic loader of a binary must be allowed too.',
        'The kernel reads what it executes: where fs.read_file is restricted, it is needed as well.',
        'Mapping a library as executable is not checked; it only has to be readable.',
      ],
    },
  ],
  [
    'fs.write_file',
    {
      text: 'Opening a file for writing.',
      traps: [
        AT_OPEN,
        'Emptying it on opening needs fs.truncate too (ABI 3), and creating it needs fs.make_reg on its directory.',
      ],
    },
  ],
  [
    'fs.read_file',
    {
      text: 'Opening a file for reading.',
      traps: [
        AT_OPEN,
        'Attributes are not protected by it: stat, chmod, chown and extended attributes are not checked by Landlock.',
      ],
    },
  ],
  [
    'fs.read_dir',
    {
      text: 'Opening a directory and listing what is in it.',
      traps: ['Passing through a directory to a file below it is not checked; only listing is.'],
    },
  ],
  ['fs.remove_dir', { text: 'Removing an empty directory from its parent, or renaming it.', traps: [MOVES] }],
  ['fs.remove_file', { text: 'Removing a file from its directory, or renaming it.', traps: [MOVES] }],
  ['fs.make_char', creation('a character device', 'The kernel asks for CAP_MKNOD besides.')],
  ['fs.make_dir', creation('a directory')],
  ['fs.make_reg', creation('a regular file', 'Writing to the new file needs fs.write_file as well.')],
  ['fs.make_sock', creation('a Unix socket', 'This is what binding a Unix socket to a path does.')],
  ['fs.make_fifo', creation('a named pipe')],
  ['fs.make_block', creation('a block device', 'The kernel asks for CAP_MKNOD besides.')],
  ['fs.make_sym', creation('a symbolic link', 'What the link points to is not checked when it is made.')],
  [
    'fs.refer',
    {
      text: 'Linking or renaming a file from one directory to another.',
      traps: [
        'Both directories need it, and the file must not gain rights by the move that it did not have before.',
        'Every sandbox that restricts the file system refuses it unless a rule allows it, even one that never heard of it.',
        'Where it alone is missing the program gets EXDEV, as between file systems; mv then copies and removes.',
      ],
    },
  ],
  [
    'fs.truncate',
    {
      text: 'Changing the length of a file: truncate, ftruncate, and opening with O_TRUNC or creat.',
      traps: [
        'Opening with O_TRUNC needs fs.write_file as well.',
        'ftruncate asks what was allowed when the file was opened, whoever has its descriptor now.',
      ],
    },
  ],
  [
    'fs.ioctl_dev',
    {
      text: 'Sending ioctl commands to a character or block device.',
      traps: [
        'It holds for devices that were opened after the sandbox began: inherited terminals are not affected.',
        'It stays with the descriptor: who is handed one is refused by the sandbox of who opened it.',
        'A few commands that concern the descriptor itself, such as FIOCLEX and FIONBIO, are always allowed.',
      ],
    },
  ],
  [
    'fs.resolve_unix',
    {
      text: 'Connecting or sending to a Unix socket by its path.',
      traps: ['Only sockets made outside the domain are meant: those that the domain made itself stay open to it.'],
    },
  ],
  [
    'fs.change_topology',
    {
      text: 'Mounting, unmounting, moving a mount or changing the root directory.',
      traps: [
        NO_RULE,
        'Every sandbox that restricts anything in the file system refuses it, even inside namespaces of its own.',
      ],
    },
  ],
  [
    'net.bind_tcp',
    {
      text: 'Binding a TCP socket to a local port.',
      traps: [NO_ADDRESS, 'A rule for port 0 allows what asks the kernel for any free port.'],
    },
  ],
  ['net.connect_tcp', { text: 'Connecting a TCP socket to a remote port.', traps: [NO_ADDRESS] }],
  [
    'net.bind_udp',
    {
      text: 'Binding a UDP socket to a local port.',
      traps: [
        NO_ADDRESS,
        'Sending from a socket that is not bound makes the kernel bind it: that needs a rule for port 0.',
      ],
    },
  ],
  [
    'net.connect_send_udp',
    {
      text: 'Connecting a UDP socket to a remote port, or sending to one.',
      traps: [NO_ADDRESS, 'Looking up names over UDP needs port 53, or whichever port the resolver has.'],
    },
  ],
  [
    'scope.abstract_unix_socket',
    {
      text: 'Connecting or sending to an abstract Unix socket that a process outside the domain made.',
      traps: ['No rule makes exceptions for single sockets: the sandbox has this scope, or has it not.'],
    },
  ],
  [
    'scope.signal',
    {
      text: 'Sending a signal to a process outside the domain.',
      traps: [
        'No rule makes exceptions for single processes or signals; asking with signal 0 whether a process is there counts too.',
        'Signals to the domain itself and to domains inside it are allowed.',
      ],
    },
  ],
  [
    'ptrace',
    {
      text: 'Tracing or inspecting a process: ptrace, and what asks for the same right, such as /proc/PID/mem.',
      traps: [
        NO_RULE,
        'What counts is descent: a process may inspect those in its own domain and in domains inside it, no others.',
      ],
    },
  ],
  [
    'namespace.use',
    {
      text: 'Creating a namespace of this type, or entering one.',
      traps: ['Linux 7.4 is not released: what is said here is from its candidates.'],
    },
  ],
  [
    'capability.use',
    {
      text: 'Using a capability that the process otherwise has.',
      traps: ['Linux 7.4 is not released: what is said here is from its candidates.'],
    },
  ],
]);

/** What a blocker means. Any name has an answer. */
export function meaningOf(blocker: string): Meaning {
  const words = WORDS.get(blocker);
  const known = findBlocker(blocker);
  if (words === undefined || known === undefined) {
    return { blocker: shown(blocker), text: 'This version of Trespass does not know this restriction.', traps: [] };
  }
  return { blocker, text: words.text, since_abi: known.abi, traps: words.traps };
}
