// What arrives while the page is open: rows, numbers and bars without a reload, floods, interruptions.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, openPage, type Witness } from './support/browser.ts';
import { answersOf, makeDenial, makeStatus } from './support/canned-answers.ts';
import { type MockServer, ProblemAnswer, startMockServer } from './support/mock-server.ts';
import { screenshot } from './support/screenshot.ts';

let browser: Browser;
let server: MockServer;
let witness: Witness;
let page: Page;
const ROWS = '.denials tbody tr';
const world = (isEmpty = false) => answersOf({ nowMs: Date.now(), isEmpty });

beforeAll(async () => {
  browser = await launchBrowser();
});

beforeEach(async () => {
  server = await startMockServer(world());
  witness = await openPage(browser, server.url);
  ({ page } = witness);
  await page.waitForSelector(ROWS);
  await page.waitForSelector('.live[data-state="live"]');
});

afterEach(async () => {
  await witness.close();
  await server.close();
});

afterAll(async () => {
  await browser?.close();
});

const count = async (selector: string) => Number((await page.locator(selector).textContent())?.replaceAll(',', ''));

it('puts a new denial on top, counts it, and keeps the rows that were there', async () => {
  const before = await count('[data-tile="denials"] .tile-number');
  const files = await count('.legend-item:has([data-class="fs"]) .legend-count');
  await page.evaluate(`globalThis.oldRow = document.querySelector('${ROWS}')`);
  server.emit('denial', makeDenial(800, Date.now()));
  await page.locator(`${ROWS}[data-id="${makeDenial(800, 0).event.id}"]`).waitFor();
  expect(await page.locator(ROWS).first().getAttribute('data-id')).toBe(makeDenial(800, 0).event.id);
  expect(await page.locator(ROWS).first().getAttribute('class')).toBe('is-new');
  expect(await count('[data-tile="denials"] .tile-number')).toBe(before + 1);
  expect(await count('.legend-item:has([data-class="fs"]) .legend-count')).toBe(files + 1);
  expect(await page.evaluate(`globalThis.oldRow === document.querySelectorAll('${ROWS}')[1]`)).toBe(true);
  await screenshot(page, 'live-new-row');
  await page.locator('[aria-live="polite"]', { hasText: '1 new denial' }).waitFor({ state: 'attached' });
});

it('shows one denial once, even if the stream repeats itself', async () => {
  const denial = makeDenial(801, Date.now());
  server.emit('denial', denial);
  server.emit('denial', denial);
  server.emit('denial', makeDenial(802, Date.now()));
  await page.locator(`${ROWS}[data-id="${makeDenial(802, 0).event.id}"]`).waitFor();
  expect(await page.locator(`${ROWS}[data-id="${denial.event.id}"]`).count()).toBe(1);
});

it('counts a flood without flickering, shows the newest on demand, and stays small', async () => {
  const nowMs = Date.now();
  for (let index = 0; index < 3_000; index += 1) {
    server.emit('denial', makeDenial(1_000 + index, nowMs + index));
  }
  const more = page.locator('.more-rows');
  await page.getByText('3,000 more denials – show').waitFor();
  await screenshot(page, 'live-flood');
  await more.click();
  await more.waitFor({ state: 'hidden' });
  expect(await page.locator(ROWS).count()).toBe(25);
  expect(await page.locator(ROWS).first().getAttribute('data-id')).toBe(makeDenial(3_999, 0).event.id);
  expect(witness.complaints).toEqual([]);
});

it('holds new rows while the pointer rests on the table', async () => {
  await page.locator(ROWS).nth(2).hover();
  server.emit('denial', makeDenial(803, Date.now()));
  await page.getByText('1 more denial – show').waitFor();
  expect(await page.locator(`${ROWS}[data-id="${makeDenial(803, 0).event.id}"]`).count()).toBe(0);
  await page.mouse.move(5, 5);
  await page.locator(`${ROWS}[data-id="${makeDenial(803, 0).event.id}"]`).waitFor();
});

