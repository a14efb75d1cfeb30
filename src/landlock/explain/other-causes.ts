// Why something outside the file system is refused: mounts, ports, sockets, processes, namespaces, capabilities.
import { namespaceName } from '../capabilities.ts';
import type { Denial } from '../document.ts';
import { shown } from '../phrase.ts';
import { type Cause, cause } from './cause.ts';

/** What people run on a port; only those that explain a denial. */
const SERVICES: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [25, 'mail'],
  [53, 'DNS: looking up names'],
  [80, 'HTTP'],
  [123, 'NTP: setting the clock'],
  [443, 'HTTPS'],
  [514, 'syslog'],
  [853, 'DNS over TLS'],
  [3306, 'MySQL'],
  [5432, 'PostgreSQL'],
  [6379, 'Redis'],
]);

function portText(port: number | undefined): string {
  if (port === undefined) return 'port 0 (any free port)';
  const service = SERVICES.get(port);
  return service === undefined ? `port ${port}` : `port ${port} (${service})`;
}

function bindCauses(denial: Denial, creator: string): readonly Cause[] {
  const port = denial.source?.port;
  const right = shown(denial.landlock.blockers.join(' and '));
  const needed = cause(
    'likely',
    'the program is a server, or sends from a port of its own',
    'the policy has no rule for this port',
    `give ${creator} a rule with ${right} for ${portText(port)}`,
  );
  if (port !== undefined) return [needed];
  const remedy = `give ${creator} a rule with ${right} for port 0`;
  return [cause('likely', 'the program asks for any free port', 'a rule for port 0 is missing', remedy)];
}

function connectCauses(denial: Denial, creator: string): readonly Cause[] {
  const port = denial.destination?.port;
  const what = port === undefined ? 'the port, which the record does not name' : portText(port);
  const right = shown(denial.landlock.blockers.join(' and '));
  return [
    cause(
      'likely',
      'the program is meant to use the network',
      'the policy has no rule for this port',
      `give ${creator} a rule with ${right} for ${what}; it then holds for every address`,
    ),
    cause(
      'possible',
      'the program has no business on the network',
      'it reports, updates itself or was made to call out, and the sandbox does its work',
      'leave it; look at the destination and at what started the program',
    ),
  ];
}

const DESKTOP: readonly (readonly [string, string])[] = [
  ['@/tmp/.X11-unix/', 'the X server'],
  ['@/tmp/.ICE-unix/', 'the session manager'],
  ['@/tmp/dbus-', 'D-Bus'],
];

function socketCauses({ landlock }: Denial, creator: string): readonly Cause[] {
  const name = landlock.object.name ?? '';
  const service = DESKTOP.find(([start]) => name.startsWith(start))?.[1];
  const outside = cause(
    'possible',
    'the program must talk to a service outside',
    'the sandbox keeps abstract sockets apart',
    `let the service listen on a path as well, or let ${creator} leave this scope out`,
  );
  if (service === undefined) return [outside];
  const remedy = 'nothing: such programs try the socket with a path next; allow that one instead';
  return [cause('likely', `the program opens ${service}`, 'it tries the abstract socket first', remedy), outside];
}

function signalCauses(denial: Denial, creator: string): readonly Cause[] {
  const causes = [
    cause(
      'likely',
      'the program looks after processes that it did not start in its own sandbox',
      'the sandbox keeps signals inside',
      `start those processes inside the same sandbox, or let ${creator} leave this scope out`,
    ),
    cause(
      'possible',
      'the program reads a process id from a file or asks whether a process still runs',
      'that process is outside, or the id now belongs to another one',
      'remove the stale file; the refusal then goes away',
    ),
  ];
  if (denial.landlock.actor_certainty !== 'may_be_outside') return causes;
  const because = 'the kernel sends the signal in the name of who asked for it with F_SETOWN';
  return [
    ...causes,
    cause('possible', 'the call was no kill()', because, 'look at the creator of the domain, not at the process'),
  ];
}

function ptraceCauses({ syscall }: Denial): readonly Cause[] {
  // Only a debugger makes that call; others open files of /proc, which tells nothing about why.
  const isDebugging = syscall?.name === 'ptrace';
  const debugging = cause(
    isDebugging ? 'likely' : 'possible',
    'somebody debugs, or a crash handler runs, inside the sandbox',
    'the process to be traced is not in the same domain or in one inside it',
    'start the debugger and the program in one sandbox',
  );
  const looking = cause(
    'likely',
    'the program shows or watches processes',
    'it reads files of /proc that need the right to trace',
    'nothing, if it works without; no rule can allow it',
  );
  const reaching = cause(
    'unlikely',
    isDebugging ? 'nobody debugs there' : 'it does nothing of that kind',
    'the program tries to reach into another process',
    'look at what it runs',
  );
  return isDebugging ? [debugging, reaching] : [looking, debugging, reaching];
}

function topologyCauses(creator: string): readonly Cause[] {
  return [
    cause(
      'likely',
      'the program makes a sandbox or a container of its own',
      'Landlock refuses all changes of mounts, also in new namespaces',
      `mount before the restriction, or let ${creator} run it outside; no rule can allow it`,
    ),
    cause(
      'unlikely',
      'it makes neither',
      'something tries to get around the rules by mounting',
      'look at what started it',
    ),
  ];
}

function namespaceCauses({ landlock }: Denial, creator: string): readonly Cause[] {
  const type = landlock.object.namespace?.type;
  const kind = type === undefined ? '' : `${namespaceName(type) ?? shown(type)} `;
  const remedy = `let ${creator} allow ${kind}namespaces, or make them before the restriction`;
  return [
    cause('likely', 'the program makes containers or a sandbox of its own', 'the policy does not allow it', remedy),
  ];
}

function capabilityCauses({ landlock }: Denial, creator: string): readonly Cause[] {
  const { name, number } = landlock.object.capability ?? {};
  const what = name ?? (number === undefined ? 'this capability' : `capability ${number}`);
  return [
    cause('possible', 'the program needs it', 'the policy does not allow it', `let ${creator} allow ${what}`),
    cause(
      'possible',
      'the program works all the same',
      'it only tried what root may do',
      'run it without the capability',
    ),
  ];
}

function unknownCauses(): readonly Cause[] {
  return [
    cause(
      'likely',
      'the kernel is newer than this version of Trespass',
      'it restricts something that Trespass has not heard of',
      'update Trespass; what the record says is kept word for word',
    ),
  ];
}

/** Likely causes of a denial, by its first blocker; undefined where the path is what tells. */
export function otherCauses(denial: Denial, creator: string): readonly Cause[] | undefined {
  switch (denial.landlock.blockers[0]) {
    case 'net.bind_tcp':
    case 'net.bind_udp':
      return bindCauses(denial, creator);
    case 'net.connect_tcp':
    case 'net.connect_send_udp':
      return connectCauses(denial, creator);
    case 'scope.abstract_unix_socket':
      return socketCauses(denial, creator);
    case 'scope.signal':
      return signalCauses(denial, creator);
    case 'ptrace':
      return ptraceCauses(denial);
    case 'fs.change_topology':
      return topologyCauses(creator);
    case 'namespace.use':
      return namespaceCauses(denial, creator);
    case 'capability.use':
      return capabilityCauses(denial, creator);
    default:
      return denial.landlock.blockers[0]?.startsWith('fs.') === true ? undefined : unknownCauses();
  }
}
