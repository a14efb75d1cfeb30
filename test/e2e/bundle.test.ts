// What the browser is given: small, nothing inline, nothing foreign, named by its content.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const WEB = join(import.meta.dirname, '../../dist/web');
const JAVASCRIPT_GZIP_MAX_BYTES = 200_000;
const files = readdirSync(join(WEB, 'assets'));

it('has less JavaScript than the budget', () => {
  const scripts = files.filter((name) => name.endsWith('.js'));
  const bytes = scripts.map((name) => gzipSync(readFileSync(join(WEB, 'assets', name))).length);
  expect(scripts.length).toBeGreaterThan(0);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(JAVASCRIPT_GZIP_MAX_BYTES);
});

it('names every asset by its content', () => {
  expect(files.filter((name) => !/-[\w-]{8,}\.\w+$/.test(name))).toEqual([]);
});

it('has a page without inline script or style and without foreign addresses', () => {
  const html = readFileSync(join(WEB, 'index.html'), 'utf8');
  expect([...html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(([, inner]) => inner)).toEqual(['']);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|https?:/);
});

it('has styles that load nothing from elsewhere', () => {
  for (const name of files.filter((file) => file.endsWith('.css'))) {
    expect(readFileSync(join(WEB, 'assets', name), 'utf8')).not.toMatch(/@import|url\((?!["']?data:)/);
  }
});
