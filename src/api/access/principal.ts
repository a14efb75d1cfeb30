// Who asks, and what they may. Scopes do not imply each other, but for admin, which is everything a person may do.
import type { Actor } from '../../store/access/admin-acts.ts';
import type { AgentRow } from '../../store/access/agent-rows.ts';
import { ROLES, type Role } from '../../store/access/roles.ts';
import { TOKEN_SCOPES, type TokenScope } from '../../store/access/tokens.ts';
import { ApiError } from '../errors.ts';

/** `read-sensitive`: raw record text, arguments and names of users. `ingest`, `enroll`: for collectors alone. */
export const SCOPES = TOKEN_SCOPES;
export type Scope = TokenScope;

export interface Principal {
  /** `socket`: the file permission of api.sock or ingest.sock was the key. */
  readonly kind: 'session' | 'token' | 'socket' | 'agent';
  /** Distinguishes callers for rate limits; holds no secret. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The token's name, or that of the account. */
  readonly name?: string;
  readonly expiresAtMs?: number;
  readonly session?: SessionOf;
  /** The number of the token, and the agent, where it is one. */
  readonly token?: number;
  readonly agent?: AgentRow;
  /** How the log of administration calls it; the address is the request's. */
  readonly actor: Pick<Actor, 'kind' | 'name'>;
  /** Whether it still holds; long streams ask again. */
  isValid(nowMs: number): boolean;
}

/** What is particular to a signed-in browser. */
export interface SessionOf {
  readonly id: number;
  /** null: a one-time link let it in. */
  readonly account: number | null;
  readonly role: Role;
  /** It ends then unless it is used before. */
  readonly idleAtMs: number;
  /** What a write must bring along, to show that our own page sent it. */
  readonly csrfToken: string;
}

/** What a role may do. */
export function scopesOf(role: Role): ReadonlySet<Scope> {
  return new Set(ROLES[role]);
}

/** What whoever owns the server may: everything but deliver records. */
export const PERSON_SCOPES: ReadonlySet<Scope> = scopesOf('admin');

/** Whether `principal` may do what needs `scope`. */
export function mayUse(principal: Principal, scope: Scope): boolean {
  return principal.scopes.has(scope) || (scope !== 'ingest' && scope !== 'enroll' && principal.scopes.has('admin'));
}

/** Who asks; on routes that are not public there is always somebody. */
export function principalOf(request: { readonly principal: Principal | undefined }): Principal {
  if (request.principal === undefined) {
    throw new ApiError('unauthenticated', 'Nobody is signed in');
  }
  return request.principal;
}
