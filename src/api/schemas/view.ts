// Views that people keep: what a page shows, under a name.
import Type, { type Static } from 'typebox';
import { VIEW_PAGES } from '../../store/views.ts';
import { list, time } from './common.ts';
import { scopeParameters } from './query.ts';

const optional = Type.Optional;
const VIEW_NAME_LENGTH_MAX = 100;
const COLUMNS_MAX = 32;

export const viewPageSchema = Type.Enum([...VIEW_PAGES], { description: 'The page of the dashboard that it is of' });

const content = {
  ...scopeParameters,
  sort: optional(Type.String({ pattern: '^[a-z_]{1,32}$', description: 'As the page has it' })),
  columns: optional(
    list(Type.String({ pattern: '^[@a-z][\\w.@]{0,63}$' }), { description: 'Members shown, with dots' }),
  ),
};

export const newViewSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: VIEW_NAME_LENGTH_MAX, pattern: '\\S' }),
    page: viewPageSchema,
    shared: optional(Type.Boolean({ default: false, description: 'For everybody to see; needs write' })),
    ...content,
    columns: optional(Type.Array(Type.String({ pattern: '^[@a-z][\\w.@]{0,63}$' }), { maxItems: COLUMNS_MAX })),
  },
  { title: 'NewSavedView', additionalProperties: false },
);

export const viewSchema = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    page: viewPageSchema,
    shared: Type.Boolean(),
    ...content,
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
