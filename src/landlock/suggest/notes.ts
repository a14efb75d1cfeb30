// What somebody who takes over suggested rules should know: kernels that are too old for a right, and what the kernel will
// ask for next.
import { findBlocker } from '../blockers.ts';
import type { Gathered } from './gather.ts';
import { linuxOf, RIGHTS, type Right } from './rights.ts';
import type { Rule } from './rules.ts';

/** What is said of a right wherever it is suggested. */
const OF_RIGHT: ReadonlyMap<string, string> = new Map([
  [
    'fs.write_file',
    'fs.write_file does not suffice to empty a file: where the sandbox handles fs.truncate, opening with O_TRUNC and creat need that too.',
  ],
  [
    'fs.truncate',
    'fs.truncate suffices for truncate(2); opening with O_TRUNC needs fs.write_file too, and ftruncate asks what was allowed when the file was opened.',
  ],
  [
    'fs.make_reg',
    'fs.make_reg creates the file; to write to it the program needs fs.write_file beneath that directory too.',
  ],
  [
    'fs.execute',
    'fs.execute does not suffice for a script or a program with a dynamic loader: the interpreter and the loader need it too. Where fs.read_file is handled, what is executed must be readable, and so must libraries.',
  ],
  [
    'fs.refer',
    'fs.refer must be allowed on both directories, and what is moved may gain no right by it; the other rights of a rename (remove_* and make_*) are needed besides.',
  ],
  [
    'fs.ioctl_dev',
    'fs.ioctl_dev concerns devices that are opened after the restriction, and then all commands to them.',
  ],
  [
    'net.connect_send_udp',
    'Sending makes the kernel bind the socket: where net.bind_udp is handled, that needs a rule for port 0.',
  ],
]);

function abiNotes(rights: ReadonlySet<Right>): readonly string[] {
  const abi = Math.max(1, ...[...rights].map((right) => right.abi));
  if (abi === 1) return [];
  const youngest = RIGHTS.filter((right) => rights.has(right) && right.abi === abi).map(({ name }) => name);
  const notes = [
    `${youngest.join(', ')}: Landlock ABI ${abi} (${linuxOf(abi)}). An older kernel does not restrict it, so leave it out there, of what the sandbox handles and of the rules.`,
  ];
  if ([...rights].some(({ name }) => name === 'fs.refer'))
    notes.push('A kernel with Landlock ABI 1 refuses all renames and links between directories: no rule helps there.');
  return notes;
}

/** Notes on `rules` and on the denials that they are for. */
export function notesOn(rules: readonly Rule[], { moves, doubtful, movesBeyond }: Gathered): readonly string[] {
  const rights = new Set(rules.flatMap((rule) => rule.rights));
  const notes = [...abiNotes(rights)];
  for (const { name } of RIGHTS) {
    const note = OF_RIGHT.get(name);
    if (note !== undefined && [...rights].some((right) => right.name === name)) notes.push(note);
  }
  if ([...rights].some(({ name }) => name === 'fs.refer') && moves.length === 0)
    notes.push(
      'The selected denials name one directory only of a rename or link: the other one may need fs.refer too.',
    );
  if (rules.some((rule) => rule.kind === 'path' && rule.rights.some(({ name }) => findBlocker(name)?.inDirectory)))
    notes.push(
      'For creating, removing and renaming the records name the directory; the rule holds for every name in it.',
    );
  if (rules.some((rule) => rule.kind === 'path' && !rule.isDirectory))
    notes.push(
      'A rule on a file is about the file that is there when the sandbox is set up; one that takes its place later is another file.',
    );
  if (rules.some((rule) => rule.kind === 'path'))
    notes.push(
      'Paths are as the refused process saw them: in a container or a chroot they lie elsewhere for those outside.',
    );
  if (movesBeyond > 0)
    notes.push(
      `${movesBeyond} renames or links between directories beyond the first were not compared: their targets may need rights that are not here.`,
    );
  if (doubtful > 0)
    notes.push(
      `${doubtful} of the denials may be about a descriptor or a signal of another process: the rule belongs into the sandbox that refused, whoever was named.`,
    );
  if (rules.length > 0)
    notes.push(
      'Only the innermost sandbox that refuses is logged: one around it may refuse the same, with other rights.',
    );
  return notes;
}
