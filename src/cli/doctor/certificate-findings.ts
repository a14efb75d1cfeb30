// The certificate of a server that is asked by https: whether it is valid now and for long enough.
import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { type Finding, fail, ok, unknown, warn } from '../../collector/doctor/finding.ts';
import { pinOf, type ServerPlace } from '../../collector/sending/remote-client.ts';

const CHECK = 'certificate';
const ANSWER_MAX_MS = 5_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

interface Met {
  readonly certificate: X509Certificate | undefined;
  /** Why this machine does not trust it; undefined: it does. */
  readonly distrust: string | undefined;
}

/** A server elsewhere, and what vouches for it. */
export type CertifiedPlace = Pick<ServerPlace, 'server' | 'caFile' | 'pin' | 'proxy'>;

export async function certificateFinding(place: CertifiedPlace | undefined, nowMs: number): Promise<Finding> {
  if (place === undefined) return ok(CHECK, 'none is used: the server is asked over its socket or its file');
  const url = new URL(place.server);
  if (url.protocol !== 'https:') return warn(CHECK, `${url.origin} is not encrypted`, 'put TLS before it');
  if (place.proxy !== undefined) return unknown(CHECK, `not looked at: ${url.origin} is reached by way of a proxy`);
  try {
    const met = await meet(url, place.caFile);
    return place.pin === undefined ? judge(met, nowMs) : judgePinned(met, place.pin);
  } catch (error) {
    return unknown(CHECK, `no certificate to look at: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The key alone is trusted then, whatever the certificate says of its time. */
function judgePinned({ certificate }: Met, pin: string): Finding {
  if (pinOf(certificate) === pin) return ok(CHECK, 'the server has the key that was pinned');
  return fail(CHECK, 'the server has another key than the one that was pinned', 'enroll anew with its present pin');
}

function judge({ certificate, distrust }: Met, nowMs: number): Finding {
  if (certificate === undefined) return unknown(CHECK, 'the server showed none');
  const fromMs = Date.parse(certificate.validFrom);
  const toMs = Date.parse(certificate.validTo);
  if (toMs <= nowMs) return fail(CHECK, `it expired at ${new Date(toMs).toISOString()}`, 'renew it on the server');
  if (fromMs > nowMs) {
    return fail(
      CHECK,
      `it is only valid from ${new Date(fromMs).toISOString()} on`,
      'compare the clocks of both sides',
    );
  }
  if (distrust !== undefined) {
    return fail(
      CHECK,
      `this machine does not trust it (${distrust})`,
      'name its issuer: NODE_EXTRA_CA_CERTS, or --ca-file of trespass enroll',
    );
  }
  const days = Math.floor((toMs - nowMs) / DAY_MS);
  if (days < SOON_DAYS) return warn(CHECK, `it expires in ${days} days`, 'renew it on the server');
  return ok(CHECK, `valid for ${days} days`);
}

/** Takes any certificate, in order to look at it; nothing is sent. */
async function meet(url: URL, caFile: string | undefined): Promise<Met> {
  return await new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...(caFile !== undefined && { ca: readFileSync(caFile) }),
      rejectUnauthorized: false,
      timeout: ANSWER_MAX_MS,
    });
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const distrust = socket.authorized ? undefined : String(socket.authorizationError);
      socket.destroy();
      resolve({ certificate, distrust });
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer within 5 seconds')));
    socket.once('error', reject);
  });
}
