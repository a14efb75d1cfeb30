// What has to be there before the first number: little code, and one question that is asked without waiting for it.
import { expect, it } from 'vitest';
import { firstQuestion } from '../../web/state/first-question.ts';
import { parseAddress } from '../../web/state/page-address.ts';
import { useStage } from './support/stage.ts';

const stage = useStage();

const PAGES = [
  '/',
  '/?range=30d',
  '/denials?q=port:443',
  '/issues?tab=new',
  '/domains?fleet=web',
  '/hosts?fleet=web',
  '/host?host=id-web-1',
  '/fleets',
  '/fleet?fleet=web',
  '/programs',
] as const;

it.each(PAGES)('asks the first question of %s once, before the code of the page is there', async (address) => {
  const [path, parameters] = firstQuestion(parseAddress(address)) ?? [];
  const query = new URLSearchParams(parameters?.map(([name, value]): [string, string] => [name, value])).toString();
  const asked = stage.server.asked.length;
  const { page } = await stage.visit(address);
  await page.locator('main[class~="page-main"] h1').first().waitFor({ state: 'attached' });
  await expect.poll(() => stage.server.asked.slice(asked).length).toBeGreaterThan(1);
  const first = `GET ${path}${query === '' ? '' : `?${query}`}`;
  const questions = stage.server.asked.slice(asked);
  expect(questions[0]).toBe(first);
  expect(questions.filter((question) => question === first)).toHaveLength(1);
});

it('loads the code of the page that is open, and of others when they are opened', async () => {
  const { page, complaints } = await stage.visit('/');
  const scripts = () =>
    page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.endsWith('.js'))",
    );
  await page.locator('canvas').waitFor();
  const pages = (await scripts()).flatMap((name) => /\/(\w+)-page-/.exec(name)?.[1] ?? []);
  expect(pages).toEqual(['overview']);
  await page.getByRole('link', { name: 'Hosts', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Hosts', level: 1 }).waitFor();
  expect((await scripts()).some((name) => name.includes('/hosts-page-'))).toBe(true);
  expect(complaints).toEqual([]);
});

it('counts each open field of the denials once', async () => {
  const asked = stage.server.asked.length;
  const { page } = await stage.visit('/denials');
  await page.locator('canvas').waitFor();
  const counted = stage.server.asked.slice(asked).filter((question) => question.startsWith('GET /stats/top?'));
  expect(counted.map((question) => /by=(\w+)/.exec(question)?.[1]).sort()).toEqual([
    'blocker',
    'path',
    'program',
    'user',
  ]);
  await page.locator('[data-field="port"] summary').click();
  const countedBy = (field: string) =>
    stage.server.asked.slice(asked).filter((question) => question.includes(`by=${field}&`)).length;
  await expect.poll(() => countedBy('port')).toBe(1);
  expect(countedBy('blocker')).toBe(1);
});

it('says that a page could not be loaded, and loads it again', async () => {
  const { page } = await stage.visit('/');
  await page.locator('[data-tile="denials"]').waitFor();
  await page.route('**/assets/programs-page-*.js', (route) => route.abort());
  await page.getByRole('link', { name: 'Programs', exact: true }).click();
  await page.getByText('This page could not be loaded').waitFor();
  await page.unroute('**/assets/programs-page-*.js');
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.getByRole('heading', { name: 'Programs', level: 1 }).waitFor();
});
