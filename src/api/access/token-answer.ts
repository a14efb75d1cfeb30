// A token as the API and the command line show it: everything but its text.
import type { TokenFacts } from '../../store/access/tokens.ts';
import type { Token } from '../schemas/token.ts';

export function toTokenAnswer(token: TokenFacts, nowMs: number): Token {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id: token.id,
    name: token.name,
    scopes: token.scopes,
    state: stateOf(token, nowMs),
    created_at: time(token.createdMs),
    ...(token.expiresMs !== null && { expires_at: time(token.expiresMs) }),
    ...(token.usedMs !== null && { used_at: time(token.usedMs) }),
    ...(token.revokedMs !== null && { revoked_at: time(token.revokedMs) }),
    ...(token.enrolment && { enrolment: toEnrolmentAnswer(token.enrolment) }),
  };
}

function toEnrolmentAnswer(enrolment: NonNullable<TokenFacts['enrolment']>): NonNullable<Token['enrolment']> {
  const { fleet, needsApproval, usesMax, uses } = enrolment;
  return { fleet, needs_approval: needsApproval, ...(usesMax !== undefined && { uses_max: usesMax }), uses };
}

function stateOf({ revokedMs, expiresMs }: TokenFacts, nowMs: number): Token['state'] {
  if (revokedMs !== null) {
    return 'revoked';
  }
  return expiresMs !== null && expiresMs <= nowMs ? 'expired' : 'in force';
}
