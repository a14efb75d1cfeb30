// Domains in a real browser against canned answers: the forest, the page of one domain, programs; by mouse and by
// keyboard, in which states, at which widths, and what hostile strings do to them.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { accessibilityViolations } from './support/axe.ts';
import { launchBrowser, openPage, type Witness } from './support/browser.ts';
import { BOOT, makeDenial, makeHost } from './support/canned-answers.ts';
import {
  bigFamily,
  type DomainWorld,
  domainAnswers,
  evidenceOf,
  FIRST_ID,
  makeFamilyDomain,
  makeProgram,
  manyDomains,
} from './support/canned-domains.ts';
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

async function visit(path: string, world: Partial<DomainWorld> = {}, options: Parameters<typeof openPage>[2] = {}) {
  server.setAnswers(domainAnswers({ nowMs: Date.now(), ...world }));
  const witness = await openPage(browser, server.url + path, options);
  open.push(witness);
  return witness;
}

const idOf = (index: number): string => (FIRST_ID + index).toString(16);
const addressOf = (index: number): string => `/domain?host=id-web-1&boot=${BOOT}&id=${idOf(index)}`;
const ROWS = '.forest-body .forest-domain';
const NODES = '.family-node';
const focusedText = (page: Page) =>
  page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent');

/** Fast: some 12,000 pixels a second. */
async function scroll(page: Page, frames: number): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    let left = ${frames};
    const step = () => {
      scrollBy(0, 200);
      left -= 1;
      if (left > 0) requestAnimationFrame(step); else resolve();
    };
    requestAnimationFrame(step);
  })`);
}

describe('the list of domains', () => {
  it('draws the forest with edges, lives and counts, is accessible in both themes, and fits from 390 to 2560 pixels', async () => {
    const { page, complaints, origins } = await visit('/domains', {}, { colorScheme: 'light' });
    await page.waitForSelector(ROWS);
    expect(await page.locator(ROWS).count()).toBe(60);
    expect(await page.locator('.forest-boot').textContent()).toMatch(/^web-1boot 8f1c5d0e60 domains/);
    const third = page.locator(ROWS).nth(2);
    expect(await third.textContent()).toContain('hinta parent process was inside');
    expect(await third.locator('.edge').getAttribute('data-strength')).toBe('hint');
    expect(await page.locator(ROWS).nth(1).locator('.forest-unlogged').textContent()).toBe('3 not logged');
    expect(await page.title()).toBe('Domains – Trespass');
    await expectGoodLook(page, 'domains');
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
  });

  it('tells edges apart by their stroke and their word, not by colour alone', async () => {
    const { page } = await visit('/domains');
    await page.waitForSelector(ROWS);
    const strokes = await page.evaluate<string[]>(`['proof', 'strong', 'hint'].map((strength) => {
      const style = getComputedStyle(document.querySelector('.forest-body .edge[data-strength="' + strength + '"]'));
      return style.strokeDasharray;
    })`);
    expect(new Set(strokes).size).toBe(3);
    expect(strokes[0]).toBe('none');
    expect(await page.locator('.edge-legend').textContent()).toMatch(/proof.*strong.*hint/);
  });

  it('keeps filters in the address, asks the server by them, and goes back', async () => {
    const { page } = await visit('/domains');
    await page.waitForSelector(ROWS);
    await page.getByLabel('State').selectOption('ended');
    await page.getByLabel('with denials that are not logged').check();
    await page.getByLabel('Program').fill('/usr/bin/node');
    await page.getByLabel('Program').press('Enter');
    await page.waitForURL('**/domains?program=*');
    expect(new URL(page.url()).search).toBe('?program=%2Fusr%2Fbin%2Fnode&status=gone&has=unlogged');
    await expect
      .poll(() => server.asked.filter((one) => one.startsWith('GET /domains')).at(-1))
      .toBe('GET /domains?from=now-24h&program=%2Fusr%2Fbin%2Fnode&status=gone&has=unlogged&limit=200');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('link', { name: 'Remove the filters' }).first().click();
    await page.waitForSelector(ROWS);
    await page.goBack();
    await page.goBack();
    await page.goBack();
    expect(new URL(page.url()).search).toBe('?status=gone');
    expect(await page.getByLabel('State').inputValue()).toBe('ended');
    await page.getByLabel('State').selectOption('any state');
    await page.getByRole('combobox', { name: 'Boot' }).selectOption({ index: 1 });
    await page.waitForURL('**/domains?host=*');
    expect(new URL(page.url()).search).toBe(`?host=id-web-1&boot=${BOOT}`);
  });

  it('is walked with the arrow keys as a tree, and Enter opens', async () => {
    const { page } = await visit('/domains');
    await page.waitForSelector(ROWS);
    await page.locator('.forest-boot').focus();
    await page.keyboard.press('ArrowDown');
    expect(await focusedText(page)).toMatch(new RegExp(`^Domain ${idOf(0)}, made by systemd-executor, live`));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await focusedText(page)).toContain(`Domain ${idOf(2)}`);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator(ROWS).count()).toBeLessThan(10);
    expect(await page.locator('.forest-row:focus').getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('ArrowLeft');
    expect(await focusedText(page)).toContain(`Domain ${idOf(1)}`);
    await page.keyboard.press('End');
    expect(await focusedText(page)).toContain(`Domain ${idOf(2)}`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Domain ${idOf(2)}` }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/domain');
  });

  it('holds ten thousand domains and has only those in sight in the document', async () => {
    const { page } = await visit('/domains', { domains: manyDomains(Date.now(), 10_400) });
    await page.waitForSelector(ROWS);
    for (let loaded = 200; loaded < 10_000; loaded += 200) {
      await page.getByText(`the last ${loaded.toLocaleString('en-GB')} domains of 1 boot`).waitFor();
      await page.evaluate('document.querySelector(".list-foot button").click()');
    }
    await page.getByText('the last 10,000 domains of 1 boot').waitFor();
    await page.getByText('The first 10,000 domains; narrow the list').waitFor();
    expect(await page.locator('.list-foot button').isVisible()).toBe(false);
    await scroll(page, 120);
    expect(await page.locator(ROWS).count()).toBeLessThan(120);
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight / 2)');
    await page.waitForTimeout(200);
    const visible = await page.evaluate<number>(
      `[...document.querySelectorAll('${ROWS}')].filter((row) => { const box = row.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; }).length`,
    );
    expect(visible).toBeGreaterThan(20);
  });

  it('says why it is empty, and what failed with the request', async () => {
    const { page } = await visit('/domains', { domains: [], isEmpty: true });
    await page.getByText('No domain was heard of in this time').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    const fine = domainAnswers({ nowMs: Date.now() });
    server.setAnswers((path, parameters) =>
      path === '/domains' ? new ProblemAnswer(503, 'The reader is busy.', 'Try again soon.') : fine(path, parameters),
    );
    await page.reload();
    const failed = page.locator('[data-empty="failed"]');
    await failed.waitFor();
    expect(await failed.textContent()).toMatch(/The domains could not be loaded.*The reader is busy.*req-7f/);
    await screenshot(page, 'domains-failed');
    server.setAnswers(fine);
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector(ROWS);
  });

  it('shows the end of a domain as it arrives', async () => {
    const nowMs = Date.now();
    const { page } = await visit('/domains', { domains: [makeFamilyDomain(0, undefined, nowMs)] });
    await page.locator(ROWS).getByText('live').waitFor();
    await expect.poll(() => server.streamCount()).toBe(1);
    server.emit('domain', {
      kind: 'domain-deallocated',
      '@timestamp': new Date(nowMs).toISOString(),
      event: { id: 'e1', sequence: 1 },
      host: { id: 'id-web-1', name: 'web-1', boot: { id: BOOT } },
      landlock: { domain: { id: idOf(0), denials: 9 } },
    });
    await page.locator(ROWS).getByText('ended').waitFor();
    expect(await page.locator(`${ROWS} .forest-unlogged`).textContent()).toBe('8 not logged');
  });
});

