// The columns that rows of every kind of document share: the flags, and what of the host's fields the boot's row
// does not already say.
import type { AnyDocument, HostFields, Tag } from '../../landlock/document.ts';
import { type Extra, keep, keepInner, keepOthers } from './extra.ts';

export const FLAG_CANARY = 1;
export const FLAG_REPLAY = 2;
/** The document gave no host name although its boot has one. */
const FLAG_NAMELESS = 4;
/** The document's boot id was not derived although its boot's row says so. */
const FLAG_NOT_DERIVED = 8;

/** What the boot's row says; it never changes once it is written. */
export interface BootFacts {
  readonly host_id: string;
  readonly boot_id: string;
  readonly boot_name: string | null;
  readonly is_derived: number;
}

const HOST_COLUMNS = new Set(['id', 'name', 'boot']);
const BOOT_COLUMNS = new Set(['id', 'derived']);

/** The flags of a document; what they and the boot's row do not say goes to `extra`. */
export function splitCommon(doc: AnyDocument, boot: BootFacts, extra: Extra): number {
  let flags = splitTags(doc.tags, extra);
  const { name } = doc.host;
  if (name === undefined) {
    if (boot.boot_name !== null) flags |= FLAG_NAMELESS;
  } else if (name !== boot.boot_name) {
    keep(extra, ['host', 'name'], name);
  }
  const isDerived = doc.host.boot.derived === true;
  if (isDerived && boot.is_derived === 0) keep(extra, ['host', 'boot', 'derived'], true);
  if (!isDerived && boot.is_derived === 1) flags |= FLAG_NOT_DERIVED;
  keepOthers(extra, 'host', doc.host, HOST_COLUMNS);
  keepInner(extra, 'host', 'boot', doc.host.boot, BOOT_COLUMNS);
  return flags;
}

function splitTags(tags: readonly Tag[] | undefined, extra: Extra): number {
  if (tags === undefined) return 0;
  const flags = (tags.includes('canary') ? FLAG_CANARY : 0) | (tags.includes('replay') ? FLAG_REPLAY : 0);
  const said = joinTags(flags);
  if (said?.length !== tags.length || said.some((tag, index) => tag !== tags[index])) extra.tags = tags;
  return flags;
}

/** The tags that the flags stand for, in their usual order. */
export function joinTags(flags: number): readonly Tag[] | undefined {
  const canary = (flags & FLAG_CANARY) !== 0;
  const replay = (flags & FLAG_REPLAY) !== 0;
  if (canary) return replay ? ['canary', 'replay'] : ['canary'];
  return replay ? ['replay'] : undefined;
}

/** The host's fields and the tags, before extra is laid over them. */
export function joinCommon(flags: number, boot: BootFacts): { host: HostFields; tags?: readonly Tag[] } {
  const name = (flags & FLAG_NAMELESS) === 0 ? boot.boot_name : null;
  const isDerived = boot.is_derived === 1 && (flags & FLAG_NOT_DERIVED) === 0;
  const tags = joinTags(flags);
  return {
    host: {
      id: boot.host_id,
      ...(name === null ? {} : { name }),
      boot: { id: boot.boot_id, ...(isDerived ? { derived: true as const } : {}) },
    },
    ...(tags === undefined ? {} : { tags }),
  };
}
