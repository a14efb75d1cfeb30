// How much work the page of denials makes for Chromium, in Chromium's own metrics. They are printed to be compared; how
// long things take depends on the machine, so what is asserted is that the page stays small, however long the list.
import { expect, it } from 'vitest';
import { someDenials } from './support/canned-answers.ts';
import { useStage } from './support/stage.ts';

const ROWS = 10_000;
const NODES_MAX = 6_000;
const SCROLLS = 40;
const SHOWN = [
  'Nodes',
  'LayoutCount',
  'RecalcStyleCount',
  'LayoutDuration',
  'ScriptDuration',
  'TaskDuration',
  'JSHeapUsedSize',
];

const stage = useStage();

it('keeps few elements while ten thousand denials are loaded and scrolled through', async () => {
  const denials = someDenials(Date.now(), ROWS);
  const { page, complaints } = await stage.visit('/denials', { denials });
  await page.waitForSelector('.denials tbody tr');
  const paint = await page.evaluate<number>(
    "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1",
  );
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const metrics = async (): Promise<ReadonlyMap<string, number>> => {
    const answer = await session.send('Performance.getMetrics');
    return new Map(answer.metrics.map(({ name, value }) => [name, value]));
  };
  await expect
    .poll(
      async () => {
        await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
        return page.locator(`.denials[aria-rowcount="${ROWS + 1}"]`).count();
      },
      { timeout: 90_000 },
    )
    .toBe(1);
  await session.send('HeapProfiler.collectGarbage');
  const before = await metrics();
  await page.evaluate(`new Promise((done) => {
    let step = 0;
    const scroll = () => {
      step += 1;
      scrollTo(0, (document.documentElement.scrollHeight * step) / ${SCROLLS});
      step < ${SCROLLS} ? requestAnimationFrame(scroll) : done();
    };
    scrollTo(0, 0);
    requestAnimationFrame(scroll);
  })`);
  const after = await metrics();
  console.log(
    `first contentful paint ${Math.round(paint)} ms; ${ROWS} rows, then ${SCROLLS} leaps through all of them:`,
  );
  for (const name of SHOWN) {
    console.log(`  ${name}: ${round(before.get(name))} → ${round(after.get(name))}`);
  }
  expect(await page.evaluate<number>("document.querySelectorAll('*').length")).toBeLessThan(NODES_MAX);
  expect(await page.locator('.denials tbody tr').count()).toBeLessThan(100);
  expect(complaints).toEqual([]);
});

function round(value: number | undefined): number {
  return Math.round((value ?? Number.NaN) * 1_000) / 1_000;
}
