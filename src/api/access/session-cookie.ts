// The cookies of a signed-in browser: the secret, which scripts cannot read, and the token that our own page sends back
// with writes. Behind TLS both have the prefix __Host-, so that no other host of the domain can set them.
import { createHmac } from 'node:crypto';
import type { FastifyReply } from 'fastify';

const SESSION = 'trespass_session';
const CSRF = 'trespass_csrf';

/** `isSecure`: whether browsers reach us by TLS. */
export function sessionCookieName(isSecure: boolean): string {
  return isSecure ? `__Host-${SESSION}` : SESSION;
}

export function csrfCookieName(isSecure: boolean): string {
  return isSecure ? `__Host-${CSRF}` : CSRF;
}

/** Follows from the secret, so that it need not be kept, and tells nothing of it. */
export function csrfTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('trespass csrf').digest('base64url').slice(0, 32);
}

export function setSessionCookies(
  reply: FastifyReply,
  session: { readonly secret: string; readonly expiresAtMs: number },
  isSecure: boolean,
): void {
  const options = {
    path: '/',
    sameSite: 'strict',
    expires: new Date(session.expiresAtMs),
    ...(isSecure && { secure: true }),
  } as const;
  reply.setCookie(sessionCookieName(isSecure), session.secret, { ...options, httpOnly: true });
  reply.setCookie(csrfCookieName(isSecure), csrfTokenOf(session.secret), options);
}

export function clearSessionCookies(reply: FastifyReply, isSecure: boolean): void {
  const options = { path: '/', sameSite: 'strict', ...(isSecure && { secure: true }) } as const;
  reply.clearCookie(sessionCookieName(isSecure), { ...options, httpOnly: true });
  reply.clearCookie(csrfCookieName(isSecure), options);
}
