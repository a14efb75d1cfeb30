// A domain's allocation or deallocation as a row and back.
import type { DomainAllocated, DomainDeallocated, ProcessAncestor } from '../../landlock/document.ts';
import { type BootFacts, joinCommon, splitCommon } from './common-columns.ts';
import { type Extra, keep, keepInner, keepOthers, keepTop, toExtraText, withExtra } from './extra.ts';

/** `creatorExecutable` and `creatorName` are to be interned. */
export interface DomainEventParts {
  readonly flags: number;
  readonly isAllocation: boolean;
  readonly mode: string | null;
  readonly creatorPid: number | null;
  readonly creatorUid: number | null;
  readonly creatorExecutable: string | null;
  readonly creatorName: string | null;
  /** Drawn in to 2^53 - 1; the exact text of a greater number is in extra. */
  readonly total: number | null;
  readonly extra: string | null;
  /** Who made it, for looking up what has to do with it. */
  readonly creator: { readonly pid: number | null; readonly ancestry: readonly ProcessAncestor[] | undefined };
}

export interface DomainEventColumns extends BootFacts {
  readonly flags: number;
  readonly serial: number;
  readonly domain_number: string;
  readonly is_allocation: number;
  readonly mode: string | null;
  readonly creator_pid: number | null;
  readonly creator_uid: number | null;
  readonly creator_executable: string | null;
  readonly creator_name: string | null;
  readonly total: number | null;
  readonly extra: string | null;
}

const TOP = new Set(['kind', '@timestamp', 'event', 'host', 'tags', 'landlock']);
const EVENT = new Set(['id', 'sequence']);
const LANDLOCK = new Set(['domain']);
const ALLOCATED = new Set(['id', 'mode', 'creator']);
const DEALLOCATED = new Set(['id', 'denials']);
const CREATOR = new Set(['pid', 'uid', 'executable', 'name']);

/** The parts of a checked document. */
export function splitDomainEvent(doc: DomainAllocated | DomainDeallocated, boot: BootFacts): DomainEventParts {
  const extra: Extra = {};
  const flags = splitCommon(doc, boot, extra);
  keepTop(extra, doc, TOP);
  keepOthers(extra, 'event', doc.event, EVENT);
  keepOthers(extra, 'landlock', doc.landlock, LANDLOCK);
  if (doc.kind === 'domain-allocated') return splitAllocated(doc, flags, extra);
  keepInner(extra, 'landlock', 'domain', doc.landlock.domain, DEALLOCATED);
  const { denials } = doc.landlock.domain;
  if (typeof denials === 'string') keep(extra, ['landlock', 'domain', 'denials'], denials);
  return {
    flags,
    isAllocation: false,
    mode: null,
    creatorPid: null,
    creatorUid: null,
    creatorExecutable: null,
    creatorName: null,
    total: Math.min(Number(denials), Number.MAX_SAFE_INTEGER),
    extra: toExtraText(extra),
    creator: { pid: null, ancestry: undefined },
  };
}

function splitAllocated(doc: DomainAllocated, flags: number, extra: Extra): DomainEventParts {
  const { domain } = doc.landlock;
  keepInner(extra, 'landlock', 'domain', domain, ALLOCATED);
  for (const [name, value] of Object.entries(domain.creator)) {
    if (!CREATOR.has(name)) keep(extra, ['landlock', 'domain', 'creator', name], value);
  }
  return {
    flags,
    isAllocation: true,
    mode: domain.mode ?? null,
    creatorPid: domain.creator.pid ?? null,
    creatorUid: domain.creator.uid ?? null,
    creatorExecutable: domain.creator.executable ?? null,
    creatorName: domain.creator.name ?? null,
    total: null,
    extra: toExtraText(extra),
    creator: { pid: domain.creator.pid ?? null, ancestry: domain.creator.ancestry },
  };
}

/** The document of a row. */
export function joinDomainEvent(
  row: DomainEventColumns,
  eventId: string,
  ms: number,
): DomainAllocated | DomainDeallocated {
  const common = {
    '@timestamp': new Date(ms).toISOString(),
    event: { id: eventId, sequence: row.serial },
    ...joinCommon(row.flags, row),
  };
  if (row.is_allocation === 0) {
    const domain = { id: row.domain_number, denials: row.total ?? 0 };
    return withExtra({ kind: 'domain-deallocated', ...common, landlock: { domain } }, row.extra);
  }
  const creator = {
    ...(row.creator_pid === null ? {} : { pid: row.creator_pid }),
    ...(row.creator_uid === null ? {} : { uid: row.creator_uid }),
    ...(row.creator_executable === null ? {} : { executable: row.creator_executable }),
    ...(row.creator_name === null ? {} : { name: row.creator_name }),
  };
  const mode = row.mode === null ? {} : { mode: row.mode };
  const landlock = { domain: { id: row.domain_number, ...mode, creator } };
  return withExtra({ kind: 'domain-allocated', ...common, landlock }, row.extra);
}
