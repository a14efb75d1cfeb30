// Every configuration key once: what it may be, what it is when nobody says, and what it means. The reader of the
// file, `trespass config show`, the sample file's test and the table in the README all come from here.
import { join } from 'node:path';
import type { ConfigKey, Surroundings } from './config-key.ts';
import { isRoot } from './privileges.ts';
import { SERVER_KEYS } from './server-keys.ts';

const MIB = 1024 * 1024;
/** A hundred years. */
const DAYS_MAX = 36_500;

/** Directory for state that outlives a run: fixed for root and services, below the working directory otherwise. */
function stateDirectory(fixed: string, own: string): ConfigKey['default'] {
  return (surroundings) => (surroundings.hasSystemPaths ? fixed : join(surroundings.cwd, own));
}

export const CONFIG_KEYS: readonly ConfigKey[] = [
  ...SERVER_KEYS,
  {
    table: 'store',
    key: 'path',
    type: 'path',
    default: stateDirectory('/var/lib/trespass/trespass.db', 'data/trespass.db'),
    defaultText: '`/var/lib/trespass/trespass.db` as root or service, else `./data/trespass.db`',
    description: 'The SQLite database. Its directory is made, readable by the server only.',
  },
  {
    table: 'store',
    key: 'raw_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 30,
    description:
      'Days after which the text of records goes; 0: never. It takes most of the room, and what it says is in the ' +
      'denials; it is for replaying what was not understood, which one notices within weeks.',
  },
  {
    table: 'store',
    key: 'denials_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 90,
    description:
      'Days after which single denials go; 0: never. A quarter covers what anybody looks up one by one; counts by the ' +
      'hour stay. Replayed ones stay until there is no room.',
  },
  {
    table: 'store',
    key: 'sandbox_calls_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 90,
    description: 'Days after which single calls of Landlock go; 0: never. As long as the denials that they explain.',
  },
  {
    table: 'store',
    key: 'losses_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 730,
    description:
      'Days after which malformed records and gaps go; 0: never. As long as the counts that they may distort.',
  },
  {
    table: 'store',
    key: 'rollups_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 730,
    description:
      'Days after which counts by the hour go, in whole days; 0: never. Two years compare a season with the last. ' +
      'Never before the denials that they count.',
  },
  {
    table: 'store',
    key: 'issues_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 180,
    description:
      'Days after which archived and resolved issues go that have no denials any more; 0: never. Half a year, so that ' +
      'what comes back with a release is still known.',
  },
  {
    table: 'store',
    key: 'domains_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 180,
    description:
      'Days after which domains go that are over, with their records, where no denial of theirs is left; 0: never. Half ' +
      'a year, so that families can still be drawn when their denials are gone.',
  },
  {
    table: 'store',
    key: 'admin_acts_days',
    type: 'integer',
    min: 0,
    max: DAYS_MAX,
    default: () => 730,
    description:
      'Days after which the log of administration goes; 0: never. Two years, so that a yearly review sees the one before. ' +
      'At most 200,000 entries in any case.',
  },
  {
    table: 'store',
    key: 'flood_per_minute',
    type: 'integer',
    min: 0,
    max: 1_000_000_000,
    default: () => 6_000,
    description:
      'Denials of one domain and issue in a minute of their own time that are stored one by one; 0: all are. Beyond it ' +
      'identical ones of a second become one, with their number and times; all counts stay exact.',
  },
  {
    table: 'store',
    key: 'max_bytes',
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: () => 10 * 1024 * MIB,
    description:
      'What the database may take with its log (mostly below 150 MB, more while a reader takes long); 0: no bound. ' +
      'Beyond it the oldest go: first text of records, then calls, denials, malformed records and gaps. Some 30 million ' +
      'denials fit into the default.',
  },
  {
    table: 'collector',
    key: 'source',
    type: 'string',
    choices: ['netlink', 'netlink-unicast', 'file', 'journal', 'auditd-plugin'],
    default: () => 'netlink',
    description:
      'Where records come from: the kernel beside an audit daemon (`netlink`) or instead of one ' +
      '(`netlink-unicast`), a log file that grows, the journal, or an audit daemon that starts us as its plugin.',
  },
  {
    table: 'collector',
    key: 'path',
    type: 'path',
    default: () => undefined,
    defaultText: 'unset',
    description: 'What to read where the source is `file` or `journal`.',
  },
  {
    table: 'collector',
    key: 'spool_directory',
    type: 'path',
    default: stateDirectory('/var/spool/trespass', 'data/spool'),
    defaultText: '`/var/spool/trespass` as root or service, else `./data/spool`',
    description: 'Documents wait here until the server has committed them.',
  },
  {
    table: 'collector',
    key: 'spool_max_bytes',
    type: 'integer',
    min: MIB,
    max: Number.MAX_SAFE_INTEGER,
    default: () => 512 * MIB,
    description:
      'Upper bound of the spool. Beyond it the oldest denials go, counted as lost (spool-overflow); gaps, and what begins ' +
      'and ends domains, go last.',
  },
  {
    table: 'collector',
    key: 'spool_min_free_bytes',
    type: 'integer',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: () => 256 * MIB,
    description:
      'Room that the spool leaves on its disk, but at most a tenth of the disk: where there is less, it grows no further, ' +
      'and the oldest go. 0: none.',
  },
  {
    table: 'collector',
    key: 'spool_max_days',
    type: 'integer',
    min: 0,
    max: 36_500,
    default: () => 30,
    description: 'Days after which the spool gives up what no server took, counted as lost (spool-overflow). 0: never.',
  },
  {
    table: 'collector',
    key: 'receive_buffer_bytes',
    type: 'integer',
    min: 64 * 1024,
    max: 1024 * MIB,
    default: () => 64 * MIB,
    description: 'Receive buffer of the audit socket. A record takes about 944 bytes of it.',
  },
  {
    table: 'collector',
    key: 'backlog_limit',
    type: 'integer',
    min: 0,
    max: 1_000_000,
    default: () => 8192,
    description:
      "The kernel's audit queue in records. Raised to this if it is lower, and put back at the end; never lowered.",
  },
  {
    table: 'collector',
    key: 'canary',
    type: 'boolean',
    default: () => true,
    description: 'Provoke one denial of our own at the start and report whether it came back.',
  },
  {
    table: 'collector',
    key: 'sandbox_rules',
    type: 'boolean',
    default: () => false,
    description:
      "Load audit rules on Landlock's system calls (key `trespass`) while we run: every sandbox is told, also those " +
      'that are never denied anything. Costs an event for each call.',
  },
  {
    table: 'collector',
    key: 'tracefs',
    type: 'boolean',
    default: () => true,
    description:
      "Read Landlock's tracepoints beside the audit socket where the kernel has them (Linux 7.3) and we may: the true " +
      'parent of each domain, and denials that audit does not log. `false` leaves tracing alone; ' +
      '`trespass hosts --json` says which it is.',
  },
  {
    table: 'collector',
    key: 'attribution',
    type: 'boolean',
    default: () => true,
    description:
      'Look up which package owns a refused program, and in which systemd unit and container its process is: best effort, ' +
      "and marked so. Costs a few megabytes and half a second at the start, to read the package manager's records.",
  },
  {
    table: 'collector',
    key: 'pull_config',
    type: 'boolean',
    default: () => true,
    description:
      'As an agent, follow what the server wants of its fleet: to tell less (`privacy`), and how often to be heard of. It ' +
      'can never make this host tell more than this file says.',
  },
  {
    table: 'collector',
    key: 'privacy',
    type: 'string',
    choices: ['full', 'reduced', 'aggregate'],
    default: () => 'full',
    description:
      'What leaves this host. `reduced`: no arguments, no raw records, no names of users and hosts, of accounts only whether it is root, a service or a person, no addresses, and paths only of files that packages own. `aggregate`: only counts by the hour of such, under an id that changes each day, sent at a random time within the hour after; nothing else but that the host is there. `trespass telemetry show` prints it.',
  },
  {
    table: 'runtime',
    key: 'directory',
    type: 'path',
    default: stateDirectory('/run/trespass', 'data/run'),
    defaultText: '`/run/trespass` as root or service, else `./data/run`',
    description: 'Sockets of the collector and the command line, and how audit was before we came.',
  },
  {
    table: 'log',
    key: 'level',
    type: 'string',
    choices: ['trace', 'debug', 'info', 'warn', 'error'],
    default: () => 'info',
    description: 'The least important message that still goes to standard error.',
  },
];

