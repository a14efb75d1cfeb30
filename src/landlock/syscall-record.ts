// The SYSCALL record that accompanies a denial (kernel/auditsc.c audit_log_exit, kernel/audit.c audit_log_task_info),
// and URINGOP, its like for io_uring. One scan over the kernel's order of fields; what comes in another order, or
// with more fields than are known, is read field by field. Both ways give the same.
import { textOf } from '../audit/byte-text.ts';
import { type Field, readFields } from '../audit/fields.ts';
import { idOf, integerOf, UNSET_ID } from '../audit/numbers.ts';
import { ownString } from '../audit/own-string.ts';
import { sampleHash, TextMemo } from '../audit/text-memo.ts';
import { decodeUntrusted } from '../audit/untrusted-string.ts';
import type { Denial, UnknownField } from './document.ts';
import type { Writable } from './document-base.ts';
import { archName, syscallName } from './syscalls.ts';

/** What a task is known by, beside its pid. Shared between records: nobody may change it. */
export interface TaskFacts {
  readonly user: Denial['user'];
  readonly group: Denial['group'];
  readonly tty: string | undefined;
  readonly session: number | undefined;
}

/** The program that a task runs. Shared between records: nobody may change it. */
export interface ProgramFacts {
  readonly name: string | undefined;
  readonly executable: string | undefined;
  readonly unknown: readonly UnknownField[];
}

/** What a SYSCALL or URINGOP record says. */
export interface CallFacts {
  readonly pid: number | undefined;
  readonly parent: number | undefined;
  readonly syscall: Denial['syscall'];
  readonly task: TaskFacts;
  readonly program: ProgramFacts;
}

type Syscall = NonNullable<Denial['syscall']>;

const KNOWN = new Set(
  (
    'arch syscall per success exit a0 a1 a2 a3 items ppid pid auid uid gid euid suid fsuid egid sgid fsgid tty ses ' +
    'comm exe subj key uring_op'
  ).split(' '),
);

function untrustedText(raw: string | undefined): string | undefined {
  const bytes = raw === undefined ? undefined : decodeUntrusted(raw);
  return bytes === undefined ? undefined : textOf(bytes);
}

