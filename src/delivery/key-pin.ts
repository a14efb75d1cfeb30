// By what an agent knows the server when nobody else vouches for it.
import { createHash, type KeyObject } from 'node:crypto';

/** `sha256/…` of a public key (RFC 7469, 2.4). */
export function pinOfKey(key: KeyObject): string {
  return `sha256/${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64')}`;
}
