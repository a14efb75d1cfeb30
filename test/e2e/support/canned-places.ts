// Hosts, fleets, people, settings and explanations of the canned world.
import type { Account } from '../../../src/api/schemas/account.ts';
import type { AdminAct } from '../../../src/api/schemas/admin-act.ts';
import type { Agent } from '../../../src/api/schemas/agent.ts';
import type { BootAnswer } from '../../../src/api/schemas/boot.ts';
import type { Denial } from '../../../src/api/schemas/document.ts';
import type { Explanation } from '../../../src/api/schemas/explanation.ts';
import type { FleetMetrics } from '../../../src/api/schemas/fleet-metrics.ts';
import type { HostAnswer } from '../../../src/api/schemas/host.ts';
import type { HostDetail } from '../../../src/api/schemas/host-detail.ts';
import type { OpenSession, Session } from '../../../src/api/schemas/session.ts';
import type { CollectorStatus } from '../../../src/api/schemas/status.ts';
import type { SuggestionAnswer } from '../../../src/api/schemas/suggestion.ts';
import type { Token } from '../../../src/api/schemas/token.ts';
import type { UserAnswer } from '../../../src/api/schemas/user.ts';
import { cause } from '../../../src/landlock/explain/cause.ts';
import { aggregatedMetrics, packageMetrics, sharedMetrics } from './canned-fleets.ts';
import type { Answers } from './mock-server.ts';

export interface PlacesWorld {
  readonly nowMs: number;
  readonly denials: readonly Denial[];
  readonly hosts: readonly HostAnswer[];
  readonly collectors: readonly CollectorStatus[];
  /** Put where records or people could put a text of their own. */
  readonly text?: string;
}

/** Undefined: another question. */
export function placeAnswers(world: PlacesWorld): Answers {
  const { nowMs, hosts, denials, text } = world;
  const at = (agoMs: number) => new Date(nowMs - agoMs).toISOString();
  return (path, parameters) => {
    const [, kind, name = '', part] = path.split('/').map(decodeURIComponent);
    if (kind === 'hosts' && name !== '') {
      const host = hosts.find((one) => one.id === name);
      return host && (part === 'boots' ? { data: boots(at), next_cursor: null } : hostDetail(host, world));
    }
    if (kind === 'fleets' && part === 'metrics') {
      // The time before ends in the past.
      return fleetMetrics(name, parameters.has('to') ? 0.7 : name === 'web' ? 1 : 1.6, text);
    }
    if (kind === 'fleets' && part === 'packages') {
      return packageMetrics(name, at, parameters.get('package'), text);
    }
    if (kind === 'fleets' && part === 'shared') {
      return sharedMetrics(name, at, text);
    }
    if (kind === 'denials' && part === 'explanation') {
      const denial = denials.find((one) => one.event.id === name);
      return denial && explanation(denial, text);
    }
    switch (path) {
      case '/suggestions':
        return suggestion(text ?? '/etc/resolv.conf', parameters);
      case '/agents':
        return { data: agents(hosts, at, text), next_cursor: null };
      case '/users':
        return { data: users(at, text), next_cursor: null };
      case '/session':
        return session(at);
      case '/sessions':
        return { data: sessions(at, text) };
      case '/accounts':
        return { data: accounts(at, text) };
      case '/tokens':
        return { data: tokens(at, text), next_cursor: null };
      case '/audit-log':
        return { data: acts(at, text), next_cursor: null };
      default:
        return undefined;
    }
  };
}

type At = (agoMs: number) => string;
const HOUR_MS = 3_600_000;

function hostDetail(host: HostAnswer, { collectors }: PlacesWorld): HostDetail {
  const collector = collectors.find((one) => one.heartbeat.host.id === host.id);
  return { ...host, ...(collector && { collector }) };
}

function accounts(at: At, text: string | undefined): readonly Account[] {
  return [
    {
      name: text ?? 'alice',
      role: 'admin',
      created_at: at(90 * 24 * HOUR_MS),
      password_changed_at: at(30 * 24 * HOUR_MS),
      signed_in_at: at(HOUR_MS),
    },
    { name: 'vic', role: 'viewer', created_at: at(9 * 24 * HOUR_MS), password_changed_at: at(9 * 24 * HOUR_MS) },
    {
      name: 'old-intern',
      role: 'analyst',
      created_at: at(400 * 24 * HOUR_MS),
      password_changed_at: at(400 * 24 * HOUR_MS),
      signed_in_at: at(200 * 24 * HOUR_MS),
      disabled_at: at(100 * 24 * HOUR_MS),
    },
  ];
}

