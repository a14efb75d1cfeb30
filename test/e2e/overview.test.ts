// The overview in a real browser against canned answers: what it shows, in which states, at which widths, and what
// hostile strings do to it.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TimeSeries } from '../../src/api/schemas/stats.ts';
import { accessibilityViolations } from './support/axe.ts';
import { launchBrowser, openPage, type Witness } from './support/browser.ts';
import { answersOf, makeCollector, makeDenial, makeHost, makeStatus, type World } from './support/canned-answers.ts';
import { HOSTILE_TEXTS } from './support/hostile-texts.ts';
import { type MockServer, ProblemAnswer, startMockServer } from './support/mock-server.ts';
import { expectGoodLook } from './support/page-look.ts';
import { screenshot } from './support/screenshot.ts';

let browser: Browser;
let server: MockServer;
const open: Witness[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startMockServer(() => undefined);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((witness) => witness.close()));
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function visit(world: Partial<World> = {}, path = '/', options: Parameters<typeof openPage>[2] = {}) {
  server.setAnswers(answersOf({ nowMs: Date.now(), ...world }));
  const witness = await openPage(browser, server.url + path, options);
  open.push(witness);
  return witness;
}

const ROWS = '.denials tbody tr';

describe('the overview', () => {
  it('shows numbers, chart, denials, hosts and health, is accessible in both themes, and fits from 390 to 2560 pixels', async () => {
    const { page, complaints, origins } = await visit({}, '/', { colorScheme: 'light' });
    await page.waitForSelector(ROWS);
    expect(await page.locator(ROWS).count()).toBe(25);
    expect(await page.locator('[data-tile="denials"] .tile-number').textContent()).toMatch(/^\d,\d{3}$/);
    for (const [tile, change] of [
      ['issues', /^New issues6▲ 50% more than the 24 hours before/],
      ['hosts', /^Hosts affected3 of 44 online; as in the 24 hours before/],
      ['unlogged', /^Not logged12▼ 25% fewer than the 24 hours before/],
    ] as const) {
      await expect.poll(() => page.locator(`[data-tile="${tile}"]`).textContent()).toMatch(change);
      expect(await page.locator(`[data-tile="${tile}"] .sparkline`).count()).toBe(1);
    }
    expect(await page.locator('[data-fact="audit"]').textContent()).toContain('On by Trespass');
    expect(await page.getByRole('row', { name: /web-1.*2,105/ }).count()).toBe(1);
    expect(await page.locator('canvas').getAttribute('aria-label')).toMatch(/Files \d+.*Network \d+/);
    await page.waitForSelector('.live[data-state="live"]');
    await screenshot(page, 'overview');
    await page.getByText('Show as a table').click();
    await expectGoodLook(page, 'overview');
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
  });

  it('draws the bars in the colours of the classes, in both themes', async () => {
    const { page } = await visit({}, '/', { colorScheme: 'light' });
    await page.waitForSelector(ROWS);
    await page.waitForSelector('canvas');
    const hasColour = (name: string) =>
      page.waitForFunction(`(() => {
        const probe = document.querySelector('.swatch[data-class="${name}"]');
        const wanted = getComputedStyle(probe).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number);
        const canvas = document.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        for (let at = 0; at < data.length; at += 4) {
          if (wanted.every((value, index) => Math.abs(value - data[at + index]) < 3) && data[at + 3] > 250) return true;
        }
        return false;
      })()`);
    await hasColour('fs');
    await page.getByRole('button', { name: /^Colours/ }).click();
    await page.getByRole('button', { name: 'Colours: light' }).click();
    await page.getByRole('button', { name: 'Colours: dark' }).waitFor();
    await hasColour('net');
    expect(await page.evaluate('localStorage.getItem("trespass-theme")')).toBe('dark');
  });

  it('keeps the chosen theme over a reload', async () => {
    const { page } = await visit({}, '/', { colorScheme: 'dark' });
    await page.getByRole('button', { name: /^Colours/ }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Colours: light' }).waitFor();
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light');
  });

  it('keeps range and filters in the address, and goes back', async () => {
    const { page } = await visit();
    await page.waitForSelector(ROWS);
    await page.getByRole('link', { name: '7d' }).click();
    await page.getByRole('link', { name: /^Network/ }).click();
    await page.locator('.pill').filter({ hasText: 'Network' }).waitFor();
    expect(new URL(page.url()).search).toBe('?range=7d&class=net');
    expect(server.asked.filter((asked) => asked.includes('/stats/timeseries')).at(-1)).toContain(
      'from=now-7d&q=blocker%3Anet.*&interval=3h',
    );
    await page.goBack();
    await page.goBack();
    expect(new URL(page.url()).search).toBe('');
    await page.locator('.range[aria-current="true"]', { hasText: '24h' }).waitFor();
  });

  it('tells the numbers of the chart as a table', async () => {
    const { page } = await visit();
    await page.waitForSelector(ROWS);
    await page.getByText('Show as a table').click();
    const table = page.getByRole('table', { name: /Denials over time by blocker class/ });
    expect(await table.locator('thead').textContent()).toBe('FromFilesNetworkScopePtraceAll');
    expect(await table.locator('tbody tr').count()).toBeGreaterThan(40);
  });
});

describe('one denial', () => {
  it('opens in a dialog by keyboard, with actor and creator apart, and closes by Escape', async () => {
    const { page, complaints } = await visit();
    await page.locator(`${ROWS} .row-link`).first().focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/^type=LANDLOCK_ACCESS/).waitFor();
    await dialog.getByText('setpriv (1990)').waitFor();
    expect(await dialog.textContent()).toMatch(/dhclient was refused.*Actor: who was refused.*dhclient \(2040\)/);
    expect(new URL(page.url()).search).toMatch(/^\?denial=e0+40$/);
    await screenshot(page, 'denial-1440');
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => new URL(page.url()).search).toBe('');
    expect(complaints).toEqual([]);
  });

  it('opens from its address alone, and says when it does not exist', async () => {
    const { page } = await visit({}, '/?denial=e404');
    await page.getByRole('dialog').getByText('This denial could not be loaded').waitFor();
    expect(await page.getByRole('dialog').textContent()).toContain('req-7f');
  });
});

