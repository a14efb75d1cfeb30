// Users by their names wherever they are shown, for those who may see names; by their numbers for the others.
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { ISSUE_ID } from './support/canned-issues.ts';
import { ProblemAnswer } from './support/mock-server.ts';
import { useStage } from './support/stage.ts';

const stage = useStage();
const USER = { uid: 1000, hosts: 1, denials: 3, last_seen: new Date().toISOString() };

/** Opens each place that names users, and looks for `words` there. */
async function expectEverywhere(page: Page, words: string): Promise<void> {
  await page.getByRole('tab', { name: 'Users' }).click();
  await page.getByRole('tabpanel').getByText(words).first().waitFor();
  await page.getByRole('link', { name: 'Denials', exact: true }).first().click();
  await page.locator('[data-field="user"]').getByText(words).waitFor();
  await page.locator('.denials .row-link').first().click();
  await page.getByRole('dialog').locator('.facts').getByText(words).first().waitFor();
  await page.goto(`${stage.server.url}/issue?id=${ISSUE_ID}`);
  await page.getByRole('region', { name: 'Users' }).getByText(words).waitFor();
  await page.goto(`${stage.server.url}/host?host=id-web-1`);
  await page.getByRole('region', { name: 'Users' }).getByText(words).waitFor();
}

it('shows what hosts call them, beside the number', async () => {
  const { page, complaints } = await stage.visit('/');
  await expectEverywhere(page, 'alice (1000)');
  expect(complaints).toEqual([]);
});

it.each([
  ['are not told', { data: [USER], next_cursor: null }],
  ['cannot be asked for', new ProblemAnswer(503, 'The server is busy', 'Try again')],
])('shows the number where names %s', async (_, answer) => {
  const { page } = await stage.visit('/', {}, {}, (path) => (path === '/users' ? answer : undefined));
  await expectEverywhere(page, 'uid 1000');
  expect(await page.getByText('alice').count()).toBe(0);
});

it('shows odd characters of a name as such', async () => {
  const names = [{ name: 'al\u202eice\u0007', hosts: 1 }];
  const { page } = await stage.visit('/', {}, {}, (path) =>
    path === '/users' ? { data: [{ ...USER, names }], next_cursor: null } : undefined,
  );
  await page.getByRole('tab', { name: 'Users' }).click();
  const line = page.getByRole('tabpanel').locator('.count-name').filter({ hasText: '(1000)' });
  await expect.poll(() => line.locator('.odd-character').count()).toBe(2);
});
