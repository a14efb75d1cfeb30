// The dashboard against many denials: the real server, a real Chromium, and Chromium's own metrics. Each page is opened
// several times in a context without a cache, in turn with the same page of a small database, so that what the machine
// does besides hits both alike. First paint is of the page's frame; `number` is when the first one of the server's
// stands on it.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../test/e2e/support/browser.ts';
import { median, table } from './measure.ts';
import { fillStore } from './store.ts';

const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;
const SMALL = 1_000;
const ROUNDS = 5;
const BUDGET_MS = 1_000;
const HOUR_MS = 3_600_000;
const LOOK_MS = 50;
/** The writer is asked for at most so many; the others are copies of them at other times. */
const WRITTEN_MAX = 100_000;

const PAGES = [
  { name: 'overview', path: '/', number: '[data-tile="denials"] .tile-number' },
  { name: 'overview of 30 days', path: '/?range=30d', number: '[data-tile="denials"] .tile-number' },
  { name: 'denials', path: '/denials', number: '.denials tbody tr time' },
  { name: 'issues', path: '/issues', number: '.issues tbody tr time' },
  { name: 'hosts', path: '/hosts', number: '.plain tbody tr time' },
] as const;

interface Look {
  readonly paintMs: number;
  readonly largestMs: number;
  readonly numberMs: number;
  readonly scriptMs: number;
  readonly taskMs: number;
}

/** Answers a table. `npm run build` first. */
export async function benchWeb(denials: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-bench-web-'));
  chmodSync(directory, 0o711);
  const servers: ChildProcess[] = [];
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser();
    const contexts: BrowserContext[] = [];
    for (const count of [denials, SMALL]) {
      const { child, signInUrl } = await startServer(join(directory, String(count)), count);
      servers.push(child);
      contexts.push(await signedIn(browser, signInUrl));
    }
    const rows: string[][] = [];
    for (const { name, path, number } of PAGES) {
      const looks: [Look[], Look[]] = [[], []];
      for (let round = 0; round < ROUNDS; round++) {
        for (const [index, context] of contexts.entries()) looks[index]?.push(await lookAt(context, path, number));
      }
      rows.push(rowOf(name, looks));
    }
    return (
      `${denials} denials of 30 days against ${SMALL} (in brackets), medians of ${ROUNDS} openings without a cache, ` +
      `milliseconds since the page was asked for; budget for the first number ${BUDGET_MS}. Script and all tasks: what ` +
      `Chromium's main thread worked.\n\n` +
      table(['page', 'first paint', 'largest paint', 'first number', 'script', 'all tasks'], rows)
    );
  } finally {
    await browser?.close();
    for (const child of servers) {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

async function startServer(
  directory: string,
  denials: number,
): Promise<{ readonly child: ChildProcess; readonly signInUrl: string }> {
  mkdirSync(join(directory, 'run'), { recursive: true });
  chmodSync(directory, 0o777);
  const database = join(directory, 'trespass.db');
  const written = Math.min(denials, WRITTEN_MAX);
  // Copies lie whole hours apart.
  const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  fillStore(database, written, Math.round(denials / written), endMs);
  const argv = ['serve', '--db', database, '--runtime-dir', join(directory, 'run'), '--listen', '127.0.0.1:0'];
  // The rounds are more than a person asks for.
  const settings = ['--set', 'server.requests_per_minute=100000', '--log-level', 'error'];
  const child = spawn(process.execPath, [MAIN, ...argv, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const signInUrl = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const found = /http:\S+\/sign-in\?code=\S+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`trespass serve ended with ${code}: ${said}`)));
  });
  return { child, signInUrl };
}

async function signedIn(browser: Browser, signInUrl: string): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: new URL(signInUrl).origin,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(signInUrl);
  await page.close();
  return context;
}

/** Notes when the first digit stands in what `selector` finds, and the largest paint so far. */
function watch(selector: string): string {
  return `
    globalThis.benchSeen = {};
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) benchSeen.largest = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new MutationObserver(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      if (benchSeen.number === undefined && /\\d/.test(found?.textContent ?? '')) benchSeen.number = performance.now();
    }).observe(document, { childList: true, subtree: true, characterData: true });`;
}

async function lookAt(context: BrowserContext, path: string, selector: string): Promise<Look> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.addInitScript(watch(selector));
  await page.goto(path);
  // The page's policy forbids what waitForFunction does; the observers have noted the times themselves.
  while (!(await page.evaluate<boolean>('benchSeen.number !== undefined && benchSeen.largest !== undefined'))) {
    await page.waitForTimeout(LOOK_MS);
  }
  const seen = await seenOn(page);
  const { metrics } = await session.send('Performance.getMetrics');
  const secondsOf = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  await page.close();
  return { ...seen, scriptMs: secondsOf('ScriptDuration') * 1_000, taskMs: secondsOf('TaskDuration') * 1_000 };
}

async function seenOn(page: Page): Promise<Pick<Look, 'paintMs' | 'largestMs' | 'numberMs'>> {
  return await page.evaluate<Pick<Look, 'paintMs' | 'largestMs' | 'numberMs'>>(`({
    paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    largestMs: benchSeen.largest,
    numberMs: benchSeen.number,
  })`);
}

function rowOf(name: string, [many, few]: readonly [readonly Look[], readonly Look[]]): string[] {
  const cell = (of: (look: Look) => number) => `${median(many.map(of)).toFixed(0)} (${median(few.map(of)).toFixed(0)})`;
  return [
    name,
    cell((look) => look.paintMs),
    cell((look) => look.largestMs),
    cell((look) => look.numberMs),
    cell((look) => look.scriptMs),
    cell((look) => look.taskMs),
  ];
}
