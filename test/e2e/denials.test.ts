// The page of denials in a real browser against canned answers: filtering, the long table, the drawer and what it copies.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityViolations } from './support/axe.ts';
import { makeDenial, someDenials } from './support/canned-answers.ts';
import { HOSTILE_TEXTS } from './support/hostile-texts.ts';
import { ProblemAnswer } from './support/mock-server.ts';
import { expectGoodLook } from './support/page-look.ts';
import { screenshot } from './support/screenshot.ts';
import { useStage } from './support/stage.ts';

const ROWS = '.denials tbody tr';
const stage = useStage();
const queryOf = (page: Page) => new URL(page.url()).searchParams.get('q');

describe('filtering', () => {
  it('takes fields and values from suggestions, by keyboard alone', async () => {
    const { page, complaints } = await stage.visit('/denials');
    await page.waitForSelector(ROWS);
    await page.keyboard.press('/');
    await page.keyboard.type('pat');
    await page.getByRole('option', { name: /^path:/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: /resolv\.conf/ }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.keyboard.type('/etc');
    await page.getByText('1 path in this time').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.pill-term', { hasText: 'path:/etc/resolv.conf' }).waitFor();
    expect(queryOf(page)).toBe('path:/etc/resolv.conf');
    await page.getByRole('link', { name: 'is path:/etc/resolv.conf: turn around' }).click();
    expect(queryOf(page)).toBe('not path:/etc/resolv.conf');
    await page.locator('[data-search]').focus();
    await page.keyboard.press('Backspace');
    expect(await page.locator('[data-search]').inputValue()).toBe('not path:/etc/resolv.conf');
    expect(queryOf(page)).toBeNull();
    expect(complaints).toEqual([]);
  });

  it('suggests packages and units, as often as they were refused something, and filters by them', async () => {
    const nowMs = Date.now();
    const of = (index: number, name: string, unit: string) =>
      makeDenial(index, nowMs - index * 1_000, {
        package: { name, version: '1.26.3-3', type: 'dpkg' },
        systemd: { unit },
      });
    const denials = [
      of(1, 'nginx', 'nginx.service'),
      of(2, 'nginx', 'nginx@blue one.service'),
      of(3, 'nano', 'user@1000.service'),
    ];
    const { page, complaints } = await stage.visit('/denials', { denials });
    const field = page.locator('[data-search]');
    await field.fill('pack');
    await page.getByRole('option', { name: /^package:/ }).click();
    await page.getByRole('option', { name: /^nginx\s*2$/ }).waitFor();
    await page.keyboard.type('na');
    await expect.poll(() => page.getByRole('option').count()).toBe(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => queryOf(page)).toBe('package:nano');
    await field.fill('unit:nginx@');
    await page.getByRole('option', { name: /blue one/ }).click();
    await expect.poll(() => queryOf(page)).toBe('package:nano and unit:"nginx@blue one.service"');
    expect(stage.server.asked.some((asked) => /\/stats\/values\?.*field=unit&.*prefix=nginx%40/.test(asked))).toBe(
      true,
    );
    expect(complaints).toEqual([]);
  });

  it('filters for and out from the field list, and counts again', async () => {
    const { page } = await stage.visit('/denials?q=uid>0');
    const program = page.locator('[data-field="program"]');
    await program.getByRole('link', { name: 'Only /usr/bin/node' }).click();
    expect(queryOf(page)).toBe('uid>0 and program:/usr/bin/node');
    await program.getByRole('link', { name: 'Without /usr/bin/bash' }).click();
    expect(queryOf(page)).toBe('uid>0 and program:/usr/bin/node and not program:/usr/bin/bash');
    await expect.poll(() => stage.server.asked.some((asked) => asked.includes('not+program'))).toBe(true);
    await page.getByRole('link', { name: 'Remove the filter uid>0' }).click();
    expect(queryOf(page)).toBe('program:/usr/bin/node and not program:/usr/bin/bash');
  });

  it('says what is wrong with a query, and keeps it for mending', async () => {
    const mistake = new ProblemAnswer(400, 'there is no field "nope"', 'the fields are blocker, path');
    const { page } = await stage.visit('/denials', {}, {}, (path, parameters) =>
      path === '/stats/values' && parameters.get('q')?.includes('nope') ? mistake : undefined,
    );
    await page.locator('[data-search]').fill('nope:1');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('there is no field "nope": the fields are blocker, path').waitFor();
    expect(await page.locator('[data-search]').inputValue()).toBe('nope:1');
    expect(queryOf(page)).toBeNull();
  });

  it('zooms by a drag over the bars, filters by a click on a piece of one, and both by table and legend', async () => {
    const { page } = await stage.visit('/denials');
    await page.waitForSelector(ROWS);
    await page.locator('.chart-box canvas').waitFor();
    const box = await page.locator('.chart-box').boundingBox();
    const at = (share: number) => [(box?.x ?? 0) + (box?.width ?? 0) * share, (box?.y ?? 0) + 60] as const;
    await page.mouse.move(...at(0.4));
    await page.mouse.down();
    await page.mouse.move(...at(0.5));
    await page.mouse.move(...at(0.6));
    await page.mouse.up();
    await page.locator('.range-other[data-chosen="true"]').waitFor();
    const { searchParams } = new URL(page.url());
    const hours = (Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '')) / 3_600_000;
    expect(hours).toBeGreaterThan(4);
    expect(hours).toBeLessThan(6.5);
    expect(searchParams.get('class')).toBeNull();
    await page.getByText('Show as a table').click();
    await page.locator('.data-table tbody th a').first().click();
    expect(new URL(page.url()).searchParams.get('from')).not.toBe(searchParams.get('from'));
  });

  it('takes typed times, moves by brackets, and shows UTC', async () => {
    const { page } = await stage.visit('/denials');
    await page.getByRole('button', { name: 'Other…' }).click();
    await page.getByLabel('From').fill('soon');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('Not understood').waitFor();
    await page.getByLabel('From').fill('2026-03-01 10:00');
    await page.getByLabel('To').fill('2026-03-01 12:00');
    await page.getByText('2026-03-01 09:00 – 2026-03-01 11:00 UTC').waitFor();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    const from = () => new URL(page.url()).searchParams.get('from');
    expect(from()).toBe('2026-03-01T09:00:00.000Z');
    await page.keyboard.press('[');
    expect(from()).toBe('2026-03-01T07:00:00.000Z');
    await page.keyboard.press(']');
    expect(from()).toBe('2026-03-01T09:00:00.000Z');
    await page.getByRole('button', { name: /1 Mar/ }).click();
    await page.getByLabel(/Show times in UTC/).click();
    await page.getByRole('button', { name: /1 Mar 2026 09:00 – 1 Mar 2026 11:00/ }).waitFor();
  });
});

