// Issues in a real browser against canned answers: the list, the page of one, the card of the overview; by mouse and by
// keyboard, in which states, at which widths, and what hostile strings do to them.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityViolations } from './support/axe.ts';
import { launchBrowser, openPage, type Witness } from './support/browser.ts';
import { answersOf, makeDenial, makeStatus, type World } from './support/canned-answers.ts';
import { ISSUE_ID, issueId, makeIssue, someIssues } from './support/canned-issues.ts';
import { type AskedRequest, type MockServer, ProblemAnswer, startMockServer } from './support/mock-server.ts';
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

async function visit(path: string, world: Partial<World> = {}, options: Parameters<typeof openPage>[2] = {}) {
  server.setAnswers(answersOf({ nowMs: Date.now(), ...world }));
  const witness = await openPage(browser, server.url + path, options);
  open.push(witness);
  return witness;
}

const ROWS = '.issues tbody tr';
const lastAsked = (start: string) => server.asked.filter((one) => one.startsWith(start)).at(-1);

describe('the list of issues', () => {
  it('shows one line each with trend, counts and state, is accessible in both themes, and fits from 390 to 2560 pixels', async () => {
    const { page, complaints, origins } = await visit('/issues', {}, { colorScheme: 'light' });
    await page.waitForSelector(ROWS);
    expect(await page.locator(ROWS).count()).toBe(15);
    const first = page.locator(ROWS).first();
    expect(await first.textContent()).toMatch(
      /^dhclient is refused to write to \/etc\/resolv\.conf.*fs\.write_file.*denials in 30 days.*1 host.*ago.*(min|s) ago/,
    );
    expect(await first.locator('.sparkline').count()).toBe(1);
    expect(await first.locator('.issue-status').getAttribute('data-status')).toBe('open');
    expect(await page.locator(`${ROWS} [data-status="new"]`).count()).toBeGreaterThan(0);
    expect(lastAsked('GET /issues')).toBe('GET /issues?from=now-24h&status=open&sort=last_seen&trend=true&limit=50');
    expect(await page.title()).toBe('Issues – Trespass');
    await expectGoodLook(page, 'issues');
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
  });

  it('keeps tab, order and search in the address, asks the server by them, and goes back', async () => {
    const { page } = await visit('/issues');
    await page.waitForSelector(ROWS);
    await page.getByRole('main').getByRole('link', { name: 'Denials', exact: true }).click();
    await page.waitForURL('**/issues?sort=denials');
    await page.locator('th[aria-sort="descending"]', { hasText: 'Denials' }).waitFor();
    await page.getByRole('link', { name: 'Archived' }).click();
    await page.waitForURL('**/issues?tab=archived&sort=denials');
    await expect
      .poll(() => lastAsked('GET /issues'))
      .toBe('GET /issues?status=archived&sort=denials&trend=true&limit=50');
    await page.locator(`${ROWS} [data-status="archived"]`).first().waitFor();
    await page.getByRole('link', { name: 'Regressed' }).click();
    await page.locator(`${ROWS} [data-status="regressed"]`).first().waitFor();
    await page.getByRole('searchbox').fill('nothing of the kind');
    await page.getByRole('searchbox').press('Enter');
    await page.getByText('Nothing matches').waitFor();
    expect(new URL(page.url()).search).toBe('?tab=regressed&sort=denials&q=nothing+of+the+kind');
    await page.getByRole('link', { name: 'Remove the filters' }).click();
    await page.locator(`${ROWS} [data-status="regressed"]`).first().waitFor();
    await page.goBack();
    await page.goBack();
    await page.goBack();
    expect(new URL(page.url()).search).toBe('?tab=archived&sort=denials');
    await page.locator(`${ROWS} [data-status="archived"]`).first().waitFor();
    await page.reload();
    await page.locator(`${ROWS} [data-status="archived"]`).first().waitFor();
    expect(await page.getByLabel('Sorted by').inputValue()).toBe('denials');
  });

  it('calls new what is open and was first seen in the time that is shown', async () => {
    const nowMs = Date.now();
    const at = (hours: number) => new Date(nowMs - hours * 3_600_000).toISOString();
    const issues = [3, 20, 30].map((hours, index) => makeIssue(index, nowMs, { first_seen: at(hours) }));
    const { page } = await visit('/issues?tab=new', { issues });
    await page.waitForSelector(ROWS);
    expect(await page.locator(ROWS).count()).toBe(2);
    expect(lastAsked('GET /issues')).toContain('status=open&sort=first_seen');
    await page.getByRole('link', { name: '7d' }).click();
    await expect.poll(() => page.locator(ROWS).count()).toBe(3);
  });

  it('loads more at the foot, and says that there is news rather than jump', async () => {
    const nowMs = Date.now();
    const issues = Array.from({ length: 130 }, (_, index) => makeIssue(index, nowMs));
    const { page } = await visit('/issues', { issues });
    await page.waitForSelector(ROWS);
    for (const count of [100, 130]) {
      await page.getByRole('button', { name: 'Load more' }).click();
      await expect.poll(() => page.locator(ROWS).count()).toBe(count);
    }
    expect(await page.getByRole('button', { name: 'Load more' }).isVisible()).toBe(false);
    await expect.poll(() => server.streamCount()).toBe(1);
    server.emit('denial', makeDenial(900, nowMs));
    const news = page.getByRole('button', { name: 'More was denied since – begin anew' });
    await news.waitFor();
    expect(await page.locator(ROWS).count()).toBe(130);
    await news.click();
    await expect.poll(() => page.locator(ROWS).count()).toBe(50);
  });

  it('follows what arrives, but moves no row while someone is in the list', async () => {
    const nowMs = Date.now();
    const issues = [0, 1].map((index) => makeIssue(index, nowMs));
    const { page } = await visit('/issues', { issues });
    await page.waitForSelector(ROWS);
    await expect.poll(() => server.streamCount()).toBe(1);
    await page.locator(`${ROWS} .issue-link`).nth(1).focus();
    const third = makeIssue(2, nowMs, { last_seen: new Date(nowMs).toISOString() });
    const [first, second] = issues.map((issue) => ({ ...issue, denials: issue.denials + 1_000 }));
    server.setAnswers(answersOf({ nowMs, issues: [first!, second!, third] }));
    server.emit('denial', makeDenial(900, nowMs));
    const wait = page.getByRole('button', { name: 'The order has changed – show' });
    await wait.waitFor();
    expect(await page.locator(ROWS).count()).toBe(2);
    expect(await page.locator(`${ROWS} td.number`).first().textContent()).toMatch(/^1,\d+ denials$/);
    expect(await page.evaluate('document.activeElement.textContent')).toMatch(/^curl is refused/);
    await wait.click();
    await expect.poll(() => page.locator(ROWS).count()).toBe(3);
    expect(await page.locator('[aria-live="polite"]').first().textContent()).toBe('1 more issue');
  });

  it('is walked with j and k, and Enter opens', async () => {
    const { page } = await visit('/issues');
    await page.waitForSelector(ROWS);
    await page.locator(`${ROWS} .issue-link`).first().focus();
    await page.keyboard.press('j');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('k');
    expect(await page.evaluate('document.activeElement.textContent')).toMatch(/^curl is refused/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^curl is refused/ }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(`/issue?id=${issueId(1)}`);
    await page.goBack();
    await page.waitForSelector(ROWS);
  });

  it('says why it is empty, and what failed with the request', async () => {
    const { page } = await visit('/issues', { isEmpty: true });
    await page.getByText('No open issue in this time').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    for (const [tab, words] of [
      ['New', 'Nothing new in this time'],
      ['Regressed', 'Nothing came back in this time'],
      ['Archived', 'No issue is archived'],
      ['Resolved', 'No issue is resolved'],
    ] as const) {
      await page.getByRole('link', { name: tab, exact: true }).click();
      await page.getByText(words).waitFor();
    }
    await visitBroken();
    const fine = answersOf({ nowMs: Date.now() });
    server.setAnswers((path, parameters, request) =>
      path === '/issues'
        ? new ProblemAnswer(503, 'The reader is busy.', 'Try again soon.')
        : fine(path, parameters, request),
    );
    await page.reload();
    const failed = page.locator('[data-empty="failed"]');
    await failed.waitFor();
    expect(await failed.textContent()).toMatch(/The issues could not be loaded.*The reader is busy.*req-7f/);
    await screenshot(page, 'issues-failed');
    server.setAnswers(fine);
    await failed.getByRole('button', { name: 'Try again' }).click();
    await page.waitForSelector(ROWS);
  });

  async function visitBroken() {
    const nowMs = Date.now();
    const { page } = await visit('/issues?tab=new', {
      isEmpty: true,
      status: makeStatus(nowMs, { collectors: [] }),
    });
    await page.getByText('No issues, but that does not mean that there were none').waitFor();
    await page.getByText('trespass run').first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await screenshot(page, 'issues-broken');
  }
});

