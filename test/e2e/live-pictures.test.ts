// Every page with the denials that the demo provokes on this kernel: looked at in both themes and at all widths. The
// pictures of the README are among them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeKernel } from '../support/kernel-lock.ts';
import { makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';
import { launchBrowser, openPage, type Witness } from './support/browser.ts';
import { expectGoodLook } from './support/page-look.ts';

const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

const PLAIN = [
  ['/hosts', 'Hosts', 'online'],
  ['/fleets', 'Fleets', 'default'],
  ['/programs', 'Programs', 'node'],
  ['/people', 'People', 'root'],
  ['/settings', 'Settings', 'Accounts of people'],
  ['/nonsense', 'Nothing is here', 'Trespass has no page'],
] as const;

describeKernel('with the denials of the demo', () => {
  let browser: Browser;
  let place: RunPlace;
  let run: Run;
  let witness: Witness;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    place = makePlace();
    run = await startRun(place);
    witness = await openPage(browser, run.signInUrl, { colorScheme: 'light' });
    page = witness.page;
    await page.waitForSelector('.live[data-state="live"]');
  });

  afterAll(async () => {
    run?.process.kill('SIGTERM');
    await run?.ended;
    place?.remove();
    await browser?.close();
  });

  afterEach(() => {
    expect(witness.complaints.splice(0)).toEqual([]);
  });

  it('the list of denials is looked at, and one of them', async () => {
    await provoke();
    await expect.poll(async () => (await run.denials('comm:*')).length, { timeout: 60_000 }).toBeGreaterThan(12);
    await visit(page, '/denials', 'Denials');
    await page.locator('canvas').waitFor();
    await look(page, 'denials');
    await page.locator('.denials tr', { hasText: 'fs.' }).locator('.row-link').first().click();
    await page.getByRole('dialog').getByText('Likely causes, and what to do').waitFor();
    await look(page, 'denial');
  });

  it('the list of issues is looked at, and one of them', async () => {
    await visit(page, '/issues', 'Issues');
    await page.locator('.issues .issue-link').first().waitFor();
    await look(page, 'issues');
    await page.locator('.issues .issue-link').first().click();
    await page.getByText('What becomes of it').first().waitFor();
    await look(page, 'issue');
  });

  it('the forest of domains is looked at, and one inside of another', async () => {
    await visit(page, '/domains', 'Domains');
    await page.locator('.forest-domain').first().waitFor();
    await look(page, 'domains');
    const { data } = (await run.get('/domains?limit=200')) as { readonly data: readonly NestedDomain[] };
    const deep = [...data].sort((a, b) => b.depth_min - a.depth_min)[0];
    expect(deep?.depth_min).toBeGreaterThan(1);
    await visit(page, `/domain?host=${deep?.host.id}&boot=${deep?.boot}&id=${deep?.id}`, `Domain ${deep?.id}`);
    await page.locator('.family').waitFor();
    await look(page, 'domain');
    await provoke();
  });

  it.each(PLAIN)('%s is looked at', async (path, heading, words) => {
    await visit(page, path, heading);
    await page.locator('main').getByText(words).first().waitFor();
    await look(page, path.slice(1));
  });

  it('the page of a fleet is looked at, and of a host', async () => {
    await visit(page, '/fleet?fleet=default', 'default');
    await page.getByRole('heading', { name: 'What may be told to others' }).waitFor();
    await page.locator('canvas').waitFor();
    await look(page, 'fleet');
    await visit(page, '/hosts', 'Hosts');
    await page.locator('.plain .row-link').first().click();
    await page.getByText('What it is').waitFor();
    await page.locator('canvas').waitFor();
    await look(page, 'host');
  });

  it('the overview is looked at, when there is something to see over time', async () => {
    await provoke();
    await visit(page, '/?range=10m', 'Overview');
    await page.locator('canvas').waitFor();
    await page.locator('.denials tbody tr').first().waitFor();
    await look(page, 'overview');
  });
});

async function provoke(): Promise<void> {
  const demo = spawn(process.execPath, [MAIN, 'demo'], { stdio: 'ignore' });
  expect(await once(demo, 'close')).toEqual([0, null]);
}

interface NestedDomain {
  readonly id: string;
  readonly boot: string;
  readonly host: { readonly id: string };
  readonly depth_min: number;
}

async function visit(page: Page, path: string, heading: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor({ state: 'attached' });
}

async function look(page: Page, name: string): Promise<void> {
  await expectGoodLook(page, `real-${name}`);
  await page.setViewportSize({ width: 1440, height: 900 });
}