/** All hosts but the first, which is the server's own, and one that nobody has decided about. */
function agents(hosts: readonly HostAnswer[], at: At, text: string | undefined): readonly Agent[] {
  const [, ...others] = hosts;
  const known = others.map(
    ({ id, name, fleet }, index): Agent => ({
      id: `agent-${index}`,
      host: { id, name },
      fleet,
      labels: [{ name: 'role', value: text ?? 'web' }],
      version: '0.1.0',
      config: { etag: '"0123456789abcdef"', is_current: true },
      privacy: 'full',
      state: 'online',
      enrolled_at: at(400 * HOUR_MS),
      contact_at: at(9_000),
      clock_skew_ms: index === 0 ? -41_000 : 12,
    }),
  );
  const labels = known[0]?.labels ?? [];
  const waiting = { id: 'agent-new', host: { id: 'id-new', name: text ?? 'web-9' }, fleet: text ?? 'web', labels };
  const said = { config: { is_current: false }, privacy: 'full' as const };
  return [...known, { ...waiting, ...said, version: '0.1.0', state: 'pending', enrolled_at: at(600_000) }];
}

function boots(at: At): readonly BootAnswer[] {
  return [0, 1, 2].map((index) => ({
    id: `${index}f1c5d0e-7c58-4d14-9b54-0c7be3a1f2aa`,
    current: index === 0,
    first_seen: at((index + 1) * 200 * HOUR_MS),
    last_seen: at(index * 200 * HOUR_MS + 4_000),
    domains: { total: 40 + index, live: index === 0 ? 12 : 0 },
    denials: 700 - 90 * index,
    unlogged: 3 * index,
    lost: index === 1 ? [{ cause: 'kernel-lost', count: 12 }] : [],
  }));
}

function fleetMetrics(fleet: string, factor: number, text: string | undefined): FleetMetrics {
  const denials = Math.round(1_408 * factor);
  const rate = {
    denials,
    host_days: 41.3,
    per_100_host_days: (100 * denials) / 41.3,
    hosts_reporting: 42,
    hosts_affected: Math.round(17 * factor),
  };
  const parts = (names: readonly string[]) =>
    names.map((value, index) => ({ value, denials: Math.round((denials * 0.4) / (index + 1)), hosts: 12 - index }));
  const groups = (names: readonly string[]) =>
    names.map((value, index) => ({ value, ...rate, denials: denials - index * 300 }));
  const programs = ['/usr/sbin/dhclient', '/usr/lib/firefox/firefox', '/usr/bin/node', '/usr/bin/make'];
  return {
    fleet,
    from: '2026-03-01T00:00:00.000Z',
    to: '2026-03-02T00:00:00.000Z',
    hosts_total: 44,
    ...rate,
    unlogged_share: 0.12,
    usage: { programs: 14, domains: 930, sandboxes: 0, programs_per_host_day: 0.339, domains_per_host_day: 22.518 },
    before: { ...rate, denials: Math.round(denials * 0.7), per_100_host_days: (70 * denials) / 41.3 },
    by_program: parts(text === undefined ? programs : [text, ...programs]),
    by_blocker: parts(['fs.write_file', 'net.connect_tcp', 'scope.abstract_unix_socket']),
    by_kernel: groups([text ?? '6.18.15-amd64', '7.2.13-arm64']),
    by_abi: groups(['7', '10']),
    by_distribution: groups([text ?? 'Debian GNU/Linux 13', '(unknown)']),
    aggregated: aggregatedMetrics(text),
    malformed: 0,
    lost: [],
    unlogged: 9,
  };
}

function explanation(denial: Denial, text: string | undefined): Explanation {
  const path = text ?? denial.file?.path ?? 'it';
  const creator = text ?? '/usr/bin/setpriv';
  return {
    sentence: `${text ?? denial.process?.name ?? 'A process'} was refused ${denial.landlock.blockers.join(' and ')} by the sandbox that ${creator} set up.`,
    actor: denial.process?.name ?? '',
    creator,
    meaning: denial.landlock.blockers.map((blocker) => ({
      blocker,
      text: 'Opens a file for writing. Creating one is a right of its own.',
      since_abi: 1,
      traps: ['Truncating it needs fs.truncate as well, which older policies do not know.'],
    })),
    causes: [
      cause(
        'likely',
        'the program does not work as it should without it',
        'the policy has no rule for this path, or one with too few rights',
        `give ${creator} a rule with fs.write_file for ${path}, or for the directory that the program needs`,
      ),
      cause(
        'possible',
        'nobody asked the program to touch this',
        'the program, or something that it runs, tries to reach secrets, and the sandbox does its work',
        `do not allow it; look at what else the same process was refused, and keep ${path} out of the rules`,
      ),
    ],
    unknown: ['With which flags the file was to be opened.'],
    denial: {
      id: denial.event.id,
      at: denial['@timestamp'],
      host: { id: denial.host.id, name: denial.host.name ?? '' },
    },
    other_hosts: [],
    around: { pid: 2040, seconds: 60, data: [], is_sampled: false },
  };
}

