// One page as people meet it: in both themes and at all widths, by one visit. Axe is asked once for each theme and once
// for the narrow layout; what lies between the widths differs in nothing that axe looks at.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { accessibilityViolations } from './axe.ts';
import { screenshot } from './screenshot.ts';

export const WIDTHS = [390, 768, 1024, 2560] as const;

/** What one would have to push sideways to see all of it: by its class, and what it is a table of. */
export function sidewaysScrolled(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((one) => one.scrollWidth > one.clientWidth && /auto|scroll/.test(getComputedStyle(one).overflowX))
    .map((one) => one.className + ': ' + (one.querySelector('caption')?.textContent ?? ''))`);
}

/** Of five characters and more, in pixels: less shows none of them whole. */
const NAME_WIDTH_MIN = 20;

/** Names of rows, and links in them, that take no room although they say something. */
export function squeezedNames(page: Page): Promise<readonly string[]> {
  return page.evaluate(`[...document.querySelectorAll('main tbody th[scope=row], main tbody th[scope=row] a')]
    .filter((one) => one.checkVisibility() && (one.textContent ?? '').length > 4)
    .filter((one) => one.getBoundingClientRect().width < ${NAME_WIDTH_MIN})
    .map((one) => one.textContent)`);
}

/** `page` is open at 1440 pixels in the light theme, with all on it that is to be looked at. */
export async function expectGoodLook(page: Page, name: string, fullPage = false): Promise<void> {
  await screenshot(page, `${name}-1440-light`, fullPage);
  expect(await accessibilityViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, `${name}-1440-dark`, fullPage);
  expect(await accessibilityViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 844 });
    // Charts take their new width a moment later.
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    await screenshot(page, `${name}-${width}`, fullPage);
    if (width === 390) {
      expect(await sidewaysScrolled(page)).toEqual([]);
      expect(await squeezedNames(page)).toEqual([]);
      expect(await accessibilityViolations(page)).toEqual([]);
    }
  }
}
