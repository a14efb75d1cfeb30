// What is wrong with the certificate, or soon will be.
import type { HealthProblem } from '../schemas/status.ts';
import type { TlsState } from './tls.ts';

const DAY_MS = 86_400_000;
const SOON_MS = 14 * DAY_MS;

export function tlsProblems(tls: TlsState | undefined, nowMs: number): readonly HealthProblem[] {
  if (tls === undefined) return [];
  const { expiresMs, failure } = tls;
  const problems: HealthProblem[] = [];
  const at = new Date(expiresMs).toISOString();
  const mend = 'Renew it and put the new one in the place of server.tls_certificate: it is taken without a new start.';
  if (expiresMs <= nowMs) {
    const message = `The certificate of the server expired at ${at}.`;
    problems.push({ code: 'certificate-expired', severity: 'fail', message, mend });
  } else if (expiresMs - nowMs < SOON_MS) {
    const message = `The certificate of the server expires at ${at}.`;
    problems.push({ code: 'certificate-expires', severity: 'warn', message, mend });
  }
  if (failure !== undefined) {
    problems.push({
      code: 'certificate-not-read',
      severity: 'warn',
      message: `The certificate in use stays in use, because ${failure}.`,
      mend: 'Let the account of the server read both files (chgrp, chmod 0640), and see that they belong together.',
    });
  }
  return problems;
}