describe('one domain', () => {
  it('shows head, family and denials, is accessible in both themes, and fits from 390 to 2560 pixels', async () => {
    const nowMs = Date.now();
    const denials = [1, 2, 3].map((index) =>
      makeDenial(index, nowMs - index * 60_000, {
        host: { id: 'id-web-1', name: 'web-1', boot: { id: BOOT } },
        landlock: { ...makeDenial(index, nowMs).landlock, domain: { id: idOf(4) } },
      }),
    );
    const { page, complaints, origins } = await visit(addressOf(4), { denials }, { colorScheme: 'light' });
    await page.waitForSelector(NODES);
    expect(await page.locator(NODES).count()).toBe(60);
    expect(await page.locator(`${NODES}.is-self`).getAttribute('aria-label')).toContain(`Domain ${idOf(4)}`);
    expect(await page.locator('.domain-facts').textContent()).toMatch(
      /Made by.*sandboxer \(2004\).*Inside of.*strong.*Process 2004 was in 195ba4003 from its birth/,
    );
    await page.locator('.denials tbody tr').nth(2).waitFor();
    expect(await page.title()).toBe(`Domain ${idOf(4)} – Trespass`);
    await page.getByText('Show as a table, with all evidence').click();
    await page.locator('.family-table').waitFor();
    await expectGoodLook(page, 'domain', true);
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
  });

  it('is walked with the arrow keys; Enter opens the one in focus', async () => {
    const { page } = await visit(addressOf(4));
    await page.waitForSelector(NODES);
    await page.locator(`${NODES}.is-self`).focus();
    await page.keyboard.press('ArrowRight');
    expect(await focusedText(page)).toContain(`inside ${idOf(4)}`);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator(`${NODES}.is-self`).getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator(`${NODES}.is-self`).getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Home');
    expect(await focusedText(page)).toContain(`Domain ${idOf(0)}`);
    expect(await page.locator(`${NODES}[tabindex="0"]`).count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Domain ${idOf(0)}` }).waitFor();
    expect(new URL(page.url()).searchParams.get('id')).toBe(idOf(0));
    await page.goBack();
    await page.getByRole('heading', { name: `Domain ${idOf(4)}` }).waitFor();
  });

  it('is opened by a click on a relative, and closes a part of the tree by its sign', async () => {
    const { page } = await visit(addressOf(2));
    await page.waitForSelector(NODES);
    await page.locator('.family-row').nth(2).locator('.family-twist').click();
    await expect.poll(() => page.locator(NODES).count()).toBe(3);
    expect(new URL(page.url()).searchParams.get('id')).toBe(idOf(2));
    await page.locator(NODES).nth(1).click();
    await page.getByRole('heading', { name: `Domain ${idOf(1)}` }).waitFor();
  });

  it('tells the family as a table too, with the evidence in words and its records', async () => {
    const { page } = await visit(addressOf(4));
    await page.waitForSelector(NODES);
    await page.getByText('Show as a table').click();
    const table = page.getByRole('table', { name: /The family with the evidence/ });
    expect(await table.locator('tbody tr').count()).toBe(60);
    expect(await table.locator('tbody tr').nth(3).textContent()).toMatch(
      /195ba4003.*sandbox-helper195ba4002proofBoth domains refused one and the same system call/,
    );
    expect(await accessibilityViolations(page)).toEqual([]);
    await table.getByRole('link', { name: 'Record 1' }).first().click();
    await page
      .getByRole('dialog')
      .getByText(/^type=LANDLOCK_ACCESS/)
      .waitFor();
  });

  it('says of evidence that is no denial what it may be', async () => {
    const nowMs = Date.now();
    const evidence = [{ ...evidenceOf('strong', 1), records: ['e404'] }];
    const domains = [makeFamilyDomain(0, undefined, nowMs), makeFamilyDomain(1, 0, nowMs, { evidence })];
    const { page } = await visit(addressOf(1), { domains });
    await page.locator('.domain-facts .record-link').click();
    await page.getByRole('dialog').getByText('Those are no denials').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('stands on paper whole, in light colours, without what can only be clicked', async () => {
    const { page } = await visit(addressOf(4), {}, { colorScheme: 'dark' });
    await page.waitForSelector(NODES);
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.locator('.page-header').isVisible()).toBe(false);
    expect(await page.locator('.family-table tbody tr').count()).toBe(60);
    const cut = await page.evaluate<number[]>(
      '[...document.querySelectorAll(".family-box, .family-card .table-box")].map((one) => one.scrollHeight - one.clientHeight)',
    );
    expect(Math.max(...cut)).toBeLessThanOrEqual(1);
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light');
    const paper = await page.pdf({ format: 'A4', printBackground: true });
    expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
    await screenshot(page, 'domain-print', true);
  });

  it('says how it is, alone and with nothing known', async () => {
    const bare: DomainAnswer = {
      host: { id: 'id-web-1', name: 'web-1' },
      boot: BOOT,
      id: idOf(0),
      status: 'presumed-gone',
      denials: { logged: 0 },
      evidence: [],
      depth_min: 1,
    };
    const { page } = await visit(addressOf(0), { domains: [bare] });
    await page.getByText('no relative is known').first().waitFor();
    expect(await page.locator('.domain-facts').textContent()).toMatch(
      /The record of its making was not received.*ended, presumably.*It may stand alone/,
    );
    await page.getByText('No denials to show').waitFor();
    await screenshot(page, 'domain-alone');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('says that there is no such domain, and leads to those that are', async () => {
    const { page } = await visit(addressOf(4), { domains: [] });
    await page.getByText('This domain is not here').waitFor();
    expect(await page.getByRole('region', { name: 'Denials of this domain' }).isVisible()).toBe(false);
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('counts what the server says of it: the reason, the rights, what is left out', async () => {
    const nowMs = Date.now();
    const domain = makeFamilyDomain(1, undefined, nowMs, {
      unlogged_because: [{ kind: 'log-flags', text: 'It was made with LOG_SAME_EXEC_OFF.' }],
      ruleset: { id: 'a', handled: { fs: ['fs.write_file'], net: ['net.bind_tcp'] }, rules: 7 },
      ruled_out: [{ id: idOf(0), because: 'freed-before', text: 'It ended before.' }],
    });
    const { page } = await visit(addressOf(1), { domains: [domain], leftOut: 12 });
    await page.locator('[data-tile="unlogged"]').getByText('It was made with LOG_SAME_EXEC_OFF.').waitFor();
    expect(await page.locator('.domain-facts').textContent()).toMatch(/fs\.write_file, net\.bind_tcp.*7 rules seen/);
    expect(await page.locator('.family-card').textContent()).toContain('12 descendants left out');
    await page.getByText('1 domain ruled out').click();
    await page.getByText('It ended before.').waitFor();
  });
});

describe('a domain’s id', () => {
  it('leads to its page from the overview’s table, the drawer and the tiles', async () => {
    const { page } = await visit('/');
    await page.waitForSelector('.denials tbody tr');
    const link = page.locator('.denials tbody tr .domain-id').first();
    const id = await link.textContent();
    await link.click();
    await page.getByRole('heading', { name: `Domain ${id}` }).waitFor();
    await page.goBack();
    await page.locator('.denials tbody tr .row-link').first().click();
    await page.getByRole('dialog').locator('.domain-id').first().click();
    await page.getByRole('heading', { name: `Domain ${id}` }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.goBack();
    await page.goBack();
    await page.getByRole('link', { name: 'Not logged' }).click();
    await page.waitForURL('**/domains?has=unlogged');
  });
});

describe('programs', () => {
  it('are listed with what they made and were refused, in both themes', async () => {
    const programs = [
      makeProgram('/usr/lib/systemd/systemd-executor', { denials: 2_105, hosts: 41 }),
      makeProgram('/usr/bin/setpriv', { log_flags: { same_exec_off: 4, new_exec_on: 0, subdomains_off: 1 } }),
      makeProgram('/opt/vendor/very/long/installation/prefix/with-version-12.7.3/libexec/sandbox-helper', {
        failed: 3,
      }),
    ];
    const { page, complaints } = await visit('/programs', { programs }, { colorScheme: 'light' });
    const rows = page.locator('.programs tbody tr');
    await rows.nth(2).waitFor();
    expect(await rows.nth(0).textContent()).toContain('systemd-executor411208400412,105');
    expect(await rows.nth(1).textContent()).toContain('asked 4 times not to log its own denials');
    await expectGoodLook(page, 'programs');
    await rows.nth(1).locator('a').click();
    await page.waitForURL('**/domains?program=%2Fusr%2Fbin%2Fsetpriv');
    expect(complaints).toEqual([]);
  });

  it('come in pages, and fit 390 pixels', async () => {
    const programs = Array.from({ length: 230 }, (_, index) =>
      makeProgram(`/usr/bin/program-${index}`, { sandboxes: 0 }),
    );
    const { page } = await visit('/programs', { programs }, { viewport: { width: 390, height: 844 } });
    const rows = page.locator('.programs tbody tr');
    await rows.nth(99).waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await rows.nth(199).waitFor();
    await page.getByText('collector.sandbox_rules=true').waitFor();
    await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await screenshot(page, 'programs-390');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('say why there are none', async () => {
    const { page } = await visit('/programs', { programs: [], isEmpty: true });
    await page.getByText('No program was heard of in this time').waitFor();
    server.setAnswers(() => new ProblemAnswer(503, 'The reader is busy.', 'Try again soon.'));
    await page.reload();
    expect(await page.locator('[data-empty="failed"]').textContent()).toMatch(/The reader is busy.*req-7f/);
  });
});

describe('strings from records', () => {
  const HOSTILE = [
    '<img src=x onerror="document.title=1"><script>document.title=1</script>',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is hostile, not mistaken
    '${document.title=1}{{constructor.constructor("document.title=1")()}}',
    '\x1b[31mred\x1b[0m\x1b]0;title\x07\r\n\tx',
    'photo\u202egnp.exe\u2066\u200b',
    `${'/very-long'.repeat(409)}/x`,
    'javascript:document.title=1',
    '__proto__',
    '../..',
    '"><svg onload=document.title=1>',
  ];

  function hostileDomains(nowMs: number): readonly DomainAnswer[] {
    return HOSTILE.map((text, index) =>
      makeFamilyDomain(index, index === 0 ? undefined : index - 1, nowMs, {
        host: { id: HOSTILE[3]!, name: HOSTILE[3]! },
        boot: HOSTILE[2]!,
        mode: text,
        creator: { pid: 7, uid: 7, executable: text, name: text },
        evidence: [{ ...evidenceOf('hint', index), kind: text, text, records: [text] }],
        other_ancestors: [{ id: text, strength: 'hint', evidence: [{ ...evidenceOf('hint', 1), text }] }],
        ruled_out: [{ id: text, because: text, text }],
        unlogged_because: [{ kind: text, text }],
        ruleset: { id: text, handled: { fs: [text] } },
      }),
    );
  }

  async function expectHarmless(page: Page) {
    const html = await page.evaluate<string>('document.documentElement.outerHTML');
    expect([...html].filter((one) => one !== '\n' && /[\p{Cc}\p{Cf}]/u.test(one))).toEqual([]);
    expect(await page.locator('main img, main script, main [onerror], main [onload]').count()).toBe(0);
    expect(await page.title()).toMatch(/ – Trespass$/);
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      const wide = () =>
        page.evaluate<string[]>(`[...document.querySelectorAll('main *')]
          .filter((one) => one.getBoundingClientRect().right > innerWidth && !one.closest('.table-box, svg, .clip, .path, .forest-row'))
          .map((one) => one.tagName + '.' + one.getAttribute('class'))`);
      await expect.poll(wide).toEqual([]);
      await expect
        .poll(() => page.evaluate('document.documentElement.scrollWidth'))
        .toBe(await page.evaluate('document.documentElement.clientWidth'));
    }
  }

  it("are shown as text in the forest, on a domain's page and among programs, wide and narrow", async () => {
    const nowMs = Date.now();
    const domains = hostileDomains(nowMs);
    const world = {
      domains,
      hosts: HOSTILE.map((text) => makeHost(text, 1, nowMs, { id: text })),
      programs: HOSTILE.map((text) => makeProgram(text)),
    };
    const { page, complaints, origins } = await visit('/domains', world);
    await page.waitForSelector(ROWS);
    expect(await page.locator('.forest-body').textContent()).toContain('<img src=x onerror=');
    await expectHarmless(page);
    await screenshot(page, 'domains-hostile');
    await page.locator(`${ROWS} .domain-id`).nth(4).click();
    await page.waitForSelector(NODES);
    await page.getByText('Show as a table').click();
    for (const summary of await page.locator('.descent summary').all()) {
      await summary.click();
    }
    expect(await page.locator('.family').textContent()).toContain('photo\\u{202e}gnp.exe\\u{2066}\\u{200b} (7)');
    await expectHarmless(page);
    await screenshot(page, 'domain-hostile', true);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Programs' }).click();
    await page.waitForSelector('.programs tbody tr');
    await expectHarmless(page);
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
  });

  it('cannot make a family that hangs the page', async () => {
    const nowMs = Date.now();
    const domains = [0, 1, 2].map((index) => makeFamilyDomain(index, (index + 1) % 3, nowMs));
    const { page } = await visit('/domains', { domains: [...domains, ...bigFamily(nowMs).slice(3, 5)] });
    await page.waitForSelector(ROWS);
    expect(await page.locator(ROWS).count()).toBe(5);
    await page.goto(server.url + addressOf(1));
    await page.waitForSelector(NODES);
  });
});
