// What an agent proves itself with. `tra_` and the checksum let scanners and people know a key when they see one; only
// its SHA-256 is kept.
import { createHash, randomBytes } from 'node:crypto';
import { secretHash } from './secrets.ts';

const RANDOM_BYTES = 20;
const CHECKSUM_LENGTH = 6;
const KEY = new RegExp(`^tra_([0-9a-f]{${RANDOM_BYTES * 2}})([0-9a-f]{${CHECKSUM_LENGTH}})$`);

export function newAgentKey(): string {
  const random = randomBytes(RANDOM_BYTES).toString('hex');
  return `tra_${random}${checksum(random)}`;
}

/** What is kept of a key; undefined where `text` is none: then no look-up is needed. */
export function agentKeyHash(text: string): Buffer | undefined {
  const [, random = '', check] = KEY.exec(text) ?? [];
  return checksum(random) === check ? secretHash(text) : undefined;
}

function checksum(random: string): string {
  return createHash('sha256').update(`tra ${random}`).digest('hex').slice(0, CHECKSUM_LENGTH);
}
