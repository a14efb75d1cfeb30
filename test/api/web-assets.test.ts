import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readWebAssets } from '../../src/api/web-assets.ts';

it('reads and compresses the built files, and nothing that is no such file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-web-'));
  mkdirSync(join(directory, 'assets'));
  const script = 'export const text = "x";\n'.repeat(100);
  writeFileSync(join(directory, 'index.html'), '<!doctype html>');
  writeFileSync(join(directory, 'assets', 'main-a1b2c3d4.js'), script);
  writeFileSync(join(directory, 'notes.secret'), 'x');
  symlinkSync('/etc/passwd', join(directory, 'passwd.txt'));
  const assets = readWebAssets(directory);
  expect([...assets.keys()].sort()).toEqual(['/assets/main-a1b2c3d4.js', '/index.html']);
  const main = assets.get('/assets/main-a1b2c3d4.js');
  expect(main).toMatchObject({ type: 'text/javascript; charset=utf-8', isImmutable: true });
  expect(gunzipSync(main?.gzip ?? '').toString()).toBe(script);
  expect(brotliDecompressSync(main?.brotli ?? '').toString()).toBe(script);
  expect(assets.get('/index.html')).toMatchObject({ isImmutable: false, gzip: undefined, brotli: undefined });
  rmSync(directory, { recursive: true });
});

it('finds nothing where nothing was built', () => {
  expect(readWebAssets('/nonexistent').size).toBe(0);
});
