// The objects of an OCSF event that are made of a denial: device, process, user, file.
import { findBlocker } from '../../landlock/blockers.ts';
import type { Denial, ProcessAncestor } from '../../landlock/document.ts';

/** File types (https://schema.ocsf.io/1.7.0/objects/file). */
const FILE_TYPES = {
  unknown: { type_id: 0, type: 'Unknown' },
  file: { type_id: 1, type: 'Regular File' },
  directory: { type_id: 2, type: 'Folder' },
  socket: { type_id: 5, type: 'Local Socket' },
} as const;

export function toDevice({ host }: Denial): object {
  return {
    uid: host.id,
    hostname: host.name ?? host.id,
    type_id: 0,
    type: 'Unknown',
    boot_uid: host.boot.id,
    os: { name: 'Linux', type_id: 200, type: 'Linux' },
  };
}

/** The process that was refused; undefined where it has no pid, which OCSF needs. */
export function toOcsfProcess(denial: Denial): object | undefined {
  const { process, landlock } = denial;
  if (process?.pid === undefined) return undefined;
  const { pid, name, executable, args, parent, thread, ancestry, working_directory } = process;
  return {
    pid,
    name,
    path: executable,
    tid: thread?.id,
    cmd_line: args?.join(' '),
    working_directory,
    parent_process: parent && { pid: parent.pid },
    // The first is the process itself.
    ancestry: ancestry?.slice(1).map(toAncestor),
    file: executable === undefined ? undefined : { name: baseName(executable), path: executable, ...FILE_TYPES.file },
    // The named domain need not be this process's own where the kernel leaves it open.
    sandbox: landlock.actor_certainty === 'certain' ? `landlock:${landlock.domain.id}` : undefined,
    session: toSession(process),
    user: toUser(denial),
  };
}

function toAncestor({ pid, executable, started_at }: ProcessAncestor): object {
  return { pid, path: executable, ...(started_at !== undefined && { created_time: Date.parse(started_at) }) };
}

function toSession({ session_id, tty }: NonNullable<Denial['process']>): object | undefined {
  return session_id === undefined && tty === undefined
    ? undefined
    : { uid: session_id === undefined ? undefined : String(session_id), terminal: tty };
}

export function toUser({ user }: Denial): object | undefined {
  return user?.id === undefined ? undefined : { uid: user.id };
}

/** The process that was to be acted on: the target, or the actor itself (namespaces, capabilities). */
export function toTarget(denial: Denial): object {
  const target = denial.landlock.target?.process;
  if (target !== undefined) {
    const { pid, name } = target;
    return { pid, name, ...(pid === undefined && { uid: 'unknown' }) };
  }
  return toOcsfProcess(denial) ?? { uid: 'unknown' };
}

/** What the record names, which for deeds inside of a directory is that directory. */
export function toFile({ file, landlock }: Denial): object {
  const path = file?.path;
  const inode = file?.inode;
  return {
    name: path === undefined ? (file?.name ?? inode ?? 'unknown') : baseName(path),
    path,
    ...(path !== undefined && path.lastIndexOf('/') > 0 && { parent_folder: path.slice(0, path.lastIndexOf('/')) }),
    uid: inode,
    volume: file?.device,
    ...FILE_TYPES[typeOf(landlock)],
  };
}

function typeOf({ blockers, object }: Denial['landlock']): keyof typeof FILE_TYPES {
  if (findBlocker(blockers[0] ?? '')?.inDirectory) return 'directory';
  return object.kind === 'file' || object.kind === 'directory' || object.kind === 'socket' ? object.kind : 'unknown';
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
