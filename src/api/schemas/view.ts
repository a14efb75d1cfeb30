// Views that people keep: what a page shows, under a name.
import Type, { type Static } from 'typebox';
import { VIEW_PAGES } from '../../store/access/views.ts';
import { time } from './common.ts';
import { scopeParameters } from './query.ts';

const optional = Type.Optional;
const VIEW_NAME_LENGTH_MAX = 100;

export const viewPageSchema = Type.Enum([...VIEW_PAGES], {
  description:
    'What it is a view of. The dashboard offers those of denials; what it shows has one order and its own columns',
});

export const newViewSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: VIEW_NAME_LENGTH_MAX, pattern: '\\S' }),
    page: viewPageSchema,
    shared: optional(Type.Boolean({ default: false, description: 'For everybody to see; needs write' })),
    ...scopeParameters,
  },
  { title: 'NewSavedView', additionalProperties: false },
);

export const viewSchema = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    page: viewPageSchema,
    shared: Type.Boolean(),
    ...scopeParameters,
    owner: Type.String({ description: 'The account or token that keeps it, or: server' }),
    own: Type.Boolean({ description: 'Whether it is of whoever asks' }),
    can_change: Type.Boolean({ description: 'Whether whoever asks may change and delete it' }),
    created_at: time(),
    changed_at: time(),
  },
  { title: 'SavedView' },
);

export type NewSavedView = Static<typeof newViewSchema>;
export type SavedView = Static<typeof viewSchema>;
