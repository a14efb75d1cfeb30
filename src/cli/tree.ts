// `trespass tree`: the forest of domains, as far as it is known. The evidence of each edge is shown with it, because
// the kernel does not log who a domain's parent is.
import { EXIT } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import type { DomainAnswer, Scope } from '../store/answers.ts';
import { parseArguments, parseCount, parseTime, usageError } from './arguments.ts';
import type { Command } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { drawForest } from './domain-forest.ts';
import { explainDescent } from './explain-descent.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import { type DomainKey, type Filter, PAGE_ROWS_MAX, type QuerySource } from './query-source.ts';

const DOMAINS_DEFAULT = 5_000;

export const treeCommand: Command = {
  name: 'tree',
  summary: 'draw how domains are nested, with the evidence',
  usage: `usage: trespass tree [options]

Draws which Landlock domain was made inside of which one. The kernel does not log that: every edge names the evidence
that it rests on, and a domain without any stands at the top. The stroke of an edge says how sure it is: ═ proof,
─ strong, ┄ hint, ? unknown. Each line has the domain's id, its creator's program and process, its denials, whether it
is still there, and its life.

  --host HOST     of this host (name or id)
  --domain ID     only the tree that this domain is in (fast, however many there are)
  --explain ID    say in words how it is known what this domain is nested in, what was ruled out, and why denials
                  of it were not logged
  --since TIME    domains seen since then: 15m, 24h, 7d, or 2026-03-01T10:00:00Z
  --until TIME    domains seen before
  --limit N       at most so many domains (default ${DOMAINS_DEFAULT})
  --canary        also Trespass's own canary
  --json          one JSON object {"domains": [...]}
${SOURCE_USAGE}

Exit code 3: nothing matched.`,
  async run(argv, io) {
    const { values } = parseArguments('tree', argv, {
      ...SOURCE_OPTIONS,
      json: { type: 'boolean' },
      host: { type: 'string' },
      domain: { type: 'string' },
      explain: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      limit: { type: 'string' },
      canary: { type: 'boolean' },
    });
    const nowMs = Date.now();
    const scope: Scope = {
      // Who names a domain means that one.
      includeCanary: values.canary === true || values.domain !== undefined || values.explain !== undefined,
      ...(values.host !== undefined && { host: values.host }),
      ...(values.since !== undefined && { fromMs: parseTime('since', values.since, nowMs) }),
      ...(values.until !== undefined && { toMs: parseTime('until', values.until, nowMs) }),
    };
    const limit = values.limit === undefined ? DOMAINS_DEFAULT : parseCount('limit', values.limit);
    const source = await openQuerySource(values, io, () => loadCommandConfig(values, io));
    let all: Selection;
    try {
      all = await select(source, scope, limit, values);
    } finally {
      source.close();
    }
    const { domains } = all;
    if (values.json) {
      io.stdout.write(`${toJsonLine({ domains: domains.map(toTreeEntry) })}\n`);
    } else if (domains.length > 0) {
      io.stdout.write(values.explain === undefined ? drawForest(domains) : explainDescent(domains));
    }
    if (all.cut !== undefined) {
      io.stderr.write(`${all.cut}\n`);
    }
    if (domains.length === 0) {
      io.stderr.write('no domains matched\n');
      return EXIT.nothing;
    }
    return EXIT.done;
  },
};

interface Selection {
  readonly domains: readonly DomainAnswer[];
  /** What was left out, one sentence; undefined: nothing. */
  readonly cut?: string;
}

interface Wanted {
  readonly domain?: string | undefined;
  readonly explain?: string | undefined;
}

async function select(source: QuerySource, scope: Scope, limit: number, wanted: Wanted): Promise<Selection> {
  const { domain, explain } = wanted;
  if (explain !== undefined) {
    const id = toDomainId('explain', explain);
    const { domains } = await readDomains(source, scope, limit, { id });
    const trees = await Promise.all(domains.map((found) => source.tree(keyOf(found))));
    return { domains: trees.flatMap((tree) => tree?.domains.filter((one) => one.id === id) ?? []) };
  }
  return domain === undefined
    ? await readDomains(source, scope, limit)
    : await readTrees(source, scope, limit, toDomainId('domain', domain));
}

/** The whole trees that the domains with that number are in, one for each host and boot. */
async function readTrees(source: QuerySource, scope: Scope, limit: number, id: string): Promise<Selection> {
  const { domains } = await readDomains(source, scope, limit, { id });
  const whole: DomainAnswer[] = [];
  let leftOut = 0;
  for (const found of domains) {
    const tree = await source.tree(keyOf(found));
    const root = tree?.domains[0] ?? found;
    const all = root.id === id ? tree : await source.tree(keyOf(root));
    leftOut += all?.left_out ?? 0;
    // The one that was asked for and those above it are there in any case.
    const members = new Map([...(tree?.domains ?? []), ...(all?.domains ?? [])].map((one) => [one.id, one]));
    whole.push(...members.values());
  }
  return { domains: whole, ...(leftOut > 0 && { cut: `${leftOut} more domains of the tree were left out` }) };
}

function keyOf({ host, boot, id }: DomainAnswer): DomainKey {
  return { host: host.id, boot, id };
}

function toDomainId(option: string, text: string): string {
  const id = text.toLowerCase().replace(/^0x/, '');
  if (!/^[0-9a-f]{1,16}$/.test(id)) {
    throw usageError(
      `--${option} "${text}" is no domain id`,
      'give a hexadecimal number, as trespass domains shows it',
    );
  }
  return id;
}

async function readDomains(source: QuerySource, scope: Scope, limit: number, filter: Filter = {}): Promise<Selection> {
  const domains: DomainAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await source.page('domains', {
      scope,
      filter,
      limit: Math.min(PAGE_ROWS_MAX, limit - domains.length),
      ...(cursor !== undefined && { cursor }),
    });
    domains.push(...page.data);
    cursor = page.data.length > 0 ? (page.next_cursor ?? undefined) : undefined;
  } while (cursor !== undefined && domains.length < limit);
  const cut = `only the newest ${limit} domains were read: see --limit and --since`;
  return { domains, ...(cursor !== undefined && { cut }) };
}

/** The form of `--json`: what is not known is missing, but for the parent: null says that none is known. */
function toTreeEntry(domain: DomainAnswer): Readonly<Record<string, unknown>> {
  return {
    host: domain.host,
    boot: domain.boot,
    id: domain.id,
    parent: domain.parent ?? null,
    evidence: domain.evidence,
    depthMin: domain.depth_min,
    otherAncestors: domain.other_ancestors,
    ruledOut: domain.ruled_out,
    evidenceIncomplete: domain.evidence_incomplete,
    status: domain.status,
    mode: domain.mode,
    creator: domain.creator,
    denials: domain.denials,
    unloggedBecause: domain.unlogged_because,
    traced: domain.traced,
    ruleset: domain.ruleset,
    createdAt: domain.created_at,
    allocatedAt: domain.allocated_at,
    deallocatedAt: domain.deallocated_at,
  };
}