function suggestion(path: string, parameters: URLSearchParams): SuggestionAnswer {
  const format = (parameters.get('format') ?? 'text') as SuggestionAnswer['format'];
  const isGuarded = parameters.has('include_guarded');
  const rule = { kind: 'path', path, directory: false, rights: ['fs.write_file'], denials: 1 } as const;
  return {
    suggestion: {
      rules: [
        { ...rule, tier: 'normal' },
        ...(isGuarded
          ? [{ ...rule, tier: 'guarded', reason: 'Whoever writes it decides whom all ask.' } as const]
          : []),
      ],
      differences: [],
      withheld: isGuarded
        ? []
        : [
            {
              tier: 'guarded',
              what: `fs.make_reg in ${path}`,
              reason: 'Whoever writes it decides whom all ask.',
              denials: 1,
            },
          ],
      impossible: [],
      notes: ['The domain has to be made anew with it: rules cannot be added to one that is there.'],
      abi: 1,
      counts: { selected: 1, allowed: 1, withheld: 0, impossible: 0, beyond: 0 },
    },
    format,
    text: `${format === 'text' ? '' : `${format}: `}fs.write_file on ${path}`,
    cannot: format === 'systemd' ? ['systemd has no single rights.'] : [],
    is_cut: false,
  };
}

function users(at: At, text: string | undefined): readonly UserAnswer[] {
  return [
    { uid: 1000, names: [{ name: text ?? 'alice', hosts: 3 }], hosts: 3, denials: 2_105, last_seen: at(HOUR_MS) },
    { uid: 0, names: [{ name: 'root', hosts: 4 }], hosts: 4, denials: 719, last_seen: at(2 * HOUR_MS) },
    { uid: 33, names: [{ name: 'www-data', hosts: 1 }], hosts: 1, denials: 12, last_seen: at(9 * HOUR_MS) },
    { uid: 60_001, hosts: 1, denials: 1, last_seen: at(20 * HOUR_MS) },
  ];
}

function session(at: At): Session {
  return {
    kind: 'session',
    role: 'admin',
    scopes: ['read', 'read-sensitive', 'write', 'admin'],
    expires_at: at(-10 * HOUR_MS),
    idle_expires_at: at(-2 * HOUR_MS),
  };
}

function sessions(at: At, text: string | undefined): readonly OpenSession[] {
  const agent = text ?? 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  return [
    {
      id: 7,
      current: true,
      role: 'admin',
      created_at: at(HOUR_MS),
      used_at: at(0),
      expires_at: at(-10 * HOUR_MS),
      address: '127.0.0.1',
      agent,
    },
    {
      id: 5,
      current: false,
      user: text ?? 'carol',
      role: 'viewer',
      created_at: at(30 * HOUR_MS),
      used_at: at(3 * HOUR_MS),
      expires_at: at(-20 * HOUR_MS),
      address: '192.0.2.14',
      agent,
    },
  ];
}

function tokens(at: At, text: string | undefined): readonly Token[] {
  return [
    {
      id: 3,
      name: text ?? 'grafana',
      scopes: ['read'],
      state: 'in force',
      created_at: at(400 * HOUR_MS),
      expires_at: at(-900 * HOUR_MS),
      used_at: at(60_000),
    },
    {
      id: 4,
      name: text ?? 'hosts of web',
      scopes: ['enroll'],
      state: 'in force',
      created_at: at(30 * HOUR_MS),
      expires_at: at(-100 * HOUR_MS),
      enrolment: { fleet: text ?? 'web', needs_approval: true, uses_max: 20, uses: 4 },
    },
    {
      id: 2,
      name: 'nightly export',
      scopes: ['read', 'read-sensitive'],
      state: 'in force',
      created_at: at(900 * HOUR_MS),
      used_at: at(7 * HOUR_MS),
    },
    {
      id: 1,
      name: 'old laptop',
      scopes: ['read'],
      state: 'revoked',
      created_at: at(2_000 * HOUR_MS),
      revoked_at: at(1_500 * HOUR_MS),
    },
  ];
}

function acts(at: At, text: string | undefined): readonly AdminAct[] {
  return [
    {
      id: 9,
      at: at(HOUR_MS),
      actor: { kind: 'link', name: 'sign-in link', address: '127.0.0.1' },
      action: 'sign-in',
      target: 'session 7',
      outcome: 'done',
    },
    {
      id: 8,
      at: at(30 * HOUR_MS),
      actor: { kind: 'nobody', name: text ?? 'nobody', address: '192.0.2.14' },
      action: 'sign-in',
      outcome: 'refused',
      detail: { by: 'password', user: text ?? 'carol' },
    },
    {
      id: 7,
      at: at(400 * HOUR_MS),
      actor: { kind: 'command', name: 'root' },
      action: 'token-create',
      target: text ?? '3 grafana',
      outcome: 'done',
      detail: { scopes: ['read'] },
    },
  ];
}
