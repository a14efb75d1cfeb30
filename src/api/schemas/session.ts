// Who is asking, the ways to sign in, and the browsers that are signed in.
import Type, { type Static } from 'typebox';
import { list, time } from './common.ts';

const optional = Type.Optional;

export const scopeSchema = Type.Enum(['shared', 'read', 'read-sensitive', 'write', 'admin', 'ingest', 'enroll']);

export const roleSchema = Type.Enum(['viewer', 'analyst', 'operator', 'admin']);

export const sessionSchema = Type.Object(
  {
    kind: Type.Enum(['session', 'token', 'socket', 'agent']),
    scopes: list(scopeSchema),
    name: optional(Type.String({ description: "The user's or the token's; absent where a link let the browser in" })),
    role: optional(roleSchema),
    expires_at: optional(time()),
    idle_expires_at: optional(time()),
    csrf_token: optional(Type.String({ description: 'Of a session: goes back as X-CSRF-Token with each write' })),
  },
  { title: 'Session' },
);

export const credentialsSchema = Type.Object(
  {
    user: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 1_024 }),
  },
  { title: 'Credentials', additionalProperties: false },
);

export const signInLinkSchema = Type.Object(
  { url: Type.String({ description: 'Works once' }), expires_at: time() },
  { title: 'SignInLink' },
);

export const openSessionSchema = Type.Object(
  {
    id: Type.Integer(),
    current: Type.Boolean({ description: 'The one that asks' }),
    user: optional(Type.String({ description: 'Absent where a link let the browser in' })),
    role: roleSchema,
    created_at: time(),
    used_at: Type.String({ format: 'date-time', description: 'RFC 3339, UTC; up to a minute old' }),
    expires_at: time(),
    address: Type.String(),
    agent: Type.String({ description: 'What the browser says of itself: its own words' }),
  },
  { title: 'OpenSession' },
);

export const openSessionsSchema = Type.Object({ data: list(openSessionSchema) }, { title: 'OpenSessions' });

export const endedSessionsSchema = Type.Object({ ended: Type.Integer() }, { title: 'EndedSessions' });

export type Session = Static<typeof sessionSchema>;
export type Credentials = Static<typeof credentialsSchema>;
export type Role = Static<typeof roleSchema>;
export type SignInLink = Static<typeof signInLinkSchema>;
export type OpenSession = Static<typeof openSessionSchema>;
