// What a denial asks for: which rights on which path or port would have let it pass, or why no rule can.
import type { Denial } from '../document.ts';
import { shown } from '../phrase.ts';
import { type BytePath, bytesOfPath } from './byte-path.ts';
import { findRight, inOrder, type Right } from './rights.ts';

/** Rights on a path. `isDirectory`: the record names a directory; otherwise it names something that is none. */
export interface PathNeed {
  readonly kind: 'path';
  readonly path: BytePath;
  readonly isDirectory: boolean;
  readonly rights: readonly Right[];
  /** The event, the same for the two directories of one rename or link. */
  readonly event: string;
}

/** Rights on a port. */
export interface PortNeed {
  readonly kind: 'port';
  readonly port: number;
  readonly rights: readonly Right[];
  /** The address that was meant, where the record has one; rules know ports only. */
  readonly address?: string;
}

/** What no rule can give. */
export interface NoRule {
  readonly kind: 'none';
  /** What was refused: blockers and object, for people. */
  readonly what: string;
  readonly reason: string;
  /** What would let it pass. */
  readonly instead: string;
}

export type Need = PathNeed | PortNeed | NoRule;

const NO_SCOPE = 'Let the sandbox leave this scope out';

/** Why no rule can give it, and what would, by blocker. */
const REMEDIES: ReadonlyMap<string, readonly [reason: string, instead: string]> = new Map([
  [
    'scope.signal',
    [
      'The scope for signals has no exceptions: a sandbox has it or has it not.',
      `${NO_SCOPE} (LANDLOCK_SCOPE_SIGNAL), or start the process that is to get the signal inside the same sandbox.`,
    ],
  ],
  [
    'scope.abstract_unix_socket',
    [
      'The scope for abstract Unix sockets has no exceptions: a sandbox has it or has it not.',
      `${NO_SCOPE} (LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET), let the service listen inside the same sandbox, or use a socket with a path.`,
    ],
  ],
  [
    'ptrace',
    [
      'Every sandbox refuses it, by descent: no rule and no flag allows it.',
      'Start the process that is to be traced inside the same sandbox or in one within it, or trace from outside.',
    ],
  ],
  [
    'fs.change_topology',
    [
      'Every sandbox that restricts the file system refuses changes of mounts: no rule and no flag allows them.',
      'Mount before the restriction, or let something outside the sandbox do it.',
    ],
  ],
  [
    'namespace.use',
    [
      'It takes a rule for namespaces, which comes with Linux 7.4 (ABI 12) and is not released; none is written here.',
      'Make the namespace before the restriction, or leave this permission out of what the sandbox handles.',
    ],
  ],
  [
    'capability.use',
    [
      'It takes a rule for capabilities, which comes with Linux 7.4 (ABI 12) and is not released; none is written here.',
      'Leave this permission out of what the sandbox handles, or let the program work without the capability.',
    ],
  ],
]);

function objectOf({ file, source, destination, landlock }: Denial): string {
  const { object, target } = landlock;
  const port = destination?.port ?? source?.port;
  const process = target?.process.name ?? (target?.process.pid === undefined ? undefined : `pid ${target.process.pid}`);
  const capability = object.capability?.name ?? object.capability?.number.toString();
  const name = object.name ?? file?.path ?? file?.name ?? process ?? capability ?? object.namespace?.type;
  if (name !== undefined) return shown(name);
  return port === undefined ? 'something that the record does not name' : `port ${port}`;
}

function noRule(denial: Denial, reason: string, instead: string): NoRule {
  const names = denial.landlock.blockers.map((name) => shown(name)).join(', ');
  return { kind: 'none', what: `${names} on ${objectOf(denial)}`, reason, instead };
}

const DELETED = ' (deleted)';

/** Whether a record's path can be opened again to make a rule of it; otherwise why not. */
function pathFault(path: BytePath): string | undefined {
  if (!path.startsWith('/'))
    return 'It has no place in the file system: it is a pipe, a socket or another object without a path.';
  if (path.includes('\0')) return 'The record holds a zero byte in its path.';
  if (path.endsWith(DELETED))
    return 'The file had been deleted (or its name ends so): there is nothing to put a rule on.';
  return undefined;
}

function ofPath(denial: Denial, rights: readonly Right[]): Need {
  const { file } = denial;
  if (file?.path === undefined) {
    const instead = 'Load an audit rule, so that the kernel adds the path to the record, and let it happen again.';
    return noRule(denial, 'The record does not name the path.', instead);
  }
  const path = bytesOfPath({ ...file, path: file.path });
  const fault = pathFault(path);
  if (fault !== undefined) {
    return noRule(denial, fault, 'Allow the directory that the program keeps such files in, if it has one.');
  }
  return {
    kind: 'path',
    path: path.length > 1 ? path.replace(/\/+$/, '') || '/' : path,
    isDirectory: rights.some((right) => !right.onFiles),
    rights,
    event: JSON.stringify([denial.host.id, denial.host.boot.id, denial['@timestamp'], denial.event.sequence]),
  };
}

function ofPort(denial: Denial, rights: readonly Right[]): Need {
  const isBind = rights.every(({ short }) => short.startsWith('bind_'));
  const end = isBind ? denial.source : denial.destination;
  // The kernel leaves a port of 0 out.
  if (end?.port === undefined && !isBind) {
    return noRule(
      denial,
      'The record does not name the port: it was 0, or there was no address at all.',
      'Look at what the program connects to; a rule needs its port.',
    );
  }
  const port = end?.port ?? 0;
  return { kind: 'port', port, rights, ...(end?.ip === undefined ? {} : { address: end.ip }) };
}

/** What would have let `denial` pass the sandbox that refused it. Takes any denial. */
export function needOf(denial: Denial): Need {
  const { blockers } = denial.landlock;
  for (const blocker of blockers) {
    const remedy = REMEDIES.get(blocker);
    if (remedy !== undefined) return noRule(denial, ...remedy);
  }
  const rights = blockers.map(findRight).filter((right) => right !== undefined);
  const families = new Set(rights.map(({ family }) => family));
  if (rights.length < blockers.length || families.size !== 1) {
    const reason = 'This version of Trespass does not know this restriction.';
    return noRule(denial, reason, 'Update Trespass, or look into the documentation of the kernel.');
  }
  return families.has('fs') ? ofPath(denial, inOrder(rights)) : ofPort(denial, inOrder(rights));
}
