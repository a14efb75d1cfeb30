// The viewer of the API in a real browser, under the server's own content security policy.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readWebAssets, webDirectory } from '../../src/api/web-assets.ts';
import { createTestApp, type TestApp } from '../api/support/test-app.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { screenshot } from './support/screenshot.ts';

let app: TestApp;
let browser: Browser;
let origin = '';

beforeAll(async () => {
  app = await createTestApp({ assets: readWebAssets(webDirectory()) });
  origin = await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

it('shows each operation to who is signed in, and asks nothing of any other server', async () => {
  const { page, complaints, origins, close } = await openPage(browser, `${origin}/api/docs`, {
    extraHTTPHeaders: { cookie: app.cookie() },
  });
  await page.locator('.opblock').first().waitFor({ timeout: 60_000 });
  const { paths } = (await app.tcp.inject({ url: '/api/v1/openapi.json', headers: { cookie: app.cookie() } })).json<{
    paths: Record<string, object>;
  }>();
  const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
  expect(await page.locator('.opblock').count()).toBe(operations.length);
  await page.locator('#operations-denials-listDenials').click();
  await page.locator('#operations-denials-listDenials .parameters').first().waitFor();
  await page.getByRole('link', { name: 'Back to the dashboard' }).waitFor();
  expect(complaints).toEqual([]);
  expect([...origins]).toEqual([origin]);
  await close();
});

it.each([
  ['light', 'rgba(0, 0, 0, 0)'],
  ['dark', 'rgb(28, 32, 34)'],
] as const)(
  'is as %s as the system has it, and scrolls sideways nowhere at 390 pixels',
  async (colorScheme, colour) => {
    const { page, close } = await openPage(browser, `${origin}/api/docs`, {
      extraHTTPHeaders: { cookie: app.cookie() },
      viewport: { width: 390, height: 844 },
      colorScheme,
    });
    await page.locator('.opblock').first().waitFor({ timeout: 60_000 });
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(colour);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await screenshot(page, `api-docs-390-${colorScheme}`);
    await close();
  },
);
