// People who sign in with a password.
import Type, { type Static } from 'typebox';
import { list, time } from './common.ts';
import { roleSchema } from './session.ts';

const optional = Type.Optional;
const password = () =>
  Type.String({ minLength: 1, maxLength: 1_024, description: 'At least 12 characters; kept as a hash only' });

export const accountSchema = Type.Object(
  {
    name: Type.String(),
    role: roleSchema,
    created_at: time(),
    password_changed_at: time(),
    signed_in_at: optional(time()),
    disabled_at: optional(Type.String({ format: 'date-time', description: 'Since then nobody may sign in with it' })),
  },
  { title: 'Account' },
);

export const accountsSchema = Type.Object({ data: list(accountSchema) }, { title: 'Accounts' });

export const newAccountSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$', description: 'Kept in small letters' }),
    role: roleSchema,
    password: password(),
  },
  { title: 'NewAccount', additionalProperties: false },
);

export const accountChangeSchema = Type.Object(
  { role: optional(roleSchema), disabled: optional(Type.Boolean()) },
  { title: 'AccountChange', additionalProperties: false, minProperties: 1 },
);

export const newPasswordSchema = Type.Object(
  { password: password() },
  { title: 'NewPassword', additionalProperties: false },
);

export const ownPasswordSchema = Type.Object(
  { old_password: Type.String({ minLength: 1, maxLength: 1_024 }), password: password() },
  { title: 'OwnPassword', additionalProperties: false },
);

export type Account = Static<typeof accountSchema>;
export type AccountChange = Static<typeof accountChangeSchema>;