describe('when there is nothing to show', () => {
  it('explains a quiet system and gives the command to try', async () => {
    const { page } = await visit({ isEmpty: true });
    await page.locator('[data-empty="quiet"]').waitFor();
    expect(await page.locator('[data-empty="quiet"]').textContent()).toMatch(/the canary came through.*trespass demo/);
    await screenshot(page, 'empty-quiet');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('explains a broken one, with the mend', async () => {
    const nowMs = Date.now();
    const problems = [
      {
        code: 'audit-off',
        severity: 'fail' as const,
        message: 'Audit is turned off in the kernel of web-1, so it logs no denial.',
        mend: 'Turn it on with `auditctl -e 1`.',
      },
    ];
    const one = makeCollector('web-1', nowMs);
    const collectors = [
      {
        ...one,
        heartbeat: {
          ...one.heartbeat,
          audit: { ...one.heartbeat.audit!, enabled: 0 },
          canary: { state: 'missed' as const },
        },
      },
    ];
    const { page } = await visit({ isEmpty: true, status: makeStatus(nowMs, { problems, collectors }) });
    await page.locator('[data-empty="broken"]').waitFor();
    expect(await page.locator('[data-empty="broken"] code').textContent()).toBe('auditctl -e 1');
    expect(await page.locator('[data-notice="audit-off"]').textContent()).toContain('Failure: Audit is turned off');
    expect(await page.locator('[data-fact="audit"]').textContent()).toContain('Off nothing is logged (failure)');
    await screenshot(page, 'empty-broken');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('points to the time in which the stored denials are', async () => {
    const nowMs = Date.now();
    const hosts = [makeHost('web-1', 5, nowMs, { last_denial_at: '2026-01-05T12:00:00.000Z', replay: true })];
    const { page } = await visit({ isEmpty: true, hosts });
    await page.getByRole('link', { name: 'Show that day' }).click();
    expect(new URL(page.url()).searchParams.get('to')).toBe('2026-01-05T13:00:00.000Z');
  });

  it('shows the reason and the request when the server fails, and what it can', async () => {
    const fine = answersOf({ nowMs: Date.now() });
    const { page } = await visit();
    server.setAnswers((path, parameters) =>
      path === '/denials'
        ? new ProblemAnswer(500, 'The database is locked.', 'Try `trespass db check`.')
        : fine(path, parameters),
    );
    await page.reload();
    const failed = page.locator('[data-empty="failed"]');
    await failed.waitFor();
    expect(await failed.textContent()).toMatch(/The database is locked.*trespass db check.*req-7f/);
    await page.locator('[data-fact="audit"]').getByText('On').waitFor();
    await screenshot(page, 'failed');
    server.setAnswers(fine);
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector(ROWS);
  });

  it('shows how to sign in when nobody is signed in', async () => {
    const { page } = await visit();
    server.setAnswers(() => new ProblemAnswer(401, 'No session.', 'Sign in.'));
    await page.reload();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await page.getByText('trespass link').waitFor();
    await screenshot(page, 'signed-out');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('signs out', async () => {
    const { page } = await visit();
    await page.waitForSelector(ROWS);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(server.asked).toContain('DELETE /session');
  });

  it('says that a collector is being started again', async () => {
    const nowMs = Date.now();
    const collectors = [
      { ...makeCollector('web-1', nowMs), state: 'restarting' as const, restarts: 2, last_exit: 'SIGKILL' },
    ];
    const { page } = await visit({ status: makeStatus(nowMs, { collectors }) });
    await page.getByText('The collector on web-1 is being started again after SIGKILL.').waitFor();
    expect(await page.locator('[data-fact="collector"]').textContent()).toContain('Restarting');
    await screenshot(page, 'collector-restarting');
  });

  it('shows the worst problems with times of the reader, and the others when asked', async () => {
    const nowMs = Date.now();
    const problem = (n: number, severity: 'warn' | 'fail') => ({
      code: `collector-${n}`,
      severity,
      message: `The collector of web-${n} was last heard at 2026-03-01T09:00:05.268Z.`,
      mend: 'See whether it runs there.',
    });
    const problems = [
      problem(1, 'warn'),
      problem(2, 'warn'),
      problem(3, 'fail'),
      problem(4, 'fail'),
      problem(5, 'fail'),
    ];
    const { page } = await visit({ status: makeStatus(nowMs, { problems }) });
    await page.getByText('The collector of web-3 was last heard at 1 March 2026, 10:00:05.268 GMT+1.').waitFor();
    const boxes = page.locator('.notice');
    const shown = async () => (await boxes.evaluateAll((all) => all.filter((one) => one.checkVisibility()))).length;
    expect(await shown()).toBe(3);
    expect(await page.getByText('The collector of web-1 was').isVisible()).toBe(false);
    await page.getByText('and 2 more problems').click();
    await page.getByText('The collector of web-1 was').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('marks losses and silent hosts in legend, tile, strip and table, where they happened', async () => {
    const nowMs = Date.now();
    const lost = [{ cause: 'kernel-lost', count: 17 }];
    const one = makeCollector('web-1', nowMs);
    const counts = { ...one.heartbeat.counts, lost };
    const status = makeStatus(nowMs, { collectors: [{ ...one, heartbeat: { ...one.heartbeat, counts } }] });
    const changeSeries = (series: TimeSeries) => {
      const points = series.series[0]?.points.map((_, bar) => (bar === 20 ? 17 : 0)) ?? [];
      const at = (bar: number) => new Date(series.start_ms + bar * series.interval_ms).toISOString();
      const silences = [{ host: 'id-db-1', name: 'db-1', since: at(30), until: at(31) }];
      return {
        ...series,
        lost,
        losses: [{ cause: 'kernel-lost', points, during: [{ first: 18, last: 20 }] }],
        silences,
      };
    };
    const { page } = await visit({ status, changeSeries });
    await page.locator('.legend').getByText('Records lost').waitFor();
    await page.locator('[data-fact="lost"]').getByText('17').waitFor();
    await page.getByText('Show as a table').click();
    await page.getByRole('columnheader', { name: 'Records lost' }).waitFor();
    const cells = await page.locator('.data-table tbody tr td:nth-last-child(2)').allTextContents();
    expect(cells.filter((text) => text !== '0')).toEqual(['some', 'some', '17']);
    await page.getByRole('columnheader', { name: 'Hosts not heard of' }).waitFor();
    const silent = await page.locator('.data-table tbody tr td:last-child').allTextContents();
    expect(silent.filter((text) => text !== '0')).toEqual(['1', '1']);
    expect(await page.locator('.legend-item', { hasText: 'Hosts not heard of' }).getAttribute('title')).toContain(
      'db-1',
    );
    await screenshot(page, 'losses', true);
  });
});

describe('strings from records', () => {
  it('are shown as text, whatever they hold, in table, drawer and tooltips', async () => {
    const nowMs = Date.now();
    const denials = HOSTILE_TEXTS.map((text, index) =>
      makeDenial(index + 1, nowMs - 60_000 * (index + 1), {
        host: { id: text, name: text, boot: { id: text } },
        file: { path: text },
        process: { pid: 7, name: text, executable: text, args: [text, text], working_directory: text, tty: text },
        user: { id: text, audit: { id: text } },
        landlock: {
          ...makeDenial(1, nowMs).landlock,
          blockers: [text, 'fs.read_file'],
          object: { kind: text, name: text },
          unknown_fields: [{ record: 'LANDLOCK_ACCESS', name: text, value: text }],
        },
        event: { ...makeDenial(index + 1, nowMs).event, reason: `${text} was refused to read ${text}.` },
      }),
    );
    const hosts = HOSTILE_TEXTS.map((text) => makeHost(text, 1, nowMs, { id: text, fleet: text, kernel: text }));
    const fleets = HOSTILE_TEXTS.map((name) => ({ name, hosts: 1, denials: 1, domains: 1, unlogged: 0 }));
    const problems = HOSTILE_TEXTS.map((text) => ({
      code: text,
      severity: 'warn' as const,
      message: text,
      mend: text,
    }));
    const { page, complaints, origins } = await visit({
      denials,
      hosts,
      fleets,
      status: makeStatus(nowMs, { problems }),
    });
    await page.waitForSelector(ROWS);
    const shown = await page.locator(ROWS).allTextContents();
    expect(shown[0]).toContain('<img src=x onerror="document.title=1"><script>document.title=1</script>');
    expect(shown[2]).toContain('\\x1b[31mred\\x1b[0m\\x1b]0;title\\a\\r\\n\\tx');
    expect(shown[3]).toContain('photo\\u{202e}gnp.exe\\u{2066}\\u{200b}');
    expect(shown[4]).toContain('… (4,092 characters)');
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(1440);
    for (let index = 0; index < HOSTILE_TEXTS.length; index += 1) {
      await page.locator(`${ROWS} .row-link`).nth(index).click();
      await page
        .getByRole('dialog')
        .getByText(/^type=LANDLOCK_ACCESS/)
        .waitFor();
      await page.getByRole('dialog').getByText('Domain: the sandbox').waitFor();
      await page.keyboard.press('Escape');
    }
    const html = await page.evaluate<string>('document.documentElement.outerHTML');
    expect([...html].filter((character) => character !== '\n' && /[\p{Cc}\p{Cf}]/u.test(character))).toEqual([]);
    expect(await page.locator('main img, main script, main [onerror], main [onload]').count()).toBe(0);
    expect(await page.title()).toBe('Trespass');
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
    await screenshot(page, 'hostile', true);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('do not break the narrow page either', async () => {
    const nowMs = Date.now();
    const denials = HOSTILE_TEXTS.map((text, index) =>
      makeDenial(index + 1, nowMs - 60_000, { file: { path: text }, process: { name: text } }),
    );
    const { page } = await visit({ denials }, '/', { viewport: { width: 390, height: 844 } });
    await page.waitForSelector(ROWS);
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
