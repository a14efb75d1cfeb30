// What a host recorded around a denial.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';
import { denialSchema } from './document.ts';
import { domainSchema } from './domain.ts';

export const CONTEXT_EVENTS = ['domain-created', 'domain-allocated', 'denial', 'domain-deallocated'] as const;

const contextEntrySchema = Type.Object(
  {
    at: time(),
    what: Type.Enum([...CONTEXT_EVENTS], { description: 'What happened at that time' }),
    denial: Type.Optional(denialSchema),
    domain: Type.Optional(domainSchema),
  },
  { title: 'ContextEntry' },
);

export const contextSchema = Type.Object(
  {
    from: time(),
    to: time(),
    data: list(contextEntrySchema, { description: 'In the order of time, the denial itself among them' }),
    more: Type.Object(
      { before: Type.Boolean(), after: Type.Boolean(), domains: Type.Boolean() },
      { description: 'Whether there is more than `data` has: denials farther away, other domains' },
    ),
    malformed: count('Records of that time that could not be understood'),
    lost: list(Type.Object({ cause: Type.String(), count: count() })),
    unlogged: count('Denials of domains that ended in that time that the kernel did not log'),
  },
  { title: 'DenialContext' },
);

export type ContextEntry = Static<typeof contextEntrySchema>;
export type DenialContext = Static<typeof contextSchema>;
