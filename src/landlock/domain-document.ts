// One LANDLOCK_DOMAIN record to a document: a domain's allocation (which names its creator, not an actor) or its
// deallocation (which counts all its denials, logged or not). security/landlock/audit.c.
import { textOf } from '../audit/byte-text.ts';
import { readFields } from '../audit/fields.ts';
import { integerOf, UNSET_ID } from '../audit/numbers.ts';
import { ownString } from '../audit/own-string.ts';
import { decodeUntrusted } from '../audit/untrusted-string.ts';
import type { DomainAllocated, DomainDeallocated, UnknownField } from './document.ts';
import type { DocumentBase, Writable } from './document-base.ts';

type Creator = Writable<DomainAllocated['landlock']['domain']['creator']>;

const DOMAIN_ID = /^[0-9a-f]{1,16}$/;
const UNSIGNED = /^\d{1,20}$/;

// A creator without an executable gives a quoted `(null)`; an executable's path is absolute, so it is none of these.
const NO_EXECUTABLE = new Set(['(null)', '<no_memory>', '<too_long>']);

const ALLOCATED = new Set(['domain', 'status', 'mode', 'pid', 'uid', 'exe', 'comm']);
const DEALLOCATED = new Set(['domain', 'status', 'denials']);

function creatorOf(values: ReadonlyMap<string, string>): Creator {
  const creator: Creator = {};
  const pid = integerOf(values.get('pid'));
  const uid = integerOf(values.get('uid'));
  const executable = decodeUntrusted(values.get('exe') ?? '');
  const name = decodeUntrusted(values.get('comm') ?? '');
  if (pid !== undefined) creator.pid = pid;
  if (uid !== undefined && uid !== UNSET_ID) creator.uid = uid;
  if (executable !== undefined && !NO_EXECUTABLE.has(executable)) creator.executable = textOf(executable);
  if (name !== undefined) creator.name = textOf(name);
  return creator;
}

/** The document, or the reason why the record is none. */
export function readDomain(text: string, base: DocumentBase): DomainAllocated | DomainDeallocated | string {
  // A copy first: everything below may be kept.
  const fields = readFields(ownString(text));
  if (fields === undefined) return 'LANDLOCK_DOMAIN with a quoted value that does not end';
  const values = new Map<string, string>();
  const status = fields.find((field) => field.name === 'status')?.value;
  const known = status === 'deallocated' ? DEALLOCATED : ALLOCATED;
  const unknown: UnknownField[] = [];
  for (const { name, value } of fields) {
    if (known.has(name) && !values.has(name)) values.set(name, value);
    else if (unknown.length < 32) unknown.push({ record: 'LANDLOCK_DOMAIN', name, value });
  }
  const id = values.get('domain') ?? '';
  if (!DOMAIN_ID.test(id)) return 'LANDLOCK_DOMAIN without a domain= of hex digits';
  const extra = unknown.length === 0 ? {} : { unknown_fields: unknown };
  const head = { '@timestamp': base.timestamp, event: base.event, host: base.host };
  const tagged = base.tags === undefined ? head : { ...head, tags: base.tags };
  if (status === 'allocated') {
    const mode = values.get('mode');
    const creator = creatorOf(values);
    const domain = mode === undefined ? { id, creator } : { id, mode, creator };
    return { kind: 'domain-allocated', ...tagged, landlock: { domain, ...extra } };
  }
  if (status !== 'deallocated') return 'LANDLOCK_DOMAIN with an unknown status=';
  const denials = values.get('denials') ?? '';
  if (!UNSIGNED.test(denials)) return 'LANDLOCK_DOMAIN deallocated without denials=';
  const count = integerOf(denials) ?? denials;
  return { kind: 'domain-deallocated', ...tagged, landlock: { domain: { id, denials: count }, ...extra } };
}
