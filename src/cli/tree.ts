// `trespass tree`: the forest of domains, as far as it is known. The evidence of each edge is shown with it, because
// the kernel does not log who a domain's parent is.
import { EXIT } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import type { DomainAnswer, Scope } from '../store/answers.ts';
import { parseArguments, parseCount, parseTime, usageError } from './arguments.ts';
import type { Command } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { drawForest, selectTree } from './domain-forest.ts';
import { explainDescent } from './explain-descent.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import { PAGE_ROWS_MAX, type QuerySource } from './query-source.ts';

const DOMAINS_DEFAULT = 5_000;

export const treeCommand: Command = {
  name: 'tree',
  summary: 'draw how domains are nested, with the evidence',
  usage: `usage: trespass tree [options]

Draws which Landlock domain was made inside of which one. The kernel does not log that: every edge names the evidence
that it rests on, and a domain without any stands at the top. The stroke of an edge says how sure it is: ═ proof,
─ strong, ┄ hint.

  --host HOST     of this host (name or id)
  --domain ID     only the tree that this domain is in
  --explain ID    say in words how it is known what this domain is nested in, and what was ruled out
  --since TIME    domains seen since then: 15m, 24h, 7d, or 2026-03-01T10:00:00Z
  --until TIME    domains seen before
  --limit N       at most so many domains (default ${DOMAINS_DEFAULT})
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
    });
    const nowMs = Date.now();
    const scope: Scope = {
      includeCanary: true,
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
    if (all.isCut) {
      io.stderr.write(`only the newest ${limit} domains were read: see --limit and --since\n`);
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
  /** Whether there were more domains than were read. */
  readonly isCut: boolean;
}

async function select(
  source: QuerySource,
  scope: Scope,
  limit: number,
  { domain, explain }: { readonly domain?: string | undefined; readonly explain?: string | undefined },
): Promise<Selection> {
  if (explain === undefined) {
    const all = await readDomains(source, scope, limit);
    return domain === undefined ? all : { ...all, domains: selectTree(all.domains, domain) };
  }
  const id = toDomainId(explain);
  // A query finds domains by their denials; one that was never denied anything is looked for among all.
  const denied = await readDomains(source, { ...scope, query: `domain:${id}` }, limit);
  const all = denied.domains.length > 0 ? denied : await readDomains(source, scope, limit);
  return { ...all, domains: all.domains.filter((found) => found.id === id) };
}

function toDomainId(text: string): string {
  const id = text.toLowerCase().replace(/^0x/, '');
  if (!/^[0-9a-f]{1,16}$/.test(id)) {
    throw usageError(`--explain "${text}" is no domain id`, 'give a hexadecimal number, as trespass domains shows it');
  }
  return id;
}

async function readDomains(source: QuerySource, scope: Scope, limit: number): Promise<Selection> {
  const domains: DomainAnswer[] = [];
  let cursor: string | undefined;
  do {
    const page = await source.page('domains', {
      scope,
      limit: Math.min(PAGE_ROWS_MAX, limit - domains.length),
      ...(cursor !== undefined && { cursor }),
    });
    domains.push(...page.data);
    cursor = page.data.length > 0 ? (page.next_cursor ?? undefined) : undefined;
  } while (cursor !== undefined && domains.length < limit);
  return { domains, isCut: cursor !== undefined };
}

/** The form of `--json`: what is not known is missing. */
function toTreeEntry(domain: DomainAnswer): Readonly<Record<string, unknown>> {
  return {
    host: domain.host,
    boot: domain.boot,
    id: domain.id,
    parent: domain.parent,
    evidence: domain.evidence,
    depthMin: domain.depth_min,
    otherAncestors: domain.other_ancestors,
    ruledOut: domain.ruled_out,
    evidenceIncomplete: domain.evidence_incomplete,
    status: domain.status,
    mode: domain.mode,
    creator: domain.creator,
    denials: domain.denials,
    allocatedAt: domain.allocated_at,
    deallocatedAt: domain.deallocated_at,
  };
}
