// One boot of a host.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';
import { lostCountSchema } from './host.ts';

export const bootSchema = Type.Object(
  {
    id: Type.String(),
    derived: Type.Optional(
      Type.Literal(true, { description: 'Made from the input: the real boot id was not to be had' }),
    ),
    current: Type.Boolean({ description: 'The host has not booted again since, as far as known' }),
    first_seen: time(),
    last_seen: time(),
    domains: Type.Object({ total: count(), live: count('Not deallocated, and of the current boot') }),
    denials: count('Those that audit logged'),
    unlogged: count('Counted by the kernel, but not logged'),
    lost: list(lostCountSchema),
  },
  { title: 'Boot' },
);

export type BootAnswer = Static<typeof bootSchema>;