describe('saved views', () => {
  it('are saved, opened and deleted, whatever they are called', async () => {
    const [odd = ''] = HOSTILE_TEXTS;
    const views = [{ id: 1, name: odd, q: 'pid>7', from: 'now-7d', shared: true, owner: 'ann', can_change: false }];
    const bodies: unknown[] = [];
    const { page, complaints } = await stage.visit('/denials?q=uid>0&range=6h', {}, {}, (path, _, request) => {
      if (path === '/views/2') return views.pop();
      if (path !== '/views') return undefined;
      if (request?.method !== 'POST') return { data: views, next_cursor: null };
      bodies.push(request.body);
      views.push({
        id: 2,
        owner: '',
        can_change: true,
        ...(request.body as { name: string; q: string; from: string; shared: boolean }),
      });
      return views[1];
    });
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Save this view as').fill('Root or not');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Root or not yours alone' }).waitFor();
    expect(bodies).toEqual([{ name: 'Root or not', page: 'denials', shared: false, from: 'now-6h', q: 'uid>0' }]);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Delete the view Root or not' }).click();
    await page.getByText('Root or not is deleted.').waitFor();
    await page.getByRole('link', { name: /for everybody, by ann/ }).click();
    expect([queryOf(page), new URL(page.url()).searchParams.get('range')]).toEqual(['pid>7', '7d']);
    expect(complaints).toEqual([]);
  });
});

