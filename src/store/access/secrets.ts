// Random secrets that are given out once and kept as SHA-256 only.
import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as 43 characters that a URL and a cookie can hold. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a secret. Secrets are random, so a fast hash is enough. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
