// The real Chromium of the distribution, with everything off that would talk to anyone else.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Throws with the mend where there is no Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.TRESPASS_CHROMIUM ?? CANDIDATES.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('No Chromium found: install the package chromium, or set TRESPASS_CHROMIUM to its path');
  }
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/** What the browser complained about, and whom it asked. */
export interface Witness {
  readonly page: Page;
  /** Errors of scripts, console errors (also refused by the content security policy), failed requests. */
  readonly complaints: string[];
  /** Origins of every request. */
  readonly origins: Set<string>;
  close(): Promise<void>;
}

/** A page in a context of its own that keeps what went wrong. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Witness> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Paris',
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  // On a busy machine half a minute, the default, is too short to mean a fault.
  context.setDefaultTimeout(90_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, complaints, origins, close: () => context.close() };
}
