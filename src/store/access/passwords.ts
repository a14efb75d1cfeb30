// Passwords as they are kept: scrypt with a salt for each, and the parameters beside the hash, so that they can be
// raised later. https://www.rfc-editor.org/rfc/rfc7914
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Fewer characters are guessed too soon; more bytes are no password. */
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_BYTES_MAX = 1_024;

interface Parameters {
  /** N of scrypt. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/** What OWASP's Password Storage Cheat Sheet asks for at least, with 32 MiB of memory at a time. */
const PARAMETERS: Parameters = { cost: 2 ** 15, blockSize: 8, parallelization: 3 };
const MEMORY_BYTES_MAX = 256 * 1024 * 1024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const FORM = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{22,64})\$([\w-]{43})$/;

/** Why `password` cannot be one; undefined where it can. */
export function passwordFault(password: string): string | undefined {
  if ([...password.normalize('NFKC')].length < PASSWORD_LENGTH_MIN) {
    return `a password has at least ${PASSWORD_LENGTH_MIN} characters`;
  }
  return Buffer.byteLength(password) > PASSWORD_BYTES_MAX
    ? `a password has at most ${PASSWORD_BYTES_MAX} bytes`
    : undefined;
}

/** `password` as it is kept. Takes some 100 ms of another thread, on purpose. */
export async function hashPassword(password: string, parameters: Parameters = PARAMETERS): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, parameters);
  const { cost, blockSize, parallelization } = parameters;
  const parts = [cost, blockSize, parallelization, salt.toString('base64url'), hash.toString('base64url')];
  return `scrypt$${parts.join('$')}`;
}

/**
 * Whether `password` is the one that `kept` was made of. Takes as long where nothing is kept: who is not known is
 * not told apart from who mistypes.
 */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  const parsed = kept === undefined ? undefined : parse(kept);
  const { parameters, salt, hash } = parsed ?? NOBODY;
  const derived = await derive(password, salt, parameters);
  return timingSafeEqual(derived, hash) && parsed !== undefined;
}

/** Whether `kept` was made with other parameters than those of today. */
export function isOutdated(kept: string): boolean {
  const { cost, blockSize, parallelization } = PARAMETERS;
  return !kept.startsWith(`scrypt$${cost}$${blockSize}$${parallelization}$`);
}

const NOBODY = { parameters: PARAMETERS, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };

function parse(kept: string): typeof NOBODY | undefined {
  const [, cost, blockSize, parallelization, salt = '', hash = ''] = FORM.exec(kept) ?? [];
  if (cost === undefined) return undefined;
  const parameters = { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) };
  return { parameters, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}

/** The same letters may come in different code points from different keyboards, so they are normalised. */
async function derive(password: string, salt: Buffer, { cost, blockSize, parallelization }: Parameters) {
  const options = { N: cost, r: blockSize, p: parallelization, maxmem: MEMORY_BYTES_MAX };
  return await new Promise<Buffer>((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}
