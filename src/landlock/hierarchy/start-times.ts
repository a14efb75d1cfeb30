// What the start times of processes tell: whether a child was there before its parent made a domain, or began inside of
// it. Start times come from /proc and the time of a restriction from audit rules or tracepoints; where neither is known,
// nothing follows.
import type { DomainNode } from './domain-node.ts';
import { type Membership, type ProcessNode, RESTRICTIONS_MAX } from './process-node.ts';
import type { Surroundings } from './surroundings.ts';

/** Start times are right to two clock ticks, and records to one of the kernel's. */
const CLOCKS_APART_MS = 50;

/** A process above another one, as /proc showed the chain. */
export interface ProcessAbove {
  readonly process: ProcessNode;
  /** When the process just below it in the chain began; Unix time. */
  readonly below: number | undefined;
  /** Whether there are others in between. */
  readonly isDistant: boolean;
}

/** Those of the chain that there are records about, the nearest first. */
export function processesAbove(node: ProcessNode, around: Surroundings): ProcessAbove[] {
  const lineage = node.lineage ?? [];
  return lineage.flatMap(({ pid, startTicks, startedMs }, index) => {
    const process = index === 0 ? undefined : around.process(pid);
    if (process === undefined || !isThatProcess(process, startTicks, startedMs, node.lineageMs)) {
      return [];
    }
    return [{ process, below: lineage[index - 1]?.startedMs, isDistant: index > 1 }];
  });
}

/** Whether the records about a number are about the process that had it in the chain. */
function isThatProcess(node: ProcessNode, startTicks: number, startedMs: number | undefined, chainMs: number): boolean {
  if (node.startTicks !== undefined) {
    return node.startTicks === startTicks;
  }
  // It had the number from its start up to when the chain was read.
  return startedMs !== undefined && node.firstSeenMs >= startedMs - CLOCKS_APART_MS && node.firstSeenMs <= chainMs;
}

/** Whether the chain shows that `above` had its number before, or after, the process of that number which is in it. */
export function isOtherProcess(node: ProcessNode, above: ProcessNode): boolean {
  const entry = node.lineage?.find(({ pid }) => pid === above.pid);
  if (entry === undefined) {
    return false;
  }
  const { startTicks, startedMs } = entry;
  if (above.startTicks !== undefined) {
    return above.startTicks !== startTicks;
  }
  return startedMs !== undefined && above.firstSeenMs < startedMs - CLOCKS_APART_MS;
}

/** Whether the child was there before `parent` made the domain: then it is not inside. */
export function startedBefore(
  node: ProcessNode,
  childStartedMs: number | undefined,
  domain: DomainNode,
  parent: ProcessNode,
): boolean {
  if (domain.creator?.pid !== parent.pid) {
    return false;
  }
  const earliestMs = creationOf(domain, parent)?.earliestMs;
  // Where /proc did not show it, any record about the child says that it was there.
  const thereMs = Math.min(childStartedMs ?? Number.POSITIVE_INFINITY, node.firstSeenMs);
  return earliestMs !== undefined && thereMs + CLOCKS_APART_MS < earliestMs;
}

/** Whether `parent` was inside of the domain when the child began. */
export function startedInside(
  childStartedMs: number | undefined,
  domain: DomainNode,
  parent: ProcessNode,
  membership: Membership,
): boolean {
  if (childStartedMs === undefined) {
    return false;
  }
  const made = domain.creator?.pid === parent.pid ? creationOf(domain, parent)?.latestMs : undefined;
  const insideMs = Math.min(
    membership.isDenied ? membership.firstMs : Number.POSITIVE_INFINITY,
    made ?? Number.POSITIVE_INFINITY,
    // A domain that has a record was made before it.
    domain.creator?.pid === parent.pid ? domain.firstSeenMs : Number.POSITIVE_INFINITY,
  );
  return childStartedMs > insideMs + CLOCKS_APART_MS;
}

/**
 * When the creator made the domain, as far as its own restrictions tell: they are in the order of the domains' numbers,
 * but some of them may have made domains that no record names.
 */
function creationOf(
  domain: DomainNode,
  creator: ProcessNode,
): { readonly earliestMs: number; readonly latestMs: number } | undefined {
  if (domain.tracedMs !== undefined) {
    return { earliestMs: domain.tracedMs, latestMs: domain.tracedMs };
  }
  const made = [...creator.memberships.values()].filter(({ isCreator }) => isCreator);
  const before = made.filter(({ number }) => number < domain.number).length;
  const times = creator.restrictionsMs;
  const earliestMs = times[before];
  const latestMs = times[times.length - (made.length - before)];
  if (
    times.length >= RESTRICTIONS_MAX ||
    times.length < made.length ||
    earliestMs === undefined ||
    latestMs === undefined
  ) {
    return undefined;
  }
  // Made before our rules were loaded: then the times are those of other domains.
  return earliestMs > domain.firstSeenMs + CLOCKS_APART_MS ? undefined : { earliestMs, latestMs };
}
