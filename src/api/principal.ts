// Who asks, and what they may. Scopes do not imply each other, but for admin, which is everything a person may do.

/** `read-sensitive`: raw record text and arguments. `ingest`: for collectors alone. */
export const SCOPES = ['read', 'read-sensitive', 'write', 'admin', 'ingest'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Principal {
  /** `socket`: the file permission of api.sock or ingest.sock was the key. */
  readonly kind: 'session' | 'token' | 'socket';
  /** Distinguishes callers for rate limits; holds no secret. */
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly name?: string;
  readonly expiresAtMs?: number;
  /** Whether it still holds; long streams ask again. */
  isValid(nowMs: number): boolean;
}

/** What a signed-in person may: everything but deliver records. */
export const PERSON_SCOPES: ReadonlySet<Scope> = new Set<Scope>(['read', 'read-sensitive', 'write', 'admin']);

/** Whether `principal` may do what needs `scope`. */
export function mayUse(principal: Principal, scope: Scope): boolean {
  return principal.scopes.has(scope) || (scope !== 'ingest' && principal.scopes.has('admin'));
}

/** `text` as a scope; undefined where it is none of ours. */
export function toScope(text: string): Scope | undefined {
  return SCOPES.find((scope) => scope === text);
}
