// Who is asking, and the one-time link that lets a browser in.
import Type, { type Static } from 'typebox';
import { list, time } from './common.ts';

export const scopeSchema = Type.Enum(['read', 'read-sensitive', 'write', 'admin', 'ingest']);

export const sessionSchema = Type.Object(
  {
    kind: Type.Enum(['session', 'token', 'socket']),
    scopes: list(scopeSchema),
    name: Type.Optional(Type.String({ description: "The token's name" })),
    expires_at: Type.Optional(time()),
  },
  { title: 'Session' },
);

export const signInLinkSchema = Type.Object(
  { url: Type.String({ description: 'Works once' }), expires_at: time() },
  { title: 'SignInLink' },
);

export type Session = Static<typeof sessionSchema>;
export type SignInLink = Static<typeof signInLinkSchema>;
