// What this machine shows now of whom `trespass why` is asked about. The kernel does not tell whether a process is in a
// sandbox; what it does tell narrows it down.
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import type { Subject } from './subject.ts';

/** Sentences; what others chose in them is not escaped. */
export function lookAtLive(subject: Subject): readonly string[] {
  if (subject.kind === 'pid') return processLines(subject.text);
  if (subject.kind === 'path') return pathLines(subject.text);
  if (subject.kind === 'user') return subject.uid === undefined ? ['There is no account of that name here.'] : [];
  return [];
}

function processLines(pid: string): readonly string[] {
  const status = readText(`/proc/${pid}/status`);
  if (status === undefined) return [`No process ${pid} runs here now; its number may have been another one's before.`];
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  const program = readLink(`/proc/${pid}/exe`) ?? 'a program that this account may not see';
  const uid = field('Uid').split(/\s+/)[1] ?? '?';
  return [
    `Process ${pid} runs: ${field('Name')} (${program}), user id ${uid}, parent ${field('PPid')}.`,
    field('NoNewPrivs') === '1'
      ? 'It has no_new_privs set, as sandboxed programs have; whether it is in a sandbox the kernel does not tell.'
      : 'It does not have no_new_privs set: only somebody with CAP_SYS_ADMIN can have put it into a Landlock sandbox.',
  ];
}

function pathLines(path: string): readonly string[] {
  try {
    const { mode, uid, gid } = lstatSync(path);
    const rights = (mode & 0o7777).toString(8);
    return [
      `It is there, mode ${rights}, owner ${uid}:${gid}: these rights, and other security modules, may refuse as well.`,
    ];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    return [code === 'ENOENT' ? 'There is nothing of that name here now.' : `It cannot be looked at (${code}).`];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