/** `table.key`: how messages, flags and tests name a key. */
export function keyName(key: ConfigKey): string {
  return `${key.table}.${key.key}`;
}

/** The surroundings of this process. `hasAccount` asks the user database. */
export function currentSurroundings(cwd: string, hasAccount: (name: string) => boolean): Surroundings {
  const isService = process.env.STATE_DIRECTORY !== undefined;
  return { hasSystemPaths: isRoot() || isService, cwd, hasOwnAccount: hasAccount('trespass') };
}

/** The default as text for tables: code as in the README, numbers in digits. */
export function defaultText(key: ConfigKey): string {
  if (key.defaultText !== undefined) {
    return key.defaultText;
  }
  return `\`${String(key.default({ hasSystemPaths: true, cwd: '/', hasOwnAccount: true }))}\``;
}

/** The README's configuration table: the lines between its two markers. */
export function configTable(): string {
  const lines = ['| key | type | default | meaning |', '|---|---|---|---|'];
  for (const key of CONFIG_KEYS) {
    const type = key.choices === undefined ? key.type : key.choices.map((choice) => `\`${choice}\``).join(', ');
    lines.push(`| \`${keyName(key)}\` | ${type} | ${defaultText(key)} | ${key.description} |`);
  }
  return lines.join('\n');
}
