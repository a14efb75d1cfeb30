// Keys of programs.
import Type, { type Static } from 'typebox';
import { TOKEN_SCOPES } from '../../store/access/tokens.ts';
import { count, list, time } from './common.ts';
import { scopeSchema } from './session.ts';

/** Small letters, digits, dot, dash, underscore. */
export const FLEET_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

const optional = Type.Optional;

export const TOKEN_NAME_LENGTH_MAX = 100;
/** A century: longer is a typing mistake. */
const EXPIRES_DAYS_MAX = 36_500;

const tokenFields = {
  id: Type.Integer(),
  name: Type.String(),
  scopes: list(scopeSchema),
  state: Type.Enum(['in force', 'expired', 'revoked']),
  created_at: time(),
  expires_at: optional(time()),
  used_at: optional(Type.String({ format: 'date-time', description: 'RFC 3339, UTC; up to a minute old' })),
  revoked_at: optional(time()),
  enrolment: optional(
    Type.Object(
      {
        fleet: Type.String(),
        needs_approval: Type.Boolean(),
        uses_max: optional(Type.Integer({ description: 'Absent: no limit' })),
        uses: count('Hosts that came with it'),
      },
      { description: 'With the scope enroll, in lists: what hosts that come with it get' },
    ),
  ),
};

export const tokenSchema = Type.Object(tokenFields, { title: 'Token' });

const enrolmentSchema = Type.Object(
  {
    fleet: Type.String({ pattern: FLEET_NAME.source, description: 'Hosts that come with it are in this fleet' }),
    needs_approval: optional(Type.Boolean({ default: false, description: 'Each waits for POST /agents/{id}/approve' })),
    uses_max: optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Default: no limit' })),
  },
  { additionalProperties: false, description: 'With the scope enroll: what hosts that come with it get' },
);

export const newTokenSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: TOKEN_NAME_LENGTH_MAX,
      pattern: '\\S',
      description: 'Who will use it',
    }),
    scopes: Type.Array(scopeSchema, { minItems: 1, maxItems: TOKEN_SCOPES.length, uniqueItems: true }),
    expires_in_days: optional(Type.Integer({ minimum: 1, maximum: EXPIRES_DAYS_MAX, description: 'Default: never' })),
    enrolment: optional(enrolmentSchema),
  },
  { title: 'NewToken', additionalProperties: false },
);

export const createdTokenSchema = Type.Object(
  { ...tokenFields, token: Type.String({ description: 'trp_…; shown this once' }) },
  { title: 'CreatedToken' },
);

export type Token = Static<typeof tokenSchema>;
export type NewToken = Static<typeof newTokenSchema>;
export type CreatedToken = Static<typeof createdTokenSchema>;