it('leaves out what does not belong to the view', async () => {
  await page.goto(`${server.url}/?class=net`);
  await page.waitForSelector('.live[data-state="live"]');
  await page.waitForSelector(ROWS);
  const stale = makeDenial(804, Date.now() - 3 * 86_400_000);
  const canary = makeDenial(801, Date.now(), { tags: ['canary'] });
  for (const denial of [makeDenial(808, Date.now()), stale, canary, makeDenial(809, Date.now())]) {
    server.emit('denial', denial);
  }
  await page.locator(`${ROWS}[data-id="${makeDenial(809, 0).event.id}"]`).waitFor();
  for (const index of [808, 804, 801]) {
    expect(await page.locator(`${ROWS}[data-id="${makeDenial(index, 0).event.id}"]`).count()).toBe(0);
  }
});

it('marks a replayed denial', async () => {
  server.emit('denial', makeDenial(805, Date.now(), { tags: ['replay'] }));
  const row = page.locator(`${ROWS}[data-id="${makeDenial(805, 0).event.id}"]`);
  await row.getByText('replay').waitFor();
});

it('fills an empty page with the first denial', async () => {
  server.setAnswers(world(true));
  await page.reload();
  await page.locator('[data-empty="quiet"]').waitFor();
  await page.waitForSelector('.live[data-state="live"]');
  server.emit('denial', makeDenial(806, Date.now()));
  await page.locator(`${ROWS}[data-id="${makeDenial(806, 0).event.id}"]`).waitFor();
  await page.locator('[data-empty="quiet"]').waitFor({ state: 'hidden' });
});

it('says that it is interrupted, comes back, and asks for what it missed', async () => {
  server.setAnswers(() => new ProblemAnswer(503, 'Going down.', 'Wait.'));
  server.cutStreams();
  await page.waitForSelector('.live[data-state="reconnecting"]');
  const missed = makeDenial(807, Date.now());
  server.setAnswers(answersOf({ nowMs: Date.now(), denials: [missed] }));
  await page.waitForSelector('.live[data-state="live"]', { timeout: 20_000 });
  await page.locator(`${ROWS}[data-id="${missed.event.id}"]`).waitFor();
});

it('pauses and goes on', async () => {
  await page.getByRole('button', { name: 'Live' }).click();
  await page.waitForSelector('.live[data-state="paused"]');
  await expect.poll(() => server.streamCount()).toBe(0);
  await page.getByRole('button', { name: 'Paused' }).click();
  await page.waitForSelector('.live[data-state="live"]');
});

it('survives nonsense on the stream', async () => {
  server.emit('denial', 'not a denial');
  server.emit('denial', { kind: 'denial' });
  server.emit('domain', null);
  server.emit('denial', makeDenial(810, Date.now()));
  await page.locator(`${ROWS}[data-id="${makeDenial(810, 0).event.id}"]`).waitFor();
  expect(witness.complaints).toEqual([]);
});

it('asks for no more motion than the reader wants', async () => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  server.emit('denial', makeDenial(811, Date.now()));
  const row = page.locator(`${ROWS}[data-id="${makeDenial(811, 0).event.id}"]`);
  await row.waitFor();
  expect(await row.evaluate('getComputedStyle(document.querySelector(".is-new")).animationName')).toBe('none');
});

it('shows a loss that grows while it is open', async () => {
  const nowMs = Date.now();
  const status = makeStatus(nowMs);
  const grown = {
    ...status,
    collectors: status.collectors.map((one) => ({
      ...one,
      heartbeat: {
        ...one.heartbeat,
        counts: { ...one.heartbeat.counts, lost: [{ cause: 'socket-overrun', count: 1 }] },
      },
    })),
  };
  server.setAnswers(answersOf({ nowMs, status: grown }));
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
  await page.locator('[data-fact="lost"][data-level="warn"]').waitFor();
});
