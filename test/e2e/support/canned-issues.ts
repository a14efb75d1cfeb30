// Issues as the server answers them, and a server that keeps what is said of them.
import type { Denial } from '../../../src/api/schemas/document.ts';
import type { IssueAnswer, IssueChange, IssueDetail, IssueStatus } from '../../../src/api/schemas/issue.ts';
import type { Answers } from './mock-server.ts';

const DAY_MS = 86_400_000;
const TREND_DAYS = 30;
const DIGITS = 'abcdefghijklmnopqrstuvwxyz234567';

/** A fingerprint: 26 characters. */
export function issueId(index: number): string {
  const tail = [4, 3, 2, 1, 0].map((place) => DIGITS[Math.floor(index / 32 ** place) % 32]).join('');
  return `re7kwyy42fl5sen5aqkri${tail}`;
}

/** That every canned denial belongs to. */
export const ISSUE_ID = issueId(0);

type Kind = Pick<IssueAnswer, 'title' | 'program' | 'blockers' | 'object'>;

const KINDS: readonly Kind[] = [
  {
    title: 'dhclient is refused to write to /etc/resolv.conf',
    program: '/usr/sbin/dhclient',
    blockers: ['fs.write_file'],
    object: { class: 'path', key: '/etc/resolv.conf' },
  },
  {
    title: 'curl is refused to connect a TCP socket to port 443',
    program: '/usr/bin/curl',
    blockers: ['net.connect_tcp'],
    object: { class: 'remote-port', key: '443' },
  },
  {
    title: 'make is refused to make a regular file, and to link or rename across directories in, /usr/local',
    program: '/usr/bin/make',
    blockers: ['fs.make_reg', 'fs.refer'],
    object: { class: 'path', key: '/usr/local' },
  },
  {
    title: 'sandboxer is refused to send a signal to a process named systemd',
    program: '/usr/local/bin/sandboxer',
    blockers: ['scope.signal'],
    object: { class: 'process', key: 'systemd' },
  },
  {
    title: 'WebKitWebProcess is refused to connect to the abstract socket @/tmp/.X11-unix/X0',
    program: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/WebKitWebProcess',
    blockers: ['scope.abstract_unix_socket'],
    object: { class: 'abstract-socket', key: '@/tmp/.X11-unix/X0' },
  },
  {
    title: 'strace is refused to trace a process named sshd',
    program: '/usr/bin/strace',
    blockers: ['ptrace'],
    object: { class: 'process', key: 'sshd' },
  },
  {
    title: 'bash is refused to execute /home/*/.cache/pre-commit/repo*/bin/ruff',
    program: '/usr/bin/bash',
    blockers: ['fs.execute'],
    object: { class: 'path', key: '/home/*/.cache/pre-commit/repo*/bin/ruff' },
  },
  {
    title: 'node is refused to read /root/.ssh/id_ed25519',
    program: '/usr/bin/node',
    blockers: ['fs.read_file'],
    object: { class: 'path', key: '/root/.ssh/id_ed25519' },
  },
];

/** Trend by `shape`: steady, rising, a burst long ago, or only today. */
function pointsOf(index: number): readonly number[] {
  return Array.from({ length: TREND_DAYS }, (_, day) => {
    const noise = (day * 7 + index * 13) % 5;
    switch (index % 4) {
      case 0:
        return day > 26 ? 90 + noise * 9 : 4 + noise;
      case 1:
        return 8 + noise * 3;
      case 2:
        return day === 9 || day === 10 ? 60 : noise > 3 ? 1 : 0;
      default:
        return day === TREND_DAYS - 1 ? 6 + noise : 0;
    }
  });
}

