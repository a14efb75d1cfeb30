// What the same host recorded shortly before and after a denial: other denials, domains that began and ended, and what
// is known to be missing. Bounded on both sides of the denial, the nearest first kept.
import type { Denial } from '../landlock/document.ts';
import type { DomainAnswer, Scope } from '../store/answers.ts';
import type { Readers } from './readers/readers.ts';
import { CONTEXT_EVENTS, type ContextEntry, type DenialContext } from './schemas/context.ts';

/** Denials on each side. */
const SIDE_MAX = 100;
const DOMAINS_MAX = 100;

interface Side {
  /** Newest first. */
  readonly denials: readonly Denial[];
  readonly hasMore: boolean;
}

/** Rejects with ApiError. */
export async function readContext(
  denial: Denial,
  spanMs: number,
  readers: Readers,
  signal: AbortSignal,
): Promise<DenialContext> {
  const atMs = Date.parse(denial['@timestamp']);
  const fromMs = atMs - spanMs;
  const toMs = atMs + spanMs + 1;
  const ofHost: Scope = { host: denial.host.id, includeCanary: true };
  const around: Scope = { ...ofHost, fromMs, toMs };
  const [before, after, domains, { malformed, lost, unlogged }] = await Promise.all([
    readSide({ ...ofHost, fromMs, toMs: atMs + 1 }, readers, signal),
    readNearestAfter({ ...ofHost, fromMs: atMs + 1, toMs }, readers, signal),
    readers.ask('listDomains', { scope: around, limit: DOMAINS_MAX }, { signal }),
    readers.ask('summary', { scope: around }, { signal }),
  ]);
  const denials = [...after.denials, ...before.denials].reverse();
  const isThere = denials.some(({ event }) => event.id === denial.event.id);
  const entries = [
    ...(isThere ? denials : [...denials, denial]).map(toEntry),
    ...domains.data.flatMap((domain) => domainEntries(domain, fromMs, toMs)),
  ];
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs - 1).toISOString(),
    data: entries.sort(byTime),
    more: { before: before.hasMore, after: after.hasMore, domains: domains.next_cursor !== null },
    malformed,
    lost,
    unlogged,
  };
}

async function readSide(scope: Scope, readers: Readers, signal: AbortSignal): Promise<Side> {
  const page = await readers.ask('listDenials', { scope, limit: SIDE_MAX }, { signal });
  return { denials: page.data, hasMore: page.next_cursor !== null };
}

/** Lists begin with the newest, so the nearest of what came after are found by halving the span. */
async function readNearestAfter(
  scope: Scope & { readonly fromMs: number; readonly toMs: number },
  readers: Readers,
  signal: AbortSignal,
): Promise<Side> {
  let spanMs = scope.toMs - scope.fromMs;
  let side = await readSide(scope, readers, signal);
  let hasMore = false;
  while (side.hasMore && spanMs > 1) {
    hasMore = true;
    spanMs = Math.ceil(spanMs / 2);
    side = await readSide({ ...scope, toMs: scope.fromMs + spanMs }, readers, signal);
  }
  return { denials: side.denials, hasMore: hasMore || side.hasMore };
}

function toEntry(denial: Denial): ContextEntry {
  return { at: denial['@timestamp'], what: 'denial', denial };
}

function domainEntries(domain: DomainAnswer, fromMs: number, toMs: number): readonly ContextEntry[] {
  const times = [
    ['domain-created', domain.created_at],
    ['domain-allocated', domain.allocated_at],
    ['domain-deallocated', domain.deallocated_at],
  ] as const;
  return times.flatMap(([what, at]) => {
    const isWithin = at !== undefined && Date.parse(at) >= fromMs && Date.parse(at) < toMs;
    return isWithin ? [{ at, what, domain }] : [];
  });
}

/** Of what has the same millisecond, a domain begins before its denials and ends after them. */
function byTime(a: ContextEntry, b: ContextEntry): number {
  return Date.parse(a.at) - Date.parse(b.at) || CONTEXT_EVENTS.indexOf(a.what) - CONTEXT_EVENTS.indexOf(b.what);
}
