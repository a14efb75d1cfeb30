// The whole path in front of a person: `trespass run` on this kernel, a browser that signs in by the printed link,
// and denials that a real process meets while the page is open.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { runProgramOnce } from '../support/built-program.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';
import { accessibilityViolations } from './support/axe.ts';
import { launchBrowser, openPage, type Witness } from './support/browser.ts';
import { screenshot } from './support/screenshot.ts';

const ROWS = '.denials tbody tr';

describeKernel('the dashboard of trespass run', () => {
  let browser: Browser;
  let place: RunPlace;
  let run: Run;
  let witness: Witness | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  beforeEach(async () => {
    place = makePlace();
    run = await startRun(place);
  });

  afterEach(async () => {
    await witness?.close();
    witness = undefined;
    run.process.kill('SIGTERM');
    await run.ended;
    place.remove();
  });

  afterAll(async () => {
    await browser?.close();
  });

  it('lets nobody in without the link', async () => {
    witness = await openPage(browser, run.address);
    await witness.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  });

  it('shows a denial that happens while the page is open, without a reload', async () => {
    witness = await openPage(browser, run.signInUrl, { colorScheme: 'light' });
    const { page, complaints, origins } = witness;
    await page
      .locator('[data-fact="canary"]')
      .getByText(/^Seen after/)
      .waitFor();
    await page.waitForSelector('.live[data-state="live"]');
    await page.waitForSelector(`[data-empty="quiet"], ${ROWS}`);
    await screenshot(page, 'live-1440-start');
    await page.evaluate('globalThis.isSamePage = true');

    const folder = join(place.directory, 'work', 'photo\u202egnp <b>&amp;');
    const child = await startDenyingChild(folder, 3);
    expect(await child.begin()).toBe(3);
    // Other programs of this machine may be denied something too.
    const own = page.locator(ROWS, { hasText: 'photo\\u{202e}gnp <b>&amp;/denied-' });
    await own.nth(2).waitFor();
    expect(await own.count()).toBe(3);
    expect(Number(await page.locator('[data-tile="denials"] .tile-number').textContent())).toBeGreaterThanOrEqual(3);
    expect(await page.evaluate('globalThis.isSamePage')).toBe(true);

    await own.locator('.row-link').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^type=LANDLOCK_ACCESS msg=audit\(/).waitFor();
    await dialog.getByText(`(${child.pid})`).first().waitFor();
    await screenshot(page, 'live-1440-denial');
    expect(await accessibilityViolations(page)).toEqual([]);

    await dialog.locator('.domain-id').first().click();
    await page.getByRole('heading', { name: /^Domain [0-9a-f]+$/ }).waitFor();
    await page.locator('.family-node.is-self').waitFor();
    expect(await page.locator('.domain-facts').textContent()).toContain(`(${child.pid})`);
    await page.locator(ROWS, { hasText: 'denied-' }).nth(2).waitFor();
    await page.reload();
    await page.locator('.family-node.is-self').waitFor();
    await screenshot(page, 'live-1440-domain');
    await page.getByRole('link', { name: 'Domains' }).first().click();
    await page.locator('.forest-domain').first().waitFor();
    await screenshot(page, 'live-1440-domains');
    expect([complaints, [...origins]]).toEqual([[], [new URL(run.address).origin]]);
  });

  it('lists the issue of real denials, resolves it, and sees it come back', async () => {
    witness = await openPage(browser, run.signInUrl, { colorScheme: 'light' });
    const { page, complaints, origins } = witness;
    await page.waitForSelector('.live[data-state="live"]');
    const folder = join(place.directory, 'work', 'issue');
    const deny = async () => expect(await (await startDenyingChild(folder, 1)).begin()).toBe(1);
    await deny();
    const row = page.locator(ROWS, { hasText: 'issue/denied-' });
    await row.first().waitFor();
    await row.locator('.row-link').first().click();
    await page.getByRole('link', { name: 'All denials of this kind' }).click();
    await page.getByRole('heading', { level: 1, name: /^node is refused to / }).waitFor();
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('Resolved. If it is denied again').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Note', { exact: true }).fill('mended');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await screenshot(page, 'live-1440-issue');
    await page.reload();
    const state = page.locator('.issue-state .issue-status');
    await expect.poll(() => state.getAttribute('data-status')).toBe('resolved');
    await page.waitForSelector('.live[data-state="live"]');
    await deny();
    await expect.poll(() => state.getAttribute('data-status'), { timeout: 15_000 }).toBe('regressed');
    expect(await page.locator('.issue-note').textContent()).toContain('mended');
    await page.getByRole('link', { name: 'Issues' }).first().click();
    await page.getByRole('link', { name: 'Regressed' }).click();
    await page.locator('.issues [data-status="regressed"]').first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    expect([complaints, [...origins]]).toEqual([[], [new URL(run.address).origin]]);
  });

  it('fills with the demo, in both themes and on a telephone', async () => {
    witness = await openPage(browser, run.signInUrl, { colorScheme: 'light' });
    const { page, complaints } = witness;
    await page.waitForSelector('.live[data-state="live"]');
    const demo = await runProgramOnce(['demo']);
    expect([demo.exitCode, demo.err]).toEqual([0, '']);
    await page.waitForFunction(`document.querySelectorAll('${ROWS}').length >= 12`);
    // The sums and the collector's next report follow a little later.
    await page
      .locator('[data-fact="canary"]')
      .getByText(/^Seen after/)
      .waitFor();
    await page
      .locator('[data-fact="records"]')
      .getByText(/^[1-9]/)
      .waitFor();
    await page.locator('.counts li').nth(7).waitFor();
    await screenshot(page, 'live-1440-light');
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'live-1440-dark');
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    await screenshot(page, 'live-390');
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(complaints).toEqual([]);
  });

  it('says that the collector was started again, and goes on', async () => {
    witness = await openPage(browser, run.signInUrl);
    const { page } = witness;
    await page.waitForSelector('.live[data-state="live"]');
    process.kill(run.children().collector ?? 0, 'SIGKILL');
    await run.waitForLine(/^the collector is back$/);
    await page.locator('[data-fact="collector"]').getByText('1 restart').waitFor();
    const child = await startDenyingChild(join(place.directory, 'work', 'again'), 1);
    await child.begin();
    await page.locator(`${ROWS} .object`, { hasText: 'again/denied-0' }).waitFor();
  });

  it('signs out for good', async () => {
    witness = await openPage(browser, run.signInUrl);
    const { page } = witness;
    await page.waitForSelector('.live[data-state="live"]');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
  });
});
