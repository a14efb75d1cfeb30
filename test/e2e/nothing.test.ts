// Addresses that lead nowhere: no page, or no such thing.
import { describe, expect, it } from 'vitest';
import { ProblemAnswer } from './support/mock-server.ts';
import { expectGoodLook } from './support/page-look.ts';
import { useStage } from './support/stage.ts';

const stage = useStage();

describe('an address of no page', () => {
  it.each([
    ['/nonsense', 'To the overview', 'Overview'],
    ['/issues/abc', 'To the issues', 'Issues'],
    ['/domains/xyz', 'To the domains', 'Domains'],
    ['/hosts/none?range=7d', 'To the hosts', 'Hosts'],
    ['/fleet/none', 'To the fleets', 'Fleets'],
  ])('%s says that nothing is here, and leads back', async (address, way, heading) => {
    const { page, complaints } = await stage.visit(address);
    await page.getByRole('heading', { name: 'Nothing is here', level: 1 }).waitFor();
    await page.locator('code', { hasText: address.split('?')[0] ?? '' }).waitFor();
    expect(await page.title()).toBe('Nothing here – Trespass');
    expect(await page.locator('.pages [aria-current]').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.getByRole('link', { name: way }).click();
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor({ state: 'attached' });
  });

  it('shows it as text, in both themes and at all widths', async () => {
    const { page, complaints } = await stage.visit(`/%3Cimg%20src=x%20onerror=alert(1)%3E/${'long'.repeat(200)}`);
    await page.getByText('Trespass has no page at').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await expectGoodLook(page, 'nothing');
    expect(complaints).toEqual([]);
  });
});

describe('a thing that the server does not have', () => {
  it.each([
    ['/host?host=nope', 'This host is not here', 'All hosts'],
    ['/fleet?fleet=nope', 'This fleet is not here', 'All fleets'],
    ['/domain?host=a&boot=b&id=12', 'This domain is not here', 'All domains'],
    [`/issue?id=${'a'.repeat(26)}`, 'This issue is not here', 'All issues'],
  ])('%s is not here', async (address, words, way) => {
    const missing = new ProblemAnswer(404, 'There is none', 'Look elsewhere');
    const { page } = await stage.visit(address, {}, {}, (path) =>
      /^\/(hosts|fleets|domains|issues)\//.test(path) ? missing : undefined,
    );
    await page.getByText(words).waitFor();
    await page.getByRole('link', { name: way }).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });
});
