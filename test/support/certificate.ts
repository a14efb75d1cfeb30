// Certificates made for a test: self-signed, for localhost and 127.0.0.1.
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  /** What a client has to trust. */
  readonly ca: string;
}

/** Makes NAME.crt and NAME.key in `directory`. */
export function makeCertificate(directory: string, name: string, days = 30): TestCertificate {
  const [certificate, key] = [join(directory, `${name}.crt`), join(directory, `${name}.key`)];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const out = ['-nodes', '-days', String(days), '-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...curve, ...names, ...out], { stdio: 'pipe' });
  return { certificate, key, ca: readFileSync(certificate, 'utf8') };
}

/** `sha256/…` of its public key, as a client pins it. */
export function pinOf({ ca }: TestCertificate): string {
  const der = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(der).digest('base64')}`;
}
