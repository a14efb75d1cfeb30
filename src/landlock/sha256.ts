// SHA-256 of many short texts that begin alike (FIPS 180-4): the state after the common beginning is kept, and only
// the last block is worked out for each. A call of node:crypto for each costs more, and leaves a string behind.

/** Bytes of a block. */
export const BLOCK_BYTES = 64;

function words(text: string): Int32Array {
  return Int32Array.from(text.trim().split(/\s+/), (word) => Number.parseInt(word, 16));
}

const K = words(
  `428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5
   d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174
   e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da
   983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967
   27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85
   a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070
   19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
   748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2`,
);

const INITIAL = words(`6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19`);

/** The schedule of the block that is being worked out. */
const w = new Int32Array(64);

/** The state before the first block. */
export function initialState(): Int32Array {
  return INITIAL.slice();
}

/**
 * The state (eight words) after the block that begins at `start`, from the one before: the digest, if it is the last
 * block. Both may be the same object.
 */
export function addBlock(before: Int32Array, after: Int32Array, block: DataView, start: number): void {
  for (let i = 0; i < 16; i++) w[i] = block.getInt32(start + i * 4);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15] ?? 0;
    const y = w[i - 2] ?? 0;
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] ?? 0) + sigma0 + (w[i - 7] ?? 0) + sigma1;
  }
  addSchedule(before, after);
}

/** Written out, because calls in here cost as much again. */
function addSchedule(before: Int32Array, after: Int32Array): void {
  let a = before[0] ?? 0;
  let b = before[1] ?? 0;
  let c = before[2] ?? 0;
  let d = before[3] ?? 0;
  let e = before[4] ?? 0;
  let f = before[5] ?? 0;
  let g = before[6] ?? 0;
  let h = before[7] ?? 0;
  let t = 0;
  let s = 0;
  // Eight rounds, after which each word is in its own place again.
  for (let i = 0; i < 64; i += 8) {
    s = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    t = (h + s + (g ^ (e & (f ^ g))) + (K[i] ?? 0) + (w[i] ?? 0)) | 0;
    d = (d + t) | 0;
    s = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    h = (t + s + ((a & b) | (c & (a | b)))) | 0;
    s = ((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7));
    t = (g + s + (f ^ (d & (e ^ f))) + (K[i + 1] ?? 0) + (w[i + 1] ?? 0)) | 0;
    c = (c + t) | 0;
    s = ((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10));
    g = (t + s + ((h & a) | (b & (h | a)))) | 0;
    s = ((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7));
    t = (f + s + (e ^ (c & (d ^ e))) + (K[i + 2] ?? 0) + (w[i + 2] ?? 0)) | 0;
    b = (b + t) | 0;
    s = ((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10));
    f = (t + s + ((g & h) | (a & (g | h)))) | 0;
    s = ((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7));
    t = (e + s + (d ^ (b & (c ^ d))) + (K[i + 3] ?? 0) + (w[i + 3] ?? 0)) | 0;
    a = (a + t) | 0;
    s = ((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10));
    e = (t + s + ((f & g) | (h & (f | g)))) | 0;
    s = ((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7));
    t = (d + s + (c ^ (a & (b ^ c))) + (K[i + 4] ?? 0) + (w[i + 4] ?? 0)) | 0;
    h = (h + t) | 0;
    s = ((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10));
    d = (t + s + ((e & f) | (g & (e | f)))) | 0;
    s = ((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7));
    t = (c + s + (b ^ (h & (a ^ b))) + (K[i + 5] ?? 0) + (w[i + 5] ?? 0)) | 0;
    g = (g + t) | 0;
    s = ((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10));
    c = (t + s + ((d & e) | (f & (d | e)))) | 0;
    s = ((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7));
    t = (b + s + (a ^ (g & (h ^ a))) + (K[i + 6] ?? 0) + (w[i + 6] ?? 0)) | 0;
    f = (f + t) | 0;
    s = ((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10));
    b = (t + s + ((c & d) | (e & (c | d)))) | 0;
    s = ((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7));
    t = (a + s + (h ^ (f & (g ^ h))) + (K[i + 7] ?? 0) + (w[i + 7] ?? 0)) | 0;
    e = (e + t) | 0;
    s = ((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10));
    a = (t + s + ((b & c) | (d & (b | c)))) | 0;
  }
  after[0] = (before[0] ?? 0) + a;
  after[1] = (before[1] ?? 0) + b;
  after[2] = (before[2] ?? 0) + c;
  after[3] = (before[3] ?? 0) + d;
  after[4] = (before[4] ?? 0) + e;
  after[5] = (before[5] ?? 0) + f;
  after[6] = (before[6] ?? 0) + g;
  after[7] = (before[7] ?? 0) + h;
}
