// Who made the system call: from the records that accompany a denial. All of them are optional, and whether that
// task is inside the denying domain is another question (certainty.ts).
import { textOf } from '../audit/byte-text.ts';
import { readFields } from '../audit/fields.ts';
import { ownString } from '../audit/own-string.ts';
import type { AuditRecord } from '../audit/record.ts';
import { CWD, PATH, PROCTITLE, SYSCALL, URINGOP } from '../audit/record-types.ts';
import { decodeUntrusted } from '../audit/untrusted-string.ts';
import type { Denial, PathEntry } from './document.ts';
import type { Writable } from './document-base.ts';
import { readArgs } from './proctitle.ts';
import { type CallFacts, readCall, readCallFields } from './syscall-record.ts';

/** The actor's part of a denial. */
export interface Actor {
  /** `none`: neither SYSCALL nor URINGOP came. */
  readonly from: 'syscall' | 'io_uring' | 'none';
  readonly call: CallFacts | undefined;
  readonly process: Denial['process'];
  readonly entries: readonly PathEntry[] | undefined;
}

/** PATH records of one denial that are kept. */
export const entriesMax = 64;

function firstValue(text: string, name: string): string | undefined {
  return readFields(ownString(text))?.find((field) => field.name === name)?.value;
}

function untrustedText(raw: string | undefined): string | undefined {
  const bytes = raw === undefined ? undefined : decodeUntrusted(raw);
  return bytes === undefined ? undefined : textOf(bytes);
}

function readEntry(text: string): PathEntry {
  const entry: Writable<PathEntry> = {};
  for (const { name, value } of readFields(ownString(text)) ?? []) {
    if (name === 'name') {
      const path = untrustedText(value);
      if (path !== undefined) entry.name = path;
    } else if (name === 'nametype') entry.type = value;
    else if (name === 'inode') entry.inode = value;
    else if (name === 'dev') entry.device = value;
  }
  return entry;
}

function processOf(
  call: CallFacts | undefined,
  args: readonly string[] | undefined,
  directory: string | undefined,
): Denial['process'] {
  const process: Writable<NonNullable<Denial['process']>> = {};
  if (call !== undefined) {
    const { pid, parent, program, task } = call;
    if (pid !== undefined) process.pid = pid;
    if (parent !== undefined) process.parent = { pid: parent };
    if (program.name !== undefined) process.name = program.name;
    if (program.executable !== undefined) process.executable = program.executable;
    if (args !== undefined) process.args = args;
    if (directory !== undefined) process.working_directory = directory;
    if (task.tty !== undefined) process.tty = task.tty;
    if (task.session !== undefined) process.session_id = task.session;
    return process;
  }
  if (args === undefined && directory === undefined) return undefined;
  if (args !== undefined) process.args = args;
  if (directory !== undefined) process.working_directory = directory;
  return process;
}

/** Reads the records of an event that tell of its actor. */
export function readActor(records: readonly AuditRecord[]): Actor {
  let call: CallFacts | undefined;
  let from: Actor['from'] = 'none';
  let args: readonly string[] | undefined;
  let directory: string | undefined;
  let entries: PathEntry[] | undefined;
  for (const { type, text } of records) {
    if (type === SYSCALL) {
      call = readCall(text);
      from = 'syscall';
    } else if (type === PROCTITLE) {
      args = readArgs(text);
    } else if (type === URINGOP && from === 'none') {
      call = readCallFields(text, 'URINGOP');
      from = 'io_uring';
    } else if (type === CWD) {
      directory = untrustedText(firstValue(text, 'cwd'));
    } else if (type === PATH) {
      entries ??= [];
      if (entries.length < entriesMax) entries.push(readEntry(text));
    }
  }
  return { from, call, process: processOf(call, args, directory), entries };
}