describe('the table', () => {
  it('scrolls through many rows with a few elements, and asks for the next by itself', async () => {
    const nowMs = Date.now();
    const { page } = await stage.visit('/denials', { denials: someDenials(nowMs, 1_000) });
    await page.waitForSelector(ROWS);
    const last = page.locator('.denials[aria-rowcount="1001"]');
    await expect
      .poll(
        async () => {
          await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
          return last.count();
        },
        { timeout: 60_000 },
      )
      .toBe(1);
    await page.getByText('1,000', { exact: true }).waitFor();
    await page.locator(`${ROWS}[aria-rowindex="1001"]`).waitFor();
    expect(await page.locator(ROWS).count()).toBeLessThan(100);
    const heights = await page.evaluate<number[]>(
      `[...document.querySelectorAll('${ROWS}')].map((row) => row.getBoundingClientRect().height)`,
    );
    expect(Math.max(...heights) - Math.min(...heights)).toBeLessThan(1.01);
  });

  it('moves through rows by j and k, opens by Enter, and goes on to neighbours by brackets', async () => {
    const { page } = await stage.visit('/denials', { denials: someDenials(Date.now(), 300) });
    await page.waitForSelector(ROWS);
    for (const key of ['j', 'j', 'j', 'k', 'Enter']) {
      await page.keyboard.press(key);
    }
    const denial = () => new URL(page.url()).searchParams.get('denial');
    await page.getByRole('dialog').waitFor();
    expect(denial()).toBe(makeDenial(299, 0).event.id);
    await page.keyboard.press(']');
    expect(denial()).toBe(makeDenial(298, 0).event.id);
    await page.getByRole('button', { name: /^The denial above/ }).click();
    expect(denial()).toBe(makeDenial(299, 0).event.id);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByRole('heading', { level: 1, name: 'Issues' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys and queries' }).waitFor();
    await page.getByLabel('Keys work').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('shows what arrives on top, but moves nothing that someone reads', async () => {
    const nowMs = Date.now();
    const { page } = await stage.visit('/denials', { denials: someDenials(nowMs, 400) });
    await page.waitForSelector(ROWS);
    await page.waitForSelector('.live[data-state="live"]');
    stage.server.emit('denial', makeDenial(9_001, Date.now()));
    await page.locator(`${ROWS}[data-id="${makeDenial(9_001, 0).event.id}"]`).waitFor();
    await page.mouse.wheel(0, 3_000);
    await expect.poll(() => page.evaluate('scrollY > 2000'), { timeout: 20_000 }).toBe(true);
    const topRow = `[...document.querySelectorAll('${ROWS}')].find((row) => row.getBoundingClientRect().top > 100).dataset.id`;
    await expect.poll(() => page.evaluate('scrollY')).toBe(await page.evaluate('scrollY'));
    const before = await page.evaluate(topRow);
    stage.server.emit('denial', makeDenial(9_002, Date.now()));
    await page.getByText('1 new denial – show').waitFor({ state: 'attached' });
    expect(await page.evaluate(topRow)).toBe(before);
    await page.getByText('1 new denial – show').click();
    await page.locator(`${ROWS}[data-id="${makeDenial(9_002, 0).event.id}"]`).waitFor();
    await page.getByRole('button', { name: 'Live' }).click();
    await page.getByRole('button', { name: 'Paused' }).waitFor();
    expect(stage.server.streamCount()).toBe(0);
  });

  it('is accessible in both themes and fits from 390 to 2560 pixels', async () => {
    const { page, complaints, origins } = await stage.visit('/denials?q=blocker:fs.*', {}, { colorScheme: 'light' });
    await page.waitForSelector(ROWS);
    await page.locator('.pill-term').waitFor();
    await expectGoodLook(page, 'denials');
    expect([complaints, [...origins]]).toEqual([[], [stage.server.url]]);
  });
});

describe('taking along', () => {
  it('offers every format of the same denials, and the view as link, request and command', async () => {
    const { page } = await stage.visit('/denials?range=7d&q=path%3A%22%2Fa%20b%22');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Export' }).click();
    const links = page.locator('.menu-item');
    const hrefs = await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(hrefs.map((href) => new URLSearchParams(href?.split('?')[1]).get('format'))).toEqual([
      ...['csv', 'ndjson', 'ecs', 'ocsf', 'cef', 'auparse-csv'],
    ]);
    expect(hrefs[0]).toBe('/api/v1/denials/export?format=csv&from=now-7d&q=path%3A%22%2Fa+b%22');
    await page.getByRole('button', { name: 'Command' }).click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `trespass denials --since 7d --query 'path:"/a b"'`,
    );
  });

  it('leads from a denial to its host, and to all that was denied to its package and unit', async () => {
    const nowMs = Date.now();
    const { landlock } = makeDenial(1, nowMs);
    const denials = [
      makeDenial(1, nowMs, {
        landlock: { ...landlock, attribution: 'best_effort' },
        package: { name: 'nginx', version: '1.26.3-3', type: 'dpkg' },
        systemd: { unit: 'nginx.service' },
      }),
    ];
    const { page } = await stage.visit('/denials?range=7d', { denials });
    await page.locator(`${ROWS} .row-link`).first().click();
    const dialog = page.getByRole('dialog');
    const hrefOf = (name: string) => dialog.getByRole('link', { name, exact: true }).getAttribute('href');
    expect(await hrefOf('nginx 1.26.3-3')).toBe('/denials?range=7d&q=package%3Anginx');
    expect(await hrefOf('nginx.service')).toBe('/denials?range=7d&q=unit%3Anginx.service');
    await dialog
      .getByRole('link', { name: denials[0]?.host.name ?? '', exact: true })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: denials[0]?.host.name ?? '' }).waitFor();
    expect(await dialog.isVisible()).toBe(false);
  });

  it('tells of one denial what happened around it, its family, and copies it', async () => {
    const { page, complaints } = await stage.visit('/denials');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator(`${ROWS} .row-link`).nth(3).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('30 seconds before and after on this host').waitFor();
    await dialog.getByText('There is more before.').waitFor();
    await dialog.getByText('fs.write_file on /etc/resolv.conf').waitFor();
    await dialog.getByText('A domain ended after 7 denials.').waitFor();
    expect(await dialog.locator('.around-line[aria-current]').textContent()).toMatch(/^this one/);
    await dialog.getByRole('link', { name: 'Show the whole family' }).waitFor();
    await screenshot(page, 'denials-drawer');
    expect(await accessibilityViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'curl' }).click();
    await dialog.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(
      /^curl -fsS -H "Authorization: Bearer \$TRESPASS_TOKEN" http:\/\/127\.0\.0\.1:\d+\/api\/v1\/denials\/e0+37$/,
    );
    const format = dialog.getByLabel('Rules for');
    expect(await format.locator('option').count()).toBe(11);
    await format.selectOption('systemd');
    await dialog.getByText('systemd: fs.write_file on /etc/resolv.conf').waitFor();
    await dialog.getByText('systemd has no single rights.').waitFor();
    await dialog.getByText('Held back, as it can give away much: fs.make_reg').waitFor();
    await dialog.getByLabel(/^also guarded rules/).check();
    await dialog.getByText('Guarded: Whoever writes it decides whom all ask.').waitFor();
    expect(stage.server.asked.at(-1)).toMatch(/^GET \/suggestions\?denial=e0+37&format=systemd&include_guarded=true$/);
    await dialog.locator('.around-line a').first().click();
    await expect.poll(() => page.url()).toContain(makeDenial(36, 0).event.id);
    expect(complaints).toEqual([]);
  });
});

