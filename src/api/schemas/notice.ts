// What tells of missing or misunderstood input, in the shapes of src/landlock/document.ts.
import Type, { type Static } from 'typebox';
import { GAP_CAUSES } from '../../landlock/document.ts';
import { count, list, time } from './common.ts';

const optional = Type.Optional;

const common = {
  event: Type.Object({ id: Type.String() }),
  host: Type.Object({
    id: Type.String(),
    name: optional(Type.String()),
    boot: Type.Object({ id: Type.String(), derived: optional(Type.Literal(true)) }),
  }),
  tags: optional(list(Type.Enum(['canary', 'replay']))),
};

export const gapSchema = Type.Object(
  {
    kind: Type.Literal('gap'),
    '@timestamp': Type.String({ format: 'date-time', description: 'When it was noticed' }),
    ...common,
    first: optional(Type.Integer({ description: 'First missing serial, where the cause has serials' })),
    last: optional(Type.Integer()),
    count: count('In the unit of the cause'),
    cause: Type.String({ description: `An open set: ${GAP_CAUSES.join(', ')}` }),
    since: optional(Type.String({ format: 'date-time', description: 'When it began, where known' })),
  },
  { title: 'Gap' },
);

export const malformedSchema = Type.Object(
  {
    kind: Type.Literal('malformed'),
    '@timestamp': optional(time()),
    ...common,
    reason: Type.String(),
    text: optional(
      Type.String({ description: 'The text itself, cut at 4096 characters; with the scope read-sensitive only' }),
    ),
    place: optional(
      Type.Object(
        { file: optional(Type.String()), line: optional(count()), byte: optional(count()) },
        {
          description: 'Where it stands in what was read',
        },
      ),
    ),
  },
  { title: 'Malformed' },
);

export type Gap = Static<typeof gapSchema>;
export type Malformed = Static<typeof malformedSchema>;
