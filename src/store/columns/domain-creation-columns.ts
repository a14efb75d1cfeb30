// The tracepoint's word on a domain's creation as a row and back.
import type { DomainCreated } from '../../landlock/document.ts';
import { type BootFacts, joinCommon, splitCommon } from './common-columns.ts';
import { isColumnText } from './denial-columns.ts';
import { type Extra, keep, keepInner, keepOthers, keepTop, toExtraText, withExtra } from './extra.ts';

/** `creatorName` is to be interned. */
export interface DomainCreationParts {
  readonly flags: number;
  readonly parent: string | null;
  readonly ruleset: string | null;
  readonly creatorPid: number | null;
  readonly creatorThread: number | null;
  readonly creatorName: string | null;
  readonly extra: string | null;
}

export interface DomainCreationColumns extends BootFacts {
  readonly flags: number;
  readonly domain_number: string;
  readonly parent: string | null;
  readonly ruleset: string | null;
  readonly creator_pid: number | null;
  readonly creator_thread: number | null;
  readonly creator_name: string | null;
  readonly extra: string | null;
}

export type Ruleset = NonNullable<DomainCreated['landlock']['domain']['ruleset']>;

const TOP = new Set(['kind', '@timestamp', 'event', 'host', 'tags', 'landlock']);
const EVENT = new Set(['id', 'provider']);
const LANDLOCK = new Set(['domain']);
const DOMAIN = new Set(['id', 'parent', 'ruleset', 'creator']);
const PARENT = new Set(['id']);
const CREATOR = new Set(['pid', 'thread', 'name']);
const THREAD = new Set(['id']);

/** The parts of a checked document. */
export function splitDomainCreation(doc: DomainCreated, boot: BootFacts): DomainCreationParts {
  const extra: Extra = {};
  const flags = splitCommon(doc, boot, extra);
  const { domain } = doc.landlock;
  const { creator, parent, ruleset } = domain;
  keepTop(extra, doc, TOP);
  keepOthers(extra, 'event', doc.event, EVENT);
  keepOthers(extra, 'landlock', doc.landlock, LANDLOCK);
  keepInner(extra, 'landlock', 'domain', domain, DOMAIN);
  keepAll(extra, ['landlock', 'domain', 'parent'], parent, PARENT);
  keepAll(extra, ['landlock', 'domain', 'creator'], creator, CREATOR);
  keepAll(extra, ['landlock', 'domain', 'creator', 'thread'], creator.thread, THREAD);
  const name = creator.name !== undefined && isColumnText(creator.name) ? creator.name : null;
  if (creator.name !== undefined && name === null) keep(extra, [...CREATOR_PATH, 'name'], creator.name);
  return {
    flags,
    parent: parent?.id ?? null,
    ruleset: ruleset === undefined ? null : JSON.stringify(ruleset),
    creatorPid: creator.pid ?? null,
    creatorThread: creator.thread?.id ?? null,
    creatorName: name,
    extra: toExtraText(extra),
  };
}

const CREATOR_PATH = ['landlock', 'domain', 'creator'] as const;

function keepAll(
  extra: Extra,
  path: readonly [string, ...string[]],
  value: object | undefined,
  known: ReadonlySet<string>,
): void {
  for (const [name, member] of Object.entries(value ?? {})) {
    if (!known.has(name)) keep(extra, [...path, name], member);
  }
}

/** The document of a row. */
export function joinDomainCreation(row: DomainCreationColumns, eventId: string, ms: number): DomainCreated {
  const base: DomainCreated = {
    kind: 'domain-created',
    '@timestamp': new Date(ms).toISOString(),
    event: { id: eventId, provider: 'tracepoint' },
    ...joinCommon(row.flags, row),
    landlock: {
      domain: {
        id: row.domain_number,
        ...(row.parent === null ? {} : { parent: { id: row.parent } }),
        ...(row.ruleset === null ? {} : { ruleset: toRuleset(row.ruleset) }),
        creator: {
          ...(row.creator_pid === null ? {} : { pid: row.creator_pid }),
          ...(row.creator_thread === null ? {} : { thread: { id: row.creator_thread } }),
          ...(row.creator_name === null ? {} : { name: row.creator_name }),
        },
      },
    },
  };
  return withExtra(base, row.extra);
}

/** Our own JSON of what was checked before it was stored. */
export function toRuleset(text: string): Ruleset {
  return JSON.parse(text);
}
