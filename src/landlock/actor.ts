// Who made the system call: from the records that accompany a denial (SYSCALL, PROCTITLE, CWD, PATH, URINGOP). All
// of them are optional. Whether that task is inside the denying domain is decided in denial.ts.
import { textOf } from '../audit/byte-text.ts';
import { type Field, readFields } from '../audit/fields.ts';
import { idOf, integerOf, UNSET_ID } from '../audit/numbers.ts';
import type { AuditRecord } from '../audit/record.ts';
import { CWD, PATH, PROCTITLE, SYSCALL, URINGOP } from '../audit/record-types.ts';
import { decodeUntrusted } from '../audit/untrusted-string.ts';
import type { Denial, PathEntry, UnknownField } from './document.ts';
import { archName, syscallName } from './syscalls.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The actor's part of a denial. */
export interface ActorFacts {
  /** `none`: neither SYSCALL nor URINGOP came. */
  readonly from: 'syscall' | 'io_uring' | 'none';
  readonly process?: NonNullable<Denial['process']>;
  readonly user?: NonNullable<Denial['user']>;
  readonly group?: NonNullable<Denial['group']>;
  readonly syscall?: NonNullable<Denial['syscall']>;
  readonly entries?: readonly PathEntry[];
  readonly unknown?: readonly UnknownField[];
}

/** PATH records of one denial that are kept. */
export const entriesMax = 64;

const KNOWN_SYSCALL_FIELDS = new Set(
  (
    'arch syscall per success exit a0 a1 a2 a3 items ppid pid auid uid gid euid suid fsuid egid sgid fsgid tty ses ' +
    'comm exe subj key uring_op'
  ).split(' '),
);

function valuesOf(fields: readonly Field[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of fields) if (!values.has(name)) values.set(name, value);
  return values;
}

function untrustedText(raw: string | undefined): string | undefined {
  const bytes = raw === undefined ? undefined : decodeUntrusted(raw);
  return bytes === undefined ? undefined : textOf(bytes);
}

function readUser(values: ReadonlyMap<string, string>): Denial['user'] {
  const user: Writable<NonNullable<Denial['user']>> = {};
  const id = idOf(values.get('uid'));
  const audit = idOf(values.get('auid'));
  const effective = idOf(values.get('euid'));
  const saved = idOf(values.get('suid'));
  const filesystem = idOf(values.get('fsuid'));
  if (id !== undefined) user.id = id;
  if (audit !== undefined) user.audit = { id: audit };
  if (effective !== undefined) user.effective = { id: effective };
  if (saved !== undefined && saved !== effective) user.saved = { id: saved };
  if (filesystem !== undefined && filesystem !== effective) user.filesystem = { id: filesystem };
  return Object.keys(user).length === 0 ? undefined : user;
}

function readSyscall(values: ReadonlyMap<string, string>): Denial['syscall'] {
  const syscall: Writable<NonNullable<Denial['syscall']>> = {};
  const arch = values.get('arch');
  const number = integerOf(values.get('syscall'));
  const exit = integerOf(values.get('exit'));
  if (arch !== undefined) syscall.arch = archName(arch);
  if (number !== undefined) {
    const name = syscallName(arch ?? '', number);
    if (name !== undefined) syscall.name = name;
    syscall.number = number;
  }
  if (exit !== undefined) syscall.exit = exit;
  return syscall;
}

function readProcess(
  values: ReadonlyMap<string, string>,
  args: readonly string[] | undefined,
  directory: string | undefined,
): Denial['process'] {
  const process: Writable<NonNullable<Denial['process']>> = {};
  const pid = integerOf(values.get('pid'));
  const parent = integerOf(values.get('ppid'));
  const name = untrustedText(values.get('comm'));
  const executable = untrustedText(values.get('exe'));
  const tty = values.get('tty');
  const session = integerOf(values.get('ses'));
  if (pid !== undefined) process.pid = pid;
  if (parent !== undefined) process.parent = { pid: parent };
  if (name !== undefined) process.name = name;
  if (executable !== undefined) process.executable = executable;
  if (args !== undefined) process.args = args;
  if (directory !== undefined) process.working_directory = directory;
  if (tty !== undefined && tty !== '(none)' && tty !== '') process.tty = textOf(tty);
  if (session !== undefined && session !== UNSET_ID) process.session_id = session;
  return Object.keys(process).length === 0 ? undefined : process;
}

function readEntry(fields: readonly Field[]): PathEntry {
  const values = valuesOf(fields);
  const entry: Writable<PathEntry> = {};
  const name = untrustedText(values.get('name'));
  const type = values.get('nametype');
  const inode = values.get('inode');
  const device = values.get('dev');
  if (name !== undefined) entry.name = name;
  if (type !== undefined) entry.type = type;
  if (inode !== undefined) entry.inode = inode;
  if (device !== undefined) entry.device = device;
  return entry;
}

/** `proctitle=` to arguments: NUL-separated, at most 128 bytes, so that the last one may be cut. */
function readArgs(fields: readonly Field[]): readonly string[] | undefined {
  const field = fields[0];
  const bytes = field?.name === 'proctitle' ? decodeUntrusted(field.value) : undefined;
  if (bytes === undefined || bytes === '') return undefined;
  return textOf(bytes.endsWith('\0') ? bytes.slice(0, -1) : bytes).split('\0');
}

/** Reads the accompanying records of an event. */
export function readActor(records: readonly AuditRecord[]): ActorFacts {
  let call: Map<string, string> | undefined;
  let from: ActorFacts['from'] = 'none';
  let args: readonly string[] | undefined;
  let directory: string | undefined;
  const entries: PathEntry[] = [];
  const unknown: UnknownField[] = [];
  for (const { type, text } of records) {
    if (type !== SYSCALL && type !== URINGOP && type !== PROCTITLE && type !== CWD && type !== PATH) continue;
    const fields = readFields(text) ?? [];
    if (type === SYSCALL || (type === URINGOP && from === 'none')) {
      call = valuesOf(fields);
      from = type === SYSCALL ? 'syscall' : 'io_uring';
      for (const { name, value } of fields) {
        if (!KNOWN_SYSCALL_FIELDS.has(name)) {
          unknown.push({ record: type === SYSCALL ? 'SYSCALL' : 'URINGOP', name, value });
        }
      }
    } else if (type === PROCTITLE) {
      args = readArgs(fields);
    } else if (type === CWD) {
      directory = untrustedText(valuesOf(fields).get('cwd'));
    } else if (type === PATH && entries.length < entriesMax) {
      entries.push(readEntry(fields));
    }
  }
  const values = call ?? new Map<string, string>();
  const facts: Writable<ActorFacts> = { from };
  const process = readProcess(values, args, directory);
  const user = readUser(values);
  const group = idOf(values.get('gid'));
  if (process !== undefined) facts.process = process;
  if (user !== undefined) facts.user = user;
  if (group !== undefined) facts.group = { id: group };
  const syscall = from === 'syscall' ? readSyscall(values) : undefined;
  if (syscall !== undefined) facts.syscall = syscall;
  if (entries.length > 0) facts.entries = entries;
  if (unknown.length > 0) facts.unknown = unknown;
  return facts;
}
