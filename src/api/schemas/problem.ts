// Every error's body: RFC 9457 with a hint.
import Type, { type Static } from 'typebox';

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:trespass:problem:CODE' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened this time' }),
    hint: Type.String({ description: 'What to do about it' }),
    instance: Type.Optional(Type.String({ description: "The request's id in the server's log" })),
    expected_seq: Type.Optional(
      Type.Integer({ description: 'Of a batch that does not go on where the stored ones end: where it should' }),
    ),
    position: Type.Optional(Type.Integer({ description: 'Offset of a syntax error in `q`, from 0' })),
  },
  { title: 'Problem' },
);

export type Problem = Static<typeof problemSchema>;