export function makeIssue(index: number, nowMs: number, changes: Partial<IssueDetail> = {}): IssueDetail {
  const kind = KINDS[index % KINDS.length] ?? KINDS[0]!;
  const time = (atMs: number): string => new Date(atMs).toISOString();
  const points = pointsOf(index);
  const denials = points.reduce((sum, count) => sum + count, 0);
  const isYoung = index % 4 === 3;
  const firstMs = isYoung ? nowMs - (1 + (index % 9)) * 3_600_000 : nowMs - (20 + index) * DAY_MS;
  const lastMs = nowMs - 90_000 - index * 400_000;
  const names = ['web-1', 'web-2', 'db-1', 'build-arm'].slice(0, 1 + (index % 4));
  return {
    id: issueId(index),
    program_class: 'executable',
    ...kind,
    status: 'open',
    first_seen: time(firstMs),
    last_seen: time(lastMs),
    denials,
    hosts: names.length,
    host_list: names.map((name, place) => ({
      id: `id-${name}`,
      name,
      denials: Math.ceil(denials / (place + 2)),
      first_seen: time(firstMs),
      last_seen: time(lastMs),
    })),
    programs: [{ program: kind.program, denials: Math.min(denials, 180) }],
    users: [
      { user: '1000', denials: Math.ceil(Math.min(denials, 180) * 0.8) },
      { user: '0', denials: Math.floor(Math.min(denials, 180) * 0.2) },
    ],
    sampled: Math.min(denials, 180),
    samples: [],
    trend: {
      start: time((Math.floor(nowMs / DAY_MS) - TREND_DAYS + 1) * DAY_MS),
      interval_ms: DAY_MS,
      points,
    },
    ...changes,
  };
}

/** Some of each state; the first is the issue of all canned denials. */
export function someIssues(nowMs: number, count = 22): readonly IssueDetail[] {
  const states: readonly IssueStatus[] = ['open', 'open', 'open', 'open', 'regressed', 'open', 'archived', 'resolved'];
  return Array.from({ length: count }, (_, index) => {
    const status = states[index % states.length] ?? 'open';
    return makeIssue(index, nowMs, {
      status,
      ...(status === 'open' ? {} : { status_changed_at: new Date(nowMs - 7_200_000).toISOString() }),
      ...(index === 1 ? { assignee: 'alice', note: 'The proxy of the fleet moves to port 3128 in March.' } : {}),
    });
  });
}

const SORTS: Readonly<Record<string, (issue: IssueDetail) => number>> = {
  last_seen: (issue) => Date.parse(issue.last_seen),
  first_seen: (issue) => Date.parse(issue.first_seen),
  denials: (issue) => issue.denials,
  hosts: (issue) => issue.hosts,
};

/** The list in pages and each issue; what a PATCH says stays until the test ends. */
/** `samples`: of each that has none of its own. */
export function issueAnswers(issues: readonly IssueDetail[], nowMs: number, samples: readonly Denial[] = []): Answers {
  let current = issues;
  return (path, parameters, request) => {
    const [, , id] = path.split('/').map(decodeURIComponent);
    if (id === undefined) {
      return listOf(current, parameters, nowMs);
    }
    if (request?.method === 'PATCH') {
      current = current.map((issue) => (issue.id === id ? changed(issue, request.body as IssueChange, nowMs) : issue));
    }
    const found = current.find((issue) => issue.id === id);
    return found?.samples.length === 0 ? { ...found, samples } : found;
  };
}

function changed(issue: IssueDetail, { status, note, assignee }: IssueChange, nowMs: number): IssueDetail {
  const { note: oldNote, assignee: oldAssignee, ...rest } = issue;
  const texts = { note: note ?? oldNote ?? '', assignee: assignee ?? oldAssignee ?? '' };
  return {
    ...rest,
    ...(status === undefined ? {} : { status, status_changed_at: new Date(nowMs).toISOString() }),
    ...(texts.note === '' ? {} : { note: texts.note }),
    ...(texts.assignee === '' ? {} : { assignee: texts.assignee }),
  };
}

function listOf(all: readonly IssueDetail[], parameters: URLSearchParams, nowMs: number): unknown {
  const status = parameters.get('status');
  const by = SORTS[parameters.get('sort') ?? 'last_seen'] ?? SORTS.last_seen!;
  const fromMs = parameters.has('from') ? nowMs - 30 * DAY_MS : 0;
  const query = parameters.get('q');
  const fitting = all
    .filter((issue) => status === null || issue.status === status)
    .filter((issue) => Date.parse(issue.last_seen) >= fromMs && (query === null || issue.title.includes(query)))
    .sort((a, b) => by(b) - by(a));
  const from = Number(parameters.get('cursor') ?? 0);
  const end = from + Number(parameters.get('limit') ?? 100);
  return { data: fitting.slice(from, end), next_cursor: end < fitting.length ? String(end) : null };
}
