// A small world for the mock server: a few hosts, a day of denials with a shape that a day could have. Everything
// is derived from a fixed seed, so that pictures differ only where the page differs.
import type { Denial, DenialDetail } from '../../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import type { FleetAnswer, HostAnswer } from '../../../src/api/schemas/host.ts';
import type { IssueDetail } from '../../../src/api/schemas/issue.ts';
import type { Summary, TimeSeries, Trends } from '../../../src/api/schemas/stats.ts';
import type { Status } from '../../../src/api/schemas/status.ts';
import { ISSUE_ID, issueAnswers, someIssues } from './canned-issues.ts';
import { placeAnswers } from './canned-places.ts';
import { contextAnswer, denialPage, valueAnswer } from './canned-values.ts';
import type { Answers } from './mock-server.ts';

const HOSTS = ['web-1', 'web-2', 'db-1', 'build-arm'];
export const BOOT = '8f1c5d0e-7c58-4d14-9b54-0c7be3a1f2aa';

interface Sample {
  readonly blockers: readonly string[];
  readonly kind: string;
  readonly object: Partial<Pick<Denial, 'file' | 'source' | 'destination'>>;
  readonly target?: Denial['landlock']['target'];
  readonly name?: string;
  readonly program: string;
  readonly executable: string;
  readonly reason: string;
}

const SAMPLES: readonly Sample[] = [
  {
    blockers: ['fs.write_file'],
    kind: 'file',
    object: { file: { path: '/etc/resolv.conf', device: 'vda2', inode: '3310' } },
    program: 'dhclient',
    executable: '/usr/sbin/dhclient',
    reason: 'dhclient was refused to open /etc/resolv.conf for writing.',
  },
  {
    blockers: ['net.connect_tcp'],
    kind: 'socket',
    object: { destination: { ip: '2001:db8::53', port: 443 } },
    program: 'curl',
    executable: '/usr/bin/curl',
    reason: 'curl was refused to connect to [2001:db8::53]:443 over TCP.',
  },
  {
    blockers: ['fs.make_reg', 'fs.refer'],
    kind: 'directory',
    object: { file: { path: '/usr/local', device: 'vda2', inode: '365' } },
    program: 'make',
    executable: '/usr/bin/make',
    reason: 'make was refused to make a regular file in the directory /usr/local, and to move something into it.',
  },
  {
    blockers: ['scope.signal'],
    kind: 'process',
    object: {},
    target: { process: { pid: 1, name: 'systemd' } },
    program: 'sandboxer',
    executable: '/usr/local/bin/sandboxer',
    reason: 'sandboxer was refused to send a signal to systemd (1), which is outside its domain.',
  },
  {
    blockers: ['scope.abstract_unix_socket'],
    kind: 'socket',
    object: {},
    name: '@/tmp/.X11-unix/X0',
    program: 'firefox',
    executable: '/usr/lib/firefox/firefox',
    reason: 'firefox was refused to connect to the abstract Unix socket @/tmp/.X11-unix/X0.',
  },
  {
    blockers: ['ptrace'],
    kind: 'process',
    object: {},
    target: { process: { pid: 4021, name: 'sshd' } },
    program: 'strace',
    executable: '/usr/bin/strace',
    reason: 'strace was refused to trace sshd (4021), which is outside its domain.',
  },
  {
    blockers: ['fs.execute'],
    kind: 'file',
    object: { file: { path: '/home/alice/.cache/pre-commit/repo7l3x/bin/ruff', device: 'vda3', inode: '88123' } },
    program: 'sh',
    executable: '/usr/bin/bash',
    reason: 'sh was refused to execute /home/alice/.cache/pre-commit/repo7l3x/bin/ruff.',
  },
  {
    blockers: ['fs.read_file'],
    kind: 'file',
    object: { file: { path: '/root/.ssh/id_ed25519', device: 'vda2', inode: '1200' } },
    program: 'node',
    executable: '/usr/bin/node',
    reason: 'node was refused to open /root/.ssh/id_ed25519 for reading.',
  },
];

