// Every page against the real server, with real denials of this kernel.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { screenshot } from './support/screenshot.ts';

const ROWS = '.denials tbody tr';

describeKernel('the pages of trespass run', () => {
  let browser: Browser;
  let place: RunPlace;
  let run: Run;

  beforeAll(async () => {
    browser = await launchBrowser();
    place = makePlace();
    run = await startRun(place);
  });

  afterAll(async () => {
    run?.process.kill('SIGTERM');
    await run?.ended;
    place?.remove();
    await browser?.close();
  });

  it('find, explain and place a real denial, whose path is hostile', async () => {
    const { page, complaints, close } = await openPage(browser, run.signInUrl, { colorScheme: 'light' });
    await page.waitForSelector('.live[data-state="live"]');
    const folder = join(place.directory, 'work', 'it\'s (a) "b" * \u202e');
    expect(await (await startDenyingChild(folder, 3)).begin()).toBe(3);

    await page.getByRole('link', { name: 'Denials', exact: true }).first().click();
    await page.locator(ROWS, { hasText: 'denied-0' }).first().waitFor();
    await page.locator('[data-field="path"] .field-value', { hasText: 'denied-0' }).locator('a').first().click();
    await page.locator('.pill-term', { hasText: 'denied-0' }).waitFor();
    await expect.poll(() => page.locator(ROWS).count()).toBe(1);
    await page.locator('[data-search]').fill('nope:1');
    await page.keyboard.press('Enter');
    await page.getByText('there is no field "nope"').waitFor();
    await page.locator('[data-search]').fill('program:');
    await page.getByRole('option').first().waitFor();
    await page.locator('[data-search]').fill('');
    await page.keyboard.press('Escape');
    await screenshot(page, 'live-denials');

    await page.locator(`${ROWS} .row-link`).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('In plain words').waitFor();
    await dialog.getByText('Likely causes, and what to do').waitFor();
    await dialog.getByText('30 seconds before and after on this host').waitFor();
    await screenshot(page, 'live-denials-drawer');
    await page.keyboard.press('Escape');

    const go = async (letter: string, heading: string): Promise<void> => {
      await page.keyboard.press('g');
      await page.keyboard.press(letter);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    };
    await go('h', 'Hosts');
    await page.locator('.plain [data-state="online"]').waitFor();
    await page.locator('.plain .row-link').click();
    await page.getByText('What it is').waitFor();
    await page.getByText('current').waitFor();
    await screenshot(page, 'live-host');
    await go('f', 'Fleets');
    await page.locator('.plain .row-link').click();
    await page.getByRole('row', { name: /^Denials for 100 host-days/ }).waitFor();
    await screenshot(page, 'live-fleet');
    await go('u', 'People');
    await page.locator('.plain .row-link').first().click();
    await page.locator('.refusal .cause').first().waitFor();
    await screenshot(page, 'live-people');
    await go('c', 'Settings');
    await page.getByText('this browser').waitFor();
    await page.getByLabel('Name: who will use it').fill('from the page');
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('Keep it now').waitFor();
    await page.getByRole('button', { name: 'Revoke the token from the page' }).click();
    await page.getByRole('button', { name: /sure\?/ }).click();
    await page.getByText('The token is revoked.').waitFor();
    await page.locator('.plain', { hasText: 'token-revoke' }).waitFor();
    await screenshot(page, 'live-settings');
    // The query with a mistake is the one request that fails.
    expect(complaints.filter((text) => !text.includes('400'))).toEqual([]);
    await close();
  });
});
