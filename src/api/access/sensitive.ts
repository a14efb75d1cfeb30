// What needs the scope read-sensitive, in one place: arguments of processes (they hold passwords), raw records (which
// hold the arguments), fields of them that were not understood (they are the text of records as it came), and what else
// a document has that this version does not know: nobody has decided yet who may see it.
import type {
  Denial,
  DomainAllocated,
  DomainCreated,
  DomainDeallocated,
  Gap,
  Malformed,
} from '../../landlock/document.ts';
import { knownMembers } from '../known-members.ts';
import {
  denialSchema,
  domainAllocatedSchema,
  domainCreatedSchema,
  domainDeallocatedSchema,
} from '../schemas/document.ts';
import { gapSchema, malformedSchema } from '../schemas/notice.ts';

type DomainEvent = DomainAllocated | DomainCreated | DomainDeallocated;

const UNKNOWN_FIELDS = 'landlock.unknown_fields';

/** `denial` for readers without read-sensitive. */
export const withoutSensitive = knownMembers<Denial>(denialSchema, ['process.args', UNKNOWN_FIELDS]);

/** What needs no more than read of what was not understood: where and why, not its text. */
export const withoutText: (notice: Malformed) => Omit<Malformed, 'text'> = knownMembers<Malformed>(malformedSchema, [
  'text',
]);

/** `gap` for readers without read-sensitive. */
export const gapWithoutSensitive = knownMembers<Gap>(gapSchema);

const ofDomains = {
  'domain-allocated': knownMembers<DomainEvent>(domainAllocatedSchema, [UNKNOWN_FIELDS]),
  'domain-created': knownMembers<DomainEvent>(domainCreatedSchema, [UNKNOWN_FIELDS]),
  'domain-deallocated': knownMembers<DomainEvent>(domainDeallocatedSchema, [UNKNOWN_FIELDS]),
};

/** What tells of a domain, for readers without read-sensitive. */
export function domainWithoutSensitive(document: DomainEvent): DomainEvent {
  return ofDomains[document.kind](document);
}
