// The log of administration.
import Type, { type Static } from 'typebox';
import { time } from './common.ts';

const optional = Type.Optional;

export const adminActSchema = Type.Object(
  {
    id: Type.Integer(),
    at: time(),
    actor: Type.Object({
      kind: Type.Enum(['user', 'link', 'token', 'agent', 'socket', 'command', 'nobody'], {
        description: 'command: on the database itself, by a process of the user that `name` says',
      }),
      name: Type.String(),
      address: optional(Type.String({ description: 'Absent where it did not come over a network' })),
    }),
    action: Type.String({ description: 'An open set: token-create, sign-in, issue-change, …' }),
    target: optional(Type.String({ description: 'What it was done to' })),
    outcome: Type.Enum(['done', 'refused']),
    detail: optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { title: 'AdminAct' },
);

export type AdminAct = Static<typeof adminActSchema>;