/** A generator of the same numbers each time, 0 to below 1. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function makeDenial(index: number, atMs: number, changes: Partial<Denial> = {}): Denial {
  const sample = SAMPLES[index % SAMPLES.length] ?? SAMPLES[0]!;
  const host = HOSTS[index % 5 === 4 ? 3 : index % 3] ?? 'web-1';
  return {
    kind: 'denial',
    '@timestamp': new Date(atMs).toISOString(),
    event: {
      id: `e${String(index).padStart(25, '0')}`,
      sequence: 1000 + index,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: ['intrusion_detection'],
      type: ['denied'],
      reason: sample.reason,
    },
    host: { id: `id-${host}`, name: host, boot: { id: BOOT } },
    landlock: {
      domain: { id: `195ba45${(index % 16).toString(16)}b` },
      blockers: sample.blockers,
      object: { kind: sample.kind, ...(sample.name === undefined ? {} : { name: sample.name }) },
      ...(sample.target === undefined ? {} : { target: sample.target }),
      actor_certainty: 'certain',
    },
    ...sample.object,
    process: {
      pid: 2000 + index,
      parent: { pid: 1 },
      name: sample.program,
      executable: sample.executable,
      args: [sample.executable, '--config', '/etc/app.toml'],
      tty: 'pts0',
      session_id: 3,
    },
    user: { id: index % 4 === 0 ? '0' : '1000', audit: { id: '1000' }, effective: { id: '1000' } },
    group: { id: '1000' },
    syscall: { arch: 'x86_64', name: 'openat', number: 257, exit: -13 },
    ...changes,
  };
}

export function makeHost(name: string, denials: number, nowMs: number, changes: Partial<HostAnswer> = {}): HostAnswer {
  return {
    id: `id-${name}`,
    name,
    fleet: name.startsWith('web') ? 'web' : 'default',
    replay: false,
    first_seen: new Date(nowMs - 40 * 86_400_000).toISOString(),
    last_seen: new Date(nowMs - 4_000).toISOString(),
    kernel: name === 'build-arm' ? '7.2.13-arm64' : '6.18.15-amd64',
    arch: 'x86_64',
    distribution: 'Debian GNU/Linux 13',
    landlock_abi: name === 'build-arm' ? 10 : 7,
    boots: 3,
    denials,
    domains: 40,
    malformed: 0,
    lost: [],
    unlogged: 12,
    ...(denials === 0 ? {} : { last_denial_at: new Date(nowMs - 90_000).toISOString() }),
    ...changes,
  };
}

export function makeCollector(name: string, nowMs: number): Status['collectors'][number] {
  return {
    state: 'online',
    last_contact_at: new Date(nowMs - 2_000).toISOString(),
    restarts: 0,
    heartbeat: {
      host: { id: `id-${name}`, name, boot_id: BOOT, kernel: '6.18.15-amd64', arch: 'x86_64', landlock_abi: 7 },
      version: '0.1.0',
      pid: 812,
      started_at: new Date(nowMs - 3_600_000).toISOString(),
      source: 'netlink',
      privileges: { uid: 65534, capabilities: ['CAP_AUDIT_READ'] },
      audit: {
        enabled: 1,
        enabled_before: 0,
        backlog_limit: 8192,
        backlog_limit_before: 64,
        backlog: 0,
        lost: 0,
        daemon_pid: 0,
        rate_limit: 0,
      },
      receive_buffer: { asked_bytes: 67_108_864, got_bytes: 134_217_728 },
      canary: { state: 'seen', latency_ms: 38, at: new Date(nowMs - 3_500_000).toISOString() },
      counts: { records: 48_213, events: 15_020, denials: 3_412, malformed: 0, lost: [] },
      spool: { documents: 0, bytes: 0, bytes_max: 1_073_741_824 },
    },
  };
}

export function makeStatus(nowMs: number, changes: Partial<Status> = {}): Status {
  return {
    version: '0.1.0',
    now: new Date(nowMs).toISOString(),
    started_at: new Date(nowMs - 3_600_000).toISOString(),
    database: {
      path: '/var/lib/trespass/trespass.db',
      bytes: 52_428_800,
      schema_version: 1,
      denials: 3_412,
      removed: [],
    },
    server: { pid: 811, uid: 65534, capabilities: [] },
    certificate: {
      pin: 'sha256/n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
      self_signed: true,
      expires_at: new Date(nowMs + 300 * 86_400_000).toISOString(),
    },
    retention: {
      raw_days: 30,
      denials_days: 90,
      sandbox_calls_days: 90,
      losses_days: 730,
      rollups_days: 730,
      issues_days: 180,
      domains_days: 180,
      admin_acts_days: 0,
      max_bytes: 10_737_418_240,
    },
    collectors: HOSTS.map((name) => makeCollector(name, nowMs)),
    ingest: { batches: 120, documents: 3_900, duplicates: 0, rejected: 0 },
    streams: 1,
    problems: [],
    ...changes,
  };
}

/** `24h` in 48 bars; the night is quiet, and something broke in the afternoon. */
export function makeSeries(nowMs: number, parameters: URLSearchParams, isEmpty: boolean): TimeSeries {
  const span = /^now-(\d+)([hd])$/.exec(parameters.get('from') ?? 'now-24h');
  const spanMs = Number(span?.[1] ?? 24) * (span?.[2] === 'd' ? 86_400_000 : 3_600_000);
  const unit = /^(\d+)([mhd])$/.exec(parameters.get('interval') ?? '30m');
  const intervalMs = Number(unit?.[1] ?? 30) * ({ m: 60_000, h: 3_600_000, d: 86_400_000 }[unit?.[2] ?? 'm'] ?? 60_000);
  const startMs = Math.floor((nowMs - spanMs) / intervalMs) * intervalMs;
  const length = Math.ceil((nowMs - startMs) / intervalMs);
  const random = numbers(7);
  const wave = (bar: number, high: number): number => {
    const day = 0.5 + 0.5 * Math.sin((bar / length) * 2 * Math.PI - 1.2);
    return Math.round(high * (0.15 + day) * (0.4 + random()));
  };
  const one = (key: string, high: number, burst: number) => ({
    key,
    points: Array.from({ length }, (_, bar) =>
      isEmpty
        ? 0
        : wave(bar, high) + (bar > length * 0.7 && bar < length * 0.78 ? Math.round(burst * (0.6 + random())) : 0),
    ),
  });
  return {
    from: new Date(nowMs - spanMs).toISOString(),
    to: new Date(nowMs).toISOString(),
    malformed: 0,
    lost: [],
    unlogged: isEmpty ? 0 : 12,
    interval_ms: intervalMs,
    group_by: 'class',
    start_ms: startMs,
    series:
      parameters.get('group_by') === 'fleet'
        ? [one('web', 40, 150), one('default', 9, 0)]
        : [one('fs', 46, 150), one('net', 18, 10), one('scope', 7, 0), one('ptrace', 3, 0)],
    counted_from: 'rollups',
    losses: [],
    silences: [],
  };
}