it('shows hostile strings as text, in rows, fields, pills, suggestions and drawer', async () => {
  const nowMs = Date.now();
  const denials = HOSTILE_TEXTS.map((text, index) =>
    makeDenial(index + 1, nowMs - 60_000 * (index + 1), {
      host: { id: text, name: text, boot: { id: text } },
      file: { path: text },
      process: { pid: 7, name: text, executable: text, args: [text] },
      user: { id: text },
      event: { ...makeDenial(index + 1, nowMs).event, reason: `${text} was refused to read ${text}.` },
    }),
  );
  const { page, complaints, origins } = await stage.visit('/denials', { denials });
  await page.waitForSelector(ROWS);
  for (const text of ['constructor', '<img', 'gnp.exe']) {
    await page.locator('[data-field="path"] .field-value', { hasText: text }).locator('a').first().click();
    await page.locator('.pill-term', { hasText: text }).waitFor();
    await page.locator('.pill-term', { hasText: text }).locator('.pill-text').click();
    await page.keyboard.press('Escape');
  }
  await page.locator('[data-search]').fill('program:');
  await page.getByRole('option').first().waitFor();
  await page.locator('[data-search]').fill('');
  await page.locator(`${ROWS} .row-link`).nth(3).click();
  await page.getByRole('dialog').locator('.around-line').nth(2).waitFor();
  const html = await page.evaluate<string>('document.documentElement.outerHTML');
  expect([...html].filter((character) => character !== '\n' && /[\p{Cc}\p{Cf}]/u.test(character))).toEqual([]);
  expect(await page.locator('main img, main script, main [onerror], main [onload]').count()).toBe(0);
  await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(1440);
  expect(await accessibilityViolations(page)).toEqual([]);
  expect([complaints, [...origins]]).toEqual([[], [stage.server.url]]);
  expect(await page.title()).toBe('Denials – Trespass');
});
