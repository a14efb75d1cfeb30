// Pictures of the page for people to look at, in a folder that git ignores.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const DIRECTORY = join(import.meta.dirname, '..', 'screenshots');

/** `name` without its extension. `fullPage` also shows what is below the window. */
export async function screenshot(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync(DIRECTORY, { recursive: true });
  await page.screenshot({ path: join(DIRECTORY, `${name}.png`), fullPage, animations: 'disabled' });
}
