// Users of whose processes something was denied.
import Type, { type Static } from 'typebox';
import { USER_SORTS } from '../../store/counts/users.ts';
import { count, list } from './common.ts';

export const userSortSchema = Type.Enum([...USER_SORTS], {
  description: 'The greatest first, but the least uid; default: denials',
});

export const userSchema = Type.Object(
  {
    uid: count(),
    names: Type.Optional(
      list(Type.Object({ name: Type.String(), hosts: count('Hosts whose agent calls it so') }), {
        description: 'What agents know this id as; with the scope read-sensitive only',
      }),
    ),
    hosts: count('Hosts where something was denied'),
    denials: count(),
    last_seen: Type.String({ format: 'date-time', description: 'The hour of the last denial within the span' }),
  },
  { title: 'User' },
);

export type UserAnswer = Static<typeof userSchema>;