describe('one issue', () => {
  const address = `/issue?id=${ISSUE_ID}`;

  it('shows trend, denials, hosts, programs and users, is accessible in both themes, and fits from 390 to 2560 pixels', async () => {
    const { page, complaints, origins } = await visit(address, {}, { colorScheme: 'light' });
    await page.getByRole('heading', { name: 'dhclient is refused to write to /etc/resolv.conf' }).waitFor();
    await page.locator('.denials tbody tr').nth(39).waitFor();
    expect(lastAsked('GET /denials?')).toBe(`GET /denials?q=issue%3A${ISSUE_ID}&include=canary&limit=50`);
    expect(await page.getByRole('region', { name: 'Users' }).textContent()).toMatch(/alice \(1000\)144.*root \(0\)36/);
    expect(await page.getByRole('region', { name: 'Hosts' }).textContent()).toContain('web-1');
    expect(
      await page
        .getByRole('img', { name: /^Denials by the day/ })
        .locator('rect')
        .count(),
    ).toBe(30);
    expect(await page.title()).toBe(`Issue ${ISSUE_ID.slice(0, 8)} – Trespass`);
    const why = page.getByRole('region', { name: 'Why, and what to do' });
    await why.getByText('What to do: give /usr/bin/setpriv').first().waitFor();
    const rules = page.getByRole('region', { name: 'What would allow it' });
    await rules.getByLabel('Rules for').selectOption('systemd');
    await expect
      .poll(() => lastAsked('GET /suggestions'))
      .toBe(`GET /suggestions?issue=${ISSUE_ID}&generalise=true&format=systemd`);
    await page.getByText('Show as a table').click();
    expect(await page.getByRole('table', { name: 'Denials by the day (UTC)' }).locator('tbody tr').count()).toBe(30);
    await expectGoodLook(page, 'issue', true);
    expect([complaints, [...origins]]).toEqual([[], [server.url]]);
  });

  it('says when the causes cannot be told, and tells them when asked again', async () => {
    const fine = answersOf({ nowMs: Date.now() });
    const { page } = await visit('/issues');
    server.setAnswers((path, parameters, request) =>
      path.endsWith('/explanation')
        ? new ProblemAnswer(503, 'The database is busy', 'Ask again')
        : fine(path, parameters, request),
    );
    await page.goto(`${server.url}${address}`);
    const why = page.getByRole('region', { name: 'Why, and what to do' });
    await why.getByText('The likely causes could not be loaded').waitFor();
    await page.getByRole('region', { name: 'What would allow it' }).getByLabel('Rules for').waitFor();
    server.setAnswers(fine);
    await why.getByRole('button', { name: 'Try again' }).click();
    await why.getByText('What to do: give /usr/bin/setpriv').first().waitFor();
    expect(await why.locator(':focus').count()).toBe(1);
  });

  it('is resolved, reopened and archived by the keyboard, with the focus and the words following', async () => {
    const requests: AskedRequest[] = [];
    const { page } = await visit(address);
    const fine = answersOf({ nowMs: Date.now() });
    server.setAnswers((path, parameters, request) => {
      if (request?.method === 'PATCH') {
        requests.push(request);
      }
      return fine(path, parameters, request);
    });
    const state = page.locator('.issue-state .issue-status');
    await page.getByRole('button', { name: 'Resolve' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Resolved. If it is denied again').waitFor();
    expect(await state.getAttribute('data-status')).toBe('resolved');
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Archive');
    await page.getByRole('button', { name: 'Reopen' }).click();
    await page.getByText('Reopened.').waitFor();
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByText('Archived. New denials').waitFor();
    expect(await state.getAttribute('data-status')).toBe('archived');
    expect(requests.map((one) => one.body)).toEqual(['resolved', 'open', 'archived'].map((status) => ({ status })));
    expect(requests.map((one) => one.origin)).toEqual([server.url, server.url, server.url]);
    await screenshot(page, 'issue-archived');
  });

  it('says why a change was refused, and keeps the state', async () => {
    const { page } = await visit(address);
    const fine = answersOf({ nowMs: Date.now() });
    server.setAnswers((path, parameters, request) =>
      request?.method === 'PATCH'
        ? new ProblemAnswer(403, 'This needs the scope write', 'Sign in as a person.')
        : fine(path, parameters, request),
    );
    await page.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('Not saved. This needs the scope write. Sign in as a person. Request req-7f.').waitFor();
    expect(await page.locator('.issue-state .issue-status').getAttribute('data-status')).toBe('open');
  });

  it('takes a note and who looks after it, and does not write over what someone else wrote', async () => {
    const nowMs = Date.now();
    const { page } = await visit(address);
    await page.getByText('No note.').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Looked after by').fill('bob');
    await page.getByLabel('Note', { exact: true }).fill('mended in 1.2\n<b>not bold</b> \u202egnp');
    await screenshot(page, 'issue-note');
    expect(await accessibilityViolations(page)).toEqual([]);
    server.setAnswers(answersOf({ nowMs, issues: [makeIssue(0, nowMs, { note: 'by carol' })] }));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not saved: someone else has changed this meanwhile').waitFor();
    await page.locator('.issue-failed').getByText('by carol').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await page.locator('.issue-note').textContent()).toBe(
      'Looked after by bobmended in 1.2\n<b>not bold</b> \\u{202e}gnp',
    );
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Edit');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Note', { exact: true }).press('Escape');
    expect(await page.getByLabel('Note', { exact: true }).isVisible()).toBe(false);
  });

  it('is reached from a denial, and from its denials one comes back', async () => {
    const { page } = await visit('/');
    await page.locator('.denials tbody tr .row-link').first().click();
    await page.getByRole('link', { name: 'All denials of this kind' }).click();
    await page.getByRole('heading', { name: /^dhclient is refused/ }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.locator('.denials tbody tr .row-link').first().click();
    await page.getByRole('link', { name: 'Back to its issue' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe(`?id=${ISSUE_ID}`);
  });

  it('says what is not there', async () => {
    const { page } = await visit(`/issue?id=${issueId(999)}`);
    await page.getByText('This issue is not here').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.goto(`${server.url}/issue?id=nonsense`);
    await page.getByRole('heading', { name: 'Issues', exact: true }).waitFor();
  });

  it('tells that its denials are gone', async () => {
    const { page } = await visit(address, { denials: [] });
    await page.getByText('none is stored any more').waitFor();
  });
});

describe('the card of the overview', () => {
  it('shows what came back, is new or escalates, and leads there', async () => {
    const { page, complaints } = await visit('/');
    const card = page.getByRole('region', { name: 'New and escalating issues' });
    await card.locator('.rising-line').nth(4).waitFor();
    expect(await card.locator('.rising-line').count()).toBe(5);
    const causes = await page.evaluate<string[]>(
      '[...document.querySelectorAll(".rising .issue-status")].map((one) => one.dataset.status)',
    );
    expect(new Set(causes)).toEqual(new Set(['regressed', 'new', 'escalating']));
    await card.scrollIntoViewIfNeeded();
    await screenshot(page, 'overview-issues');
    expect(await accessibilityViolations(page)).toEqual([]);
    await card.locator('.issue-link').first().click();
    await page.getByRole('heading', { level: 1 }).getByText('is refused').waitFor();
    await page.goBack();
    await card.getByRole('link', { name: 'All issues' }).click();
    await page.waitForSelector(ROWS);
    expect(complaints).toEqual([]);
  });

  it('says that there is nothing, and what failed', async () => {
    const { page } = await visit('/', { issues: [] });
    await page.getByText('Nothing new, nothing that came back').waitFor();
    const fine = answersOf({ nowMs: Date.now() });
    server.setAnswers((path, parameters, request) =>
      path === '/issues' ? new ProblemAnswer(503, 'The reader is busy.', 'Try.') : fine(path, parameters, request),
    );
    await page.reload();
    await page.getByText('The issues could not be loaded').waitFor();
  });
});

describe('hostile strings', () => {
  const LONG = 'n'.repeat(4_096);
  const EVIL = [
    '<img src=x onerror="globalThis.hacked = 1">',
    '</script><script>globalThis.hacked = 1</script>',
    '{{constructor.constructor("globalThis.hacked = 1")()}} $\u007bglobalThis.hacked = 1}',
    '\u001b[31mred\u001b]8;;http://evil.example\u0007link',
    '\u202egnp.exe\u2066',
    'javascript:globalThis.hacked=1',
    LONG,
  ];

  for (const path of ['/issues', '/']) {
    it(`stay text at ${path}, wide and narrow`, async () => {
      const nowMs = Date.now();
      const issues = EVIL.map((evil, index) => hostileIssue(evil, index, nowMs));
      const { page, complaints, origins } = await visit(path, { issues });
      await page.locator('.issue-link').first().waitFor();
      await expectHarmless(page);
      await screenshot(page, `issues-hostile-${path === '/' ? 'overview-' : ''}390`);
      expect(await accessibilityViolations(page)).toEqual([]);
      expect([complaints, [...origins]]).toEqual([[], [server.url]]);
    });
  }

  it('stay text on the page of an issue, wide and narrow', async () => {
    const nowMs = Date.now();
    for (const [index, evil] of EVIL.entries()) {
      const issues = [hostileIssue(evil, index, nowMs)];
      const { page, complaints, origins } = await visit(`/issue?id=${issueId(index)}`, { issues });
      await page.getByText('What becomes of it').waitFor();
      await page.getByRole('button', { name: 'Edit' }).click();
      await expectHarmless(page);
      if (evil === LONG) {
        await screenshot(page, 'issue-hostile-390', true);
        expect(await accessibilityViolations(page)).toEqual([]);
      }
      expect([complaints, [...origins]]).toEqual([[], [server.url]]);
    }
  });

  function hostileIssue(evil: string, index: number, nowMs: number) {
    return makeIssue(index, nowMs, {
      title: `${evil} is refused to read ${evil}`,
      program: `/opt/${evil}`,
      blockers: [evil, 'fs.read_file'],
      object: { class: evil, key: evil, detail: evil },
      status: 'open',
      first_seen: new Date(nowMs - 60_000).toISOString(),
      note: `${evil}\n${evil}`,
      assignee: evil.slice(0, 200),
      host_list: [{ ...makeIssue(0, nowMs).host_list[0]!, id: evil, name: evil }],
      programs: [{ program: evil, denials: 3 }],
      users: [{ user: evil, denials: 3 }],
    });
  }

  async function expectHarmless(page: Witness['page']) {
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.locator('main img, main script, main [onerror]').count()).toBe(0);
    expect(await page.evaluate('/[\\u202e\\u2066\\u001b\\u0007]/.test(document.body.innerText)')).toBe(false);
    expect(await page.locator('a[href^="javascript" i]').count()).toBe(0);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 844 });
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
  }
});

it('has issues of each state in its world', () => {
  const states = new Set(someIssues(Date.now()).map((issue) => issue.status));
  expect(states).toEqual(new Set(['open', 'regressed', 'archived', 'resolved']));
});
