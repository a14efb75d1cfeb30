// Which class and activity of OCSF a denial is. OCSF knows fewer deeds than Landlock: what it has no word for is
// "Other" (99) with our word as its name, as OCSF has it.
import { blockerClass } from '../../landlock/blockers.ts';
import type { Denial } from '../../landlock/document.ts';

export type OcsfClass = 'file' | 'network' | 'process';

export interface OcsfActivity {
  readonly class: OcsfClass;
  readonly id: number;
  readonly name: string;
}

type Activity = readonly [id: number, name: string];

const OTHER = 99;
const OPEN: Activity = [14, 'Open'];
const CREATE: Activity = [1, 'Create'];
const DELETE: Activity = [4, 'Delete'];
const READ: Activity = [2, 'Read'];
const UPDATE: Activity = [3, 'Update'];
const RENAME: Activity = [5, 'Rename'];
const MOUNT: Activity = [12, 'Mount'];
const UNMOUNT: Activity = [13, 'Unmount'];

const FILE_ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ['fs.execute', [OTHER, 'Execute']],
  ['fs.write_file', UPDATE],
  ['fs.read_file', READ],
  ['fs.read_dir', READ],
  ['fs.remove_dir', DELETE],
  ['fs.remove_file', DELETE],
  ['fs.make_char', CREATE],
  ['fs.make_dir', CREATE],
  ['fs.make_reg', CREATE],
  ['fs.make_sock', CREATE],
  ['fs.make_fifo', CREATE],
  ['fs.make_block', CREATE],
  ['fs.make_sym', CREATE],
  ['fs.refer', RENAME],
  ['fs.truncate', UPDATE],
  ['fs.ioctl_dev', [OTHER, 'Device control']],
  ['fs.resolve_unix', [OTHER, 'Connect']],
  ['fs.change_topology', MOUNT],
]);

const NETWORK_ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ['net.bind_tcp', [OTHER, 'Bind']],
  ['net.connect_tcp', [1, 'Open']],
  ['net.bind_udp', [OTHER, 'Bind']],
  ['net.connect_send_udp', [6, 'Traffic']],
  ['scope.abstract_unix_socket', [1, 'Open']],
]);

const PROCESS_ACTIVITIES: ReadonlyMap<string, Activity> = new Map([
  ['ptrace', [3, 'Open']],
  ['scope.signal', [OTHER, 'Signal']],
  ['namespace.use', [OTHER, 'Use namespace']],
  ['capability.use', [OTHER, 'Use capability']],
]);

/** The class that the first blocker speaks of, and what all of them come to. */
export function activityOf(denial: Denial): OcsfActivity {
  const { blockers } = denial.landlock;
  switch (classOf(denial)) {
    case 'file':
      return toActivity('file', fileActivity(denial));
    case 'network':
      return toActivity('network', NETWORK_ACTIVITIES.get(blockers[0] ?? '') ?? otherOf(blockers));
    case 'process':
      return toActivity('process', PROCESS_ACTIVITIES.get(blockers[0] ?? '') ?? otherOf(blockers));
  }
}

function toActivity(of: OcsfClass, [id, name]: Activity): OcsfActivity {
  return { class: of, id, name };
}

function otherOf(blockers: readonly string[]): Activity {
  return [OTHER, blockers.join(' ')];
}

function classOf({ landlock, file, source, destination }: Denial): OcsfClass {
  const first = landlock.blockers[0] ?? '';
  switch (blockerClass(first)) {
    case 'fs':
      return 'file';
    case 'net':
      return 'network';
    case 'scope':
      return first === 'scope.abstract_unix_socket' ? 'network' : 'process';
    case 'ptrace':
    case 'namespace':
    case 'capability':
      return 'process';
    case 'other':
      // What this version does not know is told apart by what the record has.
      if (file !== undefined) return 'file';
      return source !== undefined || destination !== undefined ? 'network' : 'process';
  }
}

/** Several rights that were missing at once are one deed: a rename, or opening a file to read and write. */
function fileActivity({ landlock, syscall }: Denial): Activity {
  const { blockers } = landlock;
  const activities = new Set(blockers.map((blocker) => FILE_ACTIVITIES.get(blocker)));
  const [first] = activities;
  if (blockers.includes('fs.refer')) return RENAME;
  if (activities.size === 1 && first !== undefined) {
    return first === MOUNT && syscall?.name?.startsWith('umount') ? UNMOUNT : first;
  }
  const isOpen = [...activities].every((activity) => activity === READ || activity === UPDATE);
  return isOpen && activities.size > 1 ? OPEN : otherOf(blockers);
}