function userOf(values: ReadonlyMap<string, string>): Denial['user'] {
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

function taskOf(values: ReadonlyMap<string, string>): TaskFacts {
  const group = idOf(values.get('gid'));
  const tty = values.get('tty');
  const session = integerOf(values.get('ses'));
  return {
    user: userOf(values),
    group: group === undefined ? undefined : { id: group },
    tty: tty === undefined || tty === '(none)' || tty === '' ? undefined : textOf(tty),
    session: session === UNSET_ID ? undefined : session,
  };
}

function programOf(values: ReadonlyMap<string, string>, unknown: readonly UnknownField[]): ProgramFacts {
  return { name: untrustedText(values.get('comm')), executable: untrustedText(values.get('exe')), unknown };
}

/** The first value of each name, and the fields that are not known. */
function valuesOf(fields: readonly Field[], record: string): [Map<string, string>, UnknownField[]] {
  const values = new Map<string, string>();
  const unknown: UnknownField[] = [];
  for (const { name, value } of fields) {
    if (!KNOWN.has(name)) unknown.push({ record, name, value });
    else if (!values.has(name)) values.set(name, value);
  }
  return [values, unknown];
}

function makeSyscall(arch: string | undefined, number: number | undefined, exit: number | undefined): Syscall {
  const syscall: Writable<Syscall> = {};
  if (arch !== undefined) syscall.arch = archName(arch);
  if (number !== undefined) {
    const name = syscallName(arch ?? '', number);
    if (name !== undefined) syscall.name = name;
    syscall.number = number;
  }
  if (exit !== undefined) syscall.exit = exit;
  return syscall;
}

/** Reads a record field by field, in any order. `record` is its type's name, for what is not known. */
export function readCallFields(text: string, record: string): CallFacts {
  const [values, unknown] = valuesOf(readFields(ownString(text)) ?? [], record);
  const number = integerOf(values.get('syscall'));
  return {
    pid: integerOf(values.get('pid')),
    parent: integerOf(values.get('ppid')),
    syscall: record === 'SYSCALL' ? makeSyscall(values.get('arch'), number, integerOf(values.get('exit'))) : undefined,
    task: taskOf(values),
    program: programOf(values, unknown),
  };
}

/** What a record says after the pid: all that it says again with the task's next call. */
interface Identity {
  readonly task: TaskFacts;
  readonly program: ProgramFacts;
  /** Whether the fields are those that belong here; else the record is read field by field. */
  readonly isUsual: boolean;
}

const TASK_FIELDS = 'auid uid gid euid suid fsuid egid sgid fsgid tty ses';
const USUAL_FIELDS = new Set([`${TASK_FIELDS} comm exe key`, `${TASK_FIELDS} comm exe subj key`]);

const identities = new TextMemo<Identity>(4096, (text) => {
  const fields = readFields(ownString(text)) ?? [];
  const [values, unknown] = valuesOf(fields, 'SYSCALL');
  const isUsual = USUAL_FIELDS.has(fields.map((field) => field.name).join(' '));
  return { task: taskOf(values), program: programOf(values, unknown), isUsual };
});

/** What a record says before the call's arguments. */
interface CallHead {
  readonly syscall: Syscall;
  readonly isUsual: boolean;
}

const heads = new TextMemo<CallHead>(512, (text) => {
  const fields = readFields(ownString(text)) ?? [];
  const [values] = valuesOf(fields, 'SYSCALL');
  const number = integerOf(values.get('syscall'));
  const exit = integerOf(values.get('exit'));
  const isUsual = fields.map((field) => field.name).join(' ') === 'arch syscall success exit';
  return { syscall: makeSyscall(values.get('arch'), number, exit), isUsual };
});

/** Where the number of the system call stands in a usual record. */
const numberStart = 22;

/** What stands before `end`, where the arguments begin. */
function headOf(text: string, end: number): CallHead {
  const hash = sampleHash(text, numberStart, numberStart + 3, end);
  return heads.get(text, 0, end, sampleHash(text, end - 3, end, hash));
}

/** A scan in progress: where it is, and whether all was as expected so far. */
class Scan {
  at = 0;
  ok = true;
  text = '';

  start(text: string, at: number): void {
    this.text = text;
    this.at = at;
    this.ok = true;
  }

  /** Skips `expected`. */
  skip(expected: string): void {
    if (this.text.startsWith(expected, this.at)) this.at += expected.length;
    else this.ok = false;
  }

  /** A decimal integer of at most 15 digits, ended by a blank. */
  integer(): number {
    const { text } = this;
    let at = this.at;
    const isNegative = text.charCodeAt(at) === 45;
    if (isNegative) at++;
    const first = at;
    let value = 0;
    let digit = text.charCodeAt(at) - 48;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = text.charCodeAt(++at) - 48;
    }
    if (at === first || at - first > 15 || text.charCodeAt(at) !== 32) this.ok = false;
    this.at = at;
    return isNegative && value !== 0 ? -value : value;
  }
}

const scan = new Scan();

/** What stands from `start` on, after the pid. */
function identityAt(text: string, start: number): Identity {
  const { length } = text;
  // Of the usual fields ` comm=` has the first m. Tasks differ in tty, session and name, which stand around it.
  const middle = text.indexOf('m', start);
  const hash = sampleHash(text, Math.max(start, middle - 9), middle - 2, length - start);
  return identities.get(text, start, length, sampleHash(text, middle + 4, Math.min(length, middle + 18), hash));
}

/** Reads a SYSCALL record in the kernel's order; undefined where it is another. */
function scanCall(text: string): CallFacts | undefined {
  const argumentsStart = text.indexOf(' a0=', numberStart);
  if (argumentsStart === -1) return undefined;
  const head = headOf(text, argumentsStart);
  if (!head.isUsual) return undefined;
  // a0 to a3 are hexadecimal and `items` has no p.
  scan.start(text, text.indexOf('p', argumentsStart) - 1);
  if (scan.at < 0) return undefined;
  scan.skip(' ppid=');
  const parent = scan.integer();
  scan.skip(' pid=');
  const pid = scan.integer();
  if (!scan.ok) return undefined;
  const { task, program, isUsual } = identityAt(text, scan.at + 1);
  return isUsual ? { pid, parent, syscall: head.syscall, task, program } : undefined;
}

/** Reads a SYSCALL record. */
export function readCall(text: string): CallFacts {
  return scanCall(text) ?? readCallFields(text, 'SYSCALL');
}