export function makeSummary(nowMs: number, series: TimeSeries): Summary {
  const by = series.series.map((one) => ({ key: one.key, denials: one.points.reduce((sum, value) => sum + value, 0) }));
  const denials = by.reduce((sum, one) => sum + one.denials, 0);
  const part = (share: number): number => Math.round(denials * share);
  return {
    from: series.from,
    to: series.to,
    malformed: 0,
    lost: [],
    unlogged: series.unlogged,
    denials,
    denials_before: part(0.71),
    domains: denials === 0 ? { allocated: 0, live: 0, deallocated: 0 } : { allocated: 142, live: 31, deallocated: 111 },
    programs: denials === 0 ? 0 : 8,
    hosts: { total: 4, denied: denials === 0 ? 0 : 3 },
    by_class: by.map((one) => ({ class: one.key as Summary['by_class'][number]['class'], denials: one.denials })),
    by_blocker:
      denials === 0
        ? []
        : [
            { blocker: 'fs.write_file', denials: part(0.34) },
            { blocker: 'fs.read_file', denials: part(0.21) },
            { blocker: 'net.connect_tcp', denials: part(0.17) },
            { blocker: 'fs.make_reg', denials: part(0.09) },
            { blocker: 'fs.refer', denials: part(0.07) },
            { blocker: 'scope.signal', denials: part(0.05) },
            { blocker: 'fs.execute', denials: part(0.04) },
            { blocker: 'ptrace', denials: part(0.02) },
            { blocker: 'scope.abstract_unix_socket', denials: part(0.01) },
          ],
    ...(denials === 0 ? {} : { last_denial_at: new Date(nowMs - 90_000).toISOString() }),
  };
}

function makeTrends(series: TimeSeries, summary: Summary): Trends {
  const isEmpty = summary.denials === 0;
  const parts = (high: number) =>
    Array.from({ length: 24 }, (_, part) => (isEmpty ? 0 : Math.round(high * (0.4 + 0.6 * Math.sin(part / 5) ** 2))));
  return {
    from: series.from,
    to: series.to,
    new_issues: { now: isEmpty ? 0 : 6, before: isEmpty ? 0 : 4, points: parts(2) },
    hosts_denied: { now: summary.hosts.denied, before: isEmpty ? 0 : 3, points: parts(3) },
    unlogged: { now: summary.unlogged, before: isEmpty ? 0 : 16, points: parts(4) },
  };
}

export function makeDomain(id: string, nowMs: number): DomainAnswer {
  return {
    host: { id: 'id-web-1', name: 'web-1' },
    boot: BOOT,
    id,
    status: 'live',
    mode: 'enforcing',
    creator: { pid: 1990, uid: 1000, executable: '/usr/bin/setpriv', name: 'setpriv' },
    denials: { logged: 7 },
    allocated_at: new Date(nowMs - 3_000_000).toISOString(),
    parent: '195ba4501',
    evidence: [{ kind: 'nested-creator', strength: 'strong' }],
    depth_min: 2,
  };
}

