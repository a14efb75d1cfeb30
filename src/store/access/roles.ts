// What a person may do, by the role of their account. A role is a name for a set of scopes; nothing asks for roles
// but who signs in.
import type { TokenScope } from './tokens.ts';

/** From the least to the most; each may what the one before it may. */
export const ROLES = {
  viewer: ['shared', 'read'],
  analyst: ['shared', 'read', 'read-sensitive'],
  operator: ['shared', 'read', 'read-sensitive', 'write'],
  admin: ['shared', 'read', 'read-sensitive', 'write', 'admin'],
} as const satisfies Record<string, readonly TokenScope[]>;

export type Role = keyof typeof ROLES;

export const ROLE_NAMES = ['viewer', 'analyst', 'operator', 'admin'] as const satisfies readonly Role[];

/** Whether `text` names a role. */
export function isRole(text: string): text is Role {
  return ROLE_NAMES.some((role) => role === text);
}
