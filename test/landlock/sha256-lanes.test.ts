import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { initialState } from '../../src/landlock/sha256.ts';
import { LANES, Sha256Lanes } from '../../src/landlock/sha256-lanes.ts';

const SOURCE = fileURLToPath(new URL('../../src/landlock/sha256-lanes.wat', import.meta.url));
const CODE = fileURLToPath(new URL('../../src/landlock/sha256-lanes-code.ts', import.meta.url));
const BLOCK = 64;

it('is what the source says; -u assembles it anew', async () => {
  const module = (await wabt()).parseWat(SOURCE, readFileSync(SOURCE, 'utf8'), { simd: true });
  const code = Buffer.from(module.toBinary({}).buffer).toString('base64');
  const head = '// sha256-lanes.wat, assembled; made by its test.\n';
  await expect(`${head}export const CODE =\n  '${code}';\n`).toMatchFileSnapshot(CODE);
});

it('gives the digest of each of four texts', () => {
  const lanes = new Sha256Lanes();
  lanes.setState(initialState());
  const text = fc.uint8Array({ maxLength: BLOCK - 9 });
  fc.assert(
    fc.property(fc.array(text, { minLength: LANES, maxLength: LANES }), (texts) => {
      for (const [lane, bytes] of texts.entries()) {
        lanes.blocks.fill(0, lane * BLOCK, (lane + 1) * BLOCK);
        lanes.blocks.set([...bytes, 0x80], lane * BLOCK);
        lanes.view.setInt32((lane + 1) * BLOCK - 4, bytes.length * 8);
      }
      lanes.compress();
      for (const [lane, bytes] of texts.entries()) {
        const words = new Int32Array(8);
        lanes.read(lane, words);
        const digest = Buffer.alloc(32);
        for (const [i, word] of words.entries()) digest.writeInt32BE(word, i * 4);
        expect(digest.toString('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
      }
    }),
  );
});