const RECORDS = [
  'type=LANDLOCK_ACCESS msg=audit(1795392846.531:1007): domain=195ba459b blockers=fs.write_file path="/etc/resolv.conf" dev="vda2" ino=3310',
  'type=LANDLOCK_DOMAIN msg=audit(1795392846.531:1007): domain=195ba459b status=allocated mode=enforcing pid=1990 uid=1000 exe="/usr/bin/setpriv" comm="setpriv"',
  'type=SYSCALL msg=audit(1795392846.531:1007): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c items=0 ppid=1 pid=2000 auid=1000 uid=0 gid=1000 tty=pts0 ses=3 comm="dhclient" exe="/usr/sbin/dhclient"',
].join('\n');

export interface World {
  readonly nowMs: number;
  readonly denials?: readonly Denial[];
  readonly status?: Status;
  readonly hosts?: readonly HostAnswer[];
  readonly fleets?: readonly FleetAnswer[];
  readonly issues?: readonly IssueDetail[];
  readonly isEmpty?: boolean;
  readonly changeSeries?: (series: TimeSeries) => TimeSeries;
  /** A text that people, programs or records chose, where the pages of hosts, people and settings show such. */
  readonly text?: string;
}

/** Forty denials of the last hours. */
export function someDenials(nowMs: number, count = 40): readonly Denial[] {
  const random = numbers(3);
  let atMs = nowMs - 90_000;
  return Array.from({ length: count }, (_, index) => {
    atMs -= Math.round(random() * 240_000);
    return makeDenial(count - index, atMs);
  });
}

/** The answers of a server that knows `world`. */
export function answersOf(world: World): Answers {
  const { nowMs, isEmpty = false } = world;
  const denials = world.denials ?? (isEmpty ? [] : someDenials(nowMs));
  const hosts =
    world.hosts ?? HOSTS.map((name, index) => makeHost(name, isEmpty ? 0 : ([2_105, 903, 377, 27][index] ?? 0), nowMs));
  const latest = isEmpty ? {} : { last_denial_at: new Date(nowMs - 90_000).toISOString() };
  const fleets = world.fleets ?? [
    { name: 'web', hosts: 2, denials: isEmpty ? 0 : 3_008, domains: 80, unlogged: 9, ...latest },
    { name: 'default', hosts: 2, denials: isEmpty ? 0 : 404, domains: 62, unlogged: 3, ...latest },
  ];
  const issues = world.issues ?? (isEmpty ? [] : someIssues(nowMs));
  const ofIssues = issueAnswers(issues, nowMs, denials.slice(0, 3));
  const { text } = world;
  const status = world.status ?? makeStatus(nowMs);
  const ofPlaces = placeAnswers({
    nowMs,
    denials,
    hosts,
    collectors: status.collectors,
    ...(text !== undefined && { text }),
  });
  return (path, parameters, request) => {
    const place = ofPlaces(path, parameters, request);
    if (place !== undefined) {
      return place;
    }
    const plain = makeSeries(nowMs, parameters, isEmpty);
    const series = world.changeSeries?.(plain) ?? plain;
    const id = /^\/denials\/(e\w+)$/.exec(path)?.[1];
    if (id !== undefined) {
      const found = denials.find((denial) => denial.event.id === decodeURIComponent(id));
      return found === undefined
        ? undefined
        : ({ ...found, issue: ISSUE_ID, event: { ...found.event, original: RECORDS } } satisfies DenialDetail);
    }
    if (path === '/issues' || path.startsWith('/issues/')) {
      return ofIssues(path, parameters, request);
    }
    const around = /^\/denials\/(e\w+)\/context$/.exec(path)?.[1];
    if (around !== undefined) {
      return contextAnswer(denials, around, makeDomain('195ba459b', nowMs));
    }
    if (path.startsWith('/domains/') && path.endsWith('/tree')) {
      const { parent: _parent, ...root } = makeDomain('195ba4501', nowMs);
      return { domains: [{ ...root, evidence: [], depth_min: 1 }, makeDomain(path.split('/').at(-2) ?? '', nowMs)] };
    }
    if (path.startsWith('/domains/')) {
      return makeDomain(path.split('/').at(-1) ?? '', nowMs);
    }
    switch (path) {
      case '/stats/summary':
        return makeSummary(nowMs, { ...series });
      case '/stats/trends':
        return makeTrends(series, makeSummary(nowMs, series));
      case '/stats/timeseries':
        return series;
      case '/denials':
        return denialPage(parameters, denials);
      case '/stats/top':
      case '/stats/values':
        return valueAnswer(path, parameters, denials);
      case '/denials/stream':
        return {};
      case '/hosts':
        return { data: hosts, next_cursor: null };
      case '/fleets':
        return { data: fleets, next_cursor: null };
      case '/status':
        return status;
      default:
        return undefined;
    }
  };
}
