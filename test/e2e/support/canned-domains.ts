// Domains as the server answers them: families of several shapes, and the answers of a server that knows them.
import type { DomainAnswer, DomainTree, Evidence } from '../../../src/api/schemas/domain.ts';
import type { ProgramAnswer } from '../../../src/api/schemas/program.ts';
import { evidenceText } from '../../../src/store/families/evidence-text.ts';
import { answersOf, BOOT, someDenials, type World } from './canned-answers.ts';
import type { Answers } from './mock-server.ts';

export const FIRST_ID = 0x195ba4000;

const PROGRAMS = [
  '/usr/lib/systemd/systemd-executor',
  '/usr/bin/setpriv',
  '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/WebKitWebProcess',
  '/opt/vendor/very/long/installation/prefix/with-version-12.7.3/libexec/sandbox-helper',
  '/usr/bin/node',
];

/** That the `parent`th domain is an ancestor of the `index`th. */
export function evidenceOf(strength: Evidence['strength'], index: number, parent = 0): Evidence {
  const kind = { proof: 'same-event', strong: 'born-inside', hint: 'parent-process' }[strength];
  const evidence = { kind, strength, pid: 2_000 + index, parent_pid: 1_999 };
  const text = evidenceText({ ...evidence, records: [] }, (FIRST_ID + parent).toString(16));
  return { ...evidence, text, records: [`e${String(40).padStart(25, '0')}`] };
}

/** The `index`th domain of a boot, inside of the `parent`th. */
export function makeFamilyDomain(
  index: number,
  parent: number | undefined,
  nowMs: number,
  changes: Partial<DomainAnswer> = {},
): DomainAnswer {
  const strength = (['proof', 'strong', 'hint'] as const)[index % 3] ?? 'hint';
  const fromMs = nowMs - 3_600_000 + index * 37_000;
  const isLive = index % 4 === 0;
  const time = (atMs: number): string => new Date(atMs).toISOString();
  const unlogged = index % 5 === 1 ? 3 : 0;
  return {
    host: { id: 'id-web-1', name: 'web-1' },
    boot: BOOT,
    id: (FIRST_ID + index).toString(16),
    status: isLive ? 'live' : index % 7 === 6 ? 'presumed-gone' : 'gone',
    mode: 'enforcing',
    creator: {
      pid: 2_000 + index,
      uid: 1_000,
      executable: PROGRAMS[index % PROGRAMS.length] ?? '/usr/bin/true',
      name: 'sandboxer',
    },
    denials: {
      logged: 1 + ((index * 7) % 23),
      ...(isLive ? {} : { total: 1 + ((index * 7) % 23) + unlogged, unlogged }),
    },
    allocated_at: time(fromMs),
    first_denial_at: time(fromMs),
    last_denial_at: time(fromMs + 240_000),
    ...(isLive || index % 7 === 6 ? {} : { deallocated_at: time(fromMs + 300_000 + ((index * 91_000) % 900_000)) }),
    evidence: [],
    depth_min: parent === undefined ? 1 : 2,
    ...(parent === undefined
      ? {}
      : { parent: (FIRST_ID + parent).toString(16), evidence: [evidenceOf(strength, index, parent)] }),
    ...changes,
  };
}

/** Sixty: a chain of five, two of whose domains have many inside. */
export function bigFamily(nowMs: number): readonly DomainAnswer[] {
  return Array.from({ length: 60 }, (_, index) => {
    const parent = index === 0 ? undefined : index < 5 ? index - 1 : index < 40 ? 2 : index % 2 === 0 ? 4 : index - 20;
    return makeFamilyDomain(index, parent, nowMs);
  });
}

/** `count` domains, each third with one inside of it. */
export function manyDomains(nowMs: number, count: number): readonly DomainAnswer[] {
  return Array.from({ length: count }, (_, index) =>
    makeFamilyDomain(index, index % 3 === 1 ? index - 1 : undefined, nowMs),
  ).reverse();
}

export function makeProgram(program: string, changes: Partial<ProgramAnswer> = {}): ProgramAnswer {
  return {
    program,
    hosts: 3,
    sandboxes: 120,
    failed: 0,
    rulesets: 120,
    rules: 840,
    log_flags: { same_exec_off: 0, new_exec_on: 0, subdomains_off: 0 },
    domains: 41,
    denials: 512,
    ...changes,
  };
}

export interface DomainWorld extends World {
  readonly domains?: readonly DomainAnswer[];
  readonly programs?: readonly ProgramAnswer[];
  /** Descendants that a tree leaves out. */
  readonly leftOut?: number;
}

/** The list in pages, each domain, the tree of all of its boot, and its denials. */
export function domainAnswers(world: DomainWorld): Answers {
  const { nowMs } = world;
  const domains = world.domains ?? bigFamily(nowMs);
  const programs = world.programs ?? PROGRAMS.map((path) => makeProgram(path));
  const denials = world.denials ?? someDenials(nowMs);
  const others = answersOf({ ...world, denials });
  return (path, parameters, request) => {
    const [, list, host, boot, id, tree] = path.split('/').map(decodeURIComponent);
    if (list === 'domains' && id !== undefined) {
      const isThere = (one: DomainAnswer) => one.host.id === host && one.boot === boot;
      const found = domains.find((one) => isThere(one) && one.id === id);
      if (found === undefined || tree === undefined) {
        return found;
      }
      const left = world.leftOut === undefined ? {} : { left_out: world.leftOut };
      return { domains: domains.filter(isThere), ...left } satisfies DomainTree;
    }
    switch (path) {
      case '/domains':
        return pageOf(
          domains.filter((one) => fits(one, parameters)),
          parameters,
        );
      case '/programs':
        return pageOf(programs, parameters);
      case '/denials': {
        const domain = /^domain:(\w+)$/.exec(parameters.get('q') ?? '')?.[1];
        return domain === undefined
          ? others(path, parameters, request)
          : { data: denials.filter((one) => one.landlock.domain.id === domain), next_cursor: null };
      }
      default:
        return others(path, parameters, request);
    }
  };
}

function fits(domain: DomainAnswer, parameters: URLSearchParams): boolean {
  const is = (name: string, value: string | undefined) => (parameters.get(name) ?? value) === value;
  return (
    is('host', domain.host.id) &&
    is('boot', domain.boot) &&
    is('status', domain.status) &&
    is('program', domain.creator?.executable) &&
    (parameters.get('has') !== 'unlogged' || (domain.denials.unlogged ?? 0) > 0)
  );
}

function pageOf<T>(all: readonly T[], parameters: URLSearchParams): { data: readonly T[]; next_cursor: string | null } {
  const from = Number(parameters.get('cursor') ?? 0);
  const end = from + Number(parameters.get('limit') ?? 100);
  return { data: all.slice(from, end), next_cursor: end < all.length ? String(end) : null };
}
