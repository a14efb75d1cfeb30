// The certificate of a server that is asked by https: whether it is valid now and for long enough.
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { type Finding, fail, ok, unknown, warn } from '../../collector/doctor/finding.ts';

const CHECK = 'certificate';
const ANSWER_MAX_MS = 5_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

interface Met {
  readonly certificate: DetailedPeerCertificate;
  /** Why this machine does not trust it; undefined: it does. */
  readonly distrust: string | undefined;
}

export async function certificateFinding(url: URL | undefined, nowMs: number): Promise<Finding> {
  if (url === undefined) return ok(CHECK, 'none is used: the server is asked over its socket or its file');
  if (url.protocol !== 'https:') return warn(CHECK, `${url.origin} is not encrypted`, 'put TLS before it');
  try {
    return judge(await meet(url), nowMs);
  } catch (error) {
    return unknown(CHECK, `no certificate to look at: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function judge({ certificate, distrust }: Met, nowMs: number): Finding {
  const fromMs = Date.parse(certificate.valid_from);
  const toMs = Date.parse(certificate.valid_to);
  if (toMs <= nowMs) return fail(CHECK, `it expired at ${new Date(toMs).toISOString()}`, 'renew it on the server');
  if (fromMs > nowMs) {
    return fail(
      CHECK,
      `it is only valid from ${new Date(fromMs).toISOString()} on`,
      'compare the clocks of both sides',
    );
  }
  if (distrust !== undefined) {
    return fail(CHECK, `this machine does not trust it (${distrust})`, 'set NODE_EXTRA_CA_CERTS to its issuer');
  }
  const days = Math.floor((toMs - nowMs) / DAY_MS);
  if (days < SOON_DAYS) return warn(CHECK, `it expires in ${days} days`, 'renew it on the server');
  return ok(CHECK, `valid for ${days} days`);
}

/** Takes any certificate, in order to look at it; nothing is sent. */
async function meet(url: URL): Promise<Met> {
  return await new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
      timeout: ANSWER_MAX_MS,
    });
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate(true);
      const distrust = socket.authorized ? undefined : String(socket.authorizationError);
      socket.destroy();
      resolve({ certificate, distrust });
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer within 5 seconds')));
    socket.once('error', reject);
  });
}
