// `trespass tree`: the forest of domains, as far as it is known. The evidence of each edge is shown with it, because
// the kernel does not log who a domain's parent is.
import { EXIT } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import type { DomainAnswer, Scope } from '../store/answers.ts';
import { parseArguments, parseCount, parseTime } from './arguments.ts';
import type { Command } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { drawForest, selectTree } from './domain-forest.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import { PAGE_ROWS_MAX, type QuerySource } from './query-source.ts';

const DOMAINS_DEFAULT = 5_000;

export const treeCommand: Command = {
  name: 'tree',
  summary: 'draw how domains are nested, with the evidence',
  usage: `usage: trespass tree [options]

Draws which Landlock domain was made inside of which one. The kernel does not log that: every edge names the evidence
that it rests on, and a domain without any stands at the top.

  --host HOST     of this host (name or id)
  --domain ID     only the tree that this domain is in
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
    let all: { domains: DomainAnswer[]; isCut: boolean };
    try {
      all = await readDomains(source, scope, limit);
    } finally {
      source.close();
    }
    const domains = values.domain === undefined ? all.domains : selectTree(all.domains, values.domain);
    if (values.json) {
      io.stdout.write(`${toJsonLine({ domains: domains.map(toTreeEntry) })}\n`);
    } else if (domains.length > 0) {
      io.stdout.write(drawForest(domains));
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

async function readDomains(source: QuerySource, scope: Scope, limit: number) {
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
    status: domain.status,
    mode: domain.mode,
    creator: domain.creator,
    denials: domain.denials,
    allocatedAt: domain.allocated_at,
    deallocatedAt: domain.deallocated_at,
  };
}
