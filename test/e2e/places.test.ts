// Hosts, fleets, people and settings in a real browser against canned answers.
import { describe, expect, it } from 'vitest';
import { makeCollector, makeHost, makeStatus, someDenials } from './support/canned-answers.ts';
import { HOSTILE_TEXTS } from './support/hostile-texts.ts';
import { ProblemAnswer } from './support/mock-server.ts';
import { expectGoodLook } from './support/page-look.ts';
import { useStage } from './support/stage.ts';

const stage = useStage();

const PAGES = [
  ['hosts', '/hosts', 'web-2'],
  ['host', '/host?host=id-web-1', 'ABI 7'],
  ['fleets', '/fleets', 'default'],
  ['fleet', '/fleet?fleet=web', '6.18.15-amd64'],
  ['people', '/people?user=1000', 'All of them in a table'],
  ['settings', '/settings', 'nightly export'],
] as const;

describe('every page', () => {
  for (const [name, path, words] of PAGES) {
    it(`${name}: is accessible in both themes and fits from 390 to 2560 pixels`, async () => {
      const { page, complaints, origins } = await stage.visit(path, {}, { colorScheme: 'light' });
      await page.getByText(words).first().waitFor();
      await expectGoodLook(page, name);
      expect([complaints, [...origins]]).toEqual([[], [stage.server.url]]);
    });

    it(`${name}: shows hostile strings as text`, async () => {
      const text = HOSTILE_TEXTS.join('');
      const nowMs = Date.now();
      const hosts = ['web-1', 'web-2'].map((host) =>
        makeHost(host, 3, nowMs, { name: text, fleet: text, kernel: text, distribution: text }),
      );
      const fleets = [{ name: text, hosts: 1, denials: 1, domains: 1, unlogged: 0 }];
      const { page, complaints } = await stage.visit(path, { text, hosts, fleets, denials: someDenials(nowMs, 3) });
      await page.locator('.record-text', { hasText: 'constructor' }).first().waitFor();
      const html = await page.evaluate<string>('document.documentElement.outerHTML');
      expect([...html].filter((character) => character !== '\n' && /[\p{Cc}\p{Cf}]/u.test(character))).toEqual([]);
      expect(await page.locator('main img, main script, main [onerror], main [onload]').count()).toBe(0);
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth')).toBe(1440);
      expect(complaints).toEqual([]);
    });
  }
});

describe('hosts and fleets', () => {
  it('puts hosts that need somebody first, finds them by what they are, and opens one', async () => {
    const nowMs = Date.now();
    const collectors = ['web-1', 'web-2', 'db-1', 'build-arm'].map((name) => makeCollector(name, nowMs));
    const canary = { state: 'missed', reason: 'audit is off' } as const;
    const deaf = { ...collectors[1]!, heartbeat: { ...collectors[1]!.heartbeat, canary } };
    const status = makeStatus(nowMs, {
      collectors: collectors.with(1, deaf).with(2, { ...collectors[2]!, state: 'offline' }),
    });
    const { page } = await stage.visit('/hosts', { status });
    const rows = page.getByRole('table', { name: 'Hosts', exact: true }).locator('tbody tr');
    await rows.first().getByText('db-1').waitFor();
    expect(await rows.first().textContent()).toContain('offline');
    expect(await rows.nth(1).textContent()).toMatch(/web-2.*test missed/);
    await page.getByText('4 hosts: 1 offline, 1 test missed, 2 online').waitFor();
    await page.getByRole('searchbox', { name: 'Find' }).fill('arm64');
    await page.keyboard.press('Enter');
    await page.getByText('1 host: 1 online').waitFor();
    expect(new URL(page.url()).search).toBe('?find=arm64');
    await rows.getByRole('link', { name: 'build-arm' }).click();
    await page.getByRole('heading', { level: 1, name: 'build-arm' }).waitFor();
    await page.getByRole('link', { name: 'Denials', exact: true }).last().click();
    expect(new URL(page.url()).search).toBe('?host=id-build-arm');
  });

  it('tells of clocks that are off, and of a host that is to be approved, and approves it', async () => {
    const { page } = await stage.visit('/hosts', {}, {}, (path, _parameters, request) =>
      request?.method === 'POST' && path === '/agents/agent-new/approve' ? {} : undefined,
    );
    await page
      .getByRole('row', { name: /^web-2/ })
      .getByText('41 s behind')
      .waitFor();
    expect(await page.getByRole('row', { name: /^db-1/ }).textContent()).toContain('right');
    await page
      .getByRole('row', { name: /^web-9/ })
      .getByText('Waits for approval')
      .waitFor();
    await page.getByRole('button', { name: 'Approve agent-new' }).click();
    await page.getByText('The host is approved').waitFor();
    expect(stage.server.asked).toContain('POST /agents/agent-new/approve');
  });

  it('gives the command for new hosts once, with the pin of a certificate of its own', async () => {
    const bodies: unknown[] = [];
    const { page } = await stage.visit('/hosts', {}, {}, (path, _parameters, request) => {
      if (request?.method !== 'POST' || path !== '/tokens') return undefined;
      bodies.push(request.body);
      const created = { id: 9, name: 'x', scopes: ['enroll'], state: 'in force', created_at: new Date().toISOString() };
      return { ...created, token: 'trp_once' };
    });
    const form = page.getByRole('form', { name: 'Add hosts' });
    await form.getByLabel('Labels').fill('Role=web');
    await form.getByRole('button', { name: 'Make the command' }).click();
    await form.getByText('“Role=web” is no label').waitFor();
    await form.getByLabel('Fleet').fill('web');
    await form.getByLabel('Labels').fill("role=web note=it's");
    await form.getByLabel(/^How many hosts/).fill('20');
    await form.getByLabel('Each host waits').check();
    await form.getByRole('button', { name: 'Make the command' }).click();
    await form.locator('.command code').waitFor();
    expect(await form.locator('.command code').textContent()).toBe(
      `trespass enroll ${stage.server.url} --token trp_once --pin sha256/n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg= --label role=web --label 'note=it'\\''s' && trespass collect`,
    );
    expect(bodies).toEqual([
      {
        name: 'hosts of web',
        scopes: ['enroll'],
        expires_in_days: 7,
        enrolment: { fleet: 'web', needs_approval: true, uses_max: 20 },
      },
    ]);
    await expectGoodLook(page, 'enrol');
    await page.reload();
    await page.getByRole('row', { name: /hosts of web.*4 of 20/ }).waitFor();
    expect(await page.getByText('trp_once').count()).toBe(0);
  });

  it('shows many hosts in parts', async () => {
    const nowMs = Date.now();
    const hosts = Array.from({ length: 450 }, (_, index) => makeHost(`node-${index}`, 1, nowMs));
    const { page } = await stage.visit('/hosts', { hosts });
    const rows = page.locator('.plain tbody tr', { hasText: 'node-' });
    await page.getByText('350 more hosts').waitFor();
    expect(await rows.count()).toBe(100);
    await page.getByRole('button', { name: 'Load more' }).click();
    await expect.poll(() => rows.count()).toBe(200);
  });

  it('compares a fleet with the time before, and with another fleet', async () => {
    const { page } = await stage.visit('/fleet?fleet=web');
    const row = page.getByRole('row', { name: /^Denials for 100 host-days/ });
    await row.getByText('▲ 43%').waitFor();
    await page.getByLabel('Compare with').selectOption('default');
    await row.getByText('▼ 38%').waitFor();
    expect(new URL(page.url()).search).toBe('?fleet=web&against=default');
    await page.getByRole('link', { name: /node/ }).click();
    expect(new URL(page.url()).search).toBe('?fleet=web&q=program%3A%2Fusr%2Fbin%2Fnode');
  });

  it('shows versions of packages of a fleet, and of one its updates and issues', async () => {
    const { page, complaints } = await stage.visit('/fleet?fleet=web');
    const card = page.getByRole('region', { name: 'Packages' });
    await card
      .getByRole('row', { name: /nginx 1\.26\.3-3/ })
      .getByText('1 ended')
      .waitFor();
    await card.getByRole('link', { name: 'firefox' }).first().click();
    expect(new URL(page.url()).search).toBe('?fleet=web&package=firefox');
    const update = card.getByRole('table', { name: 'Updates' }).locator('tbody tr');
    await update.getByText('▲ 3.3×').waitFor();
    await card.getByText('Issues that came or went with a version').waitFor();
    await card.getByRole('link', { name: 'firefox-esr is refused to list /sys/devices/virtual/dmi/id' }).waitFor();
    await expectGoodLook(page, 'fleet-package', true);
    await page.setViewportSize({ width: 1440, height: 900 });
    await card.getByRole('link', { name: 'All packages' }).click();
    await card.getByRole('row', { name: /nginx/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('says what may be told of a fleet, and what only counts of it are, with their limits', async () => {
    const { page } = await stage.visit('/fleet?fleet=web');
    const shared = page.getByRole('region', { name: 'What may be told to others' });
    await shared.getByText(/Each number of a week is about at least 5 hosts.*Nothing is told of 1 week/s).waitFor();
    await shared.getByRole('row', { name: /\(other\) 7 3,110/ }).waitFor();
    const counted = page.getByRole('region', { name: 'Of hosts that only count' });
    await counted.getByText(/They are in no other number and no list here/).waitFor();
    await counted.getByText('3, on the day that had the most').waitFor();
  });

  it.each(['/host?host=id-web-1', '/fleet?fleet=web'])(
    'goes on drawing the chart of %s when another time is chosen',
    async (path) => {
      const { page, complaints } = await stage.visit(path);
      const isDrawn = () =>
        page.evaluate<boolean>(`(() => {
          const canvas = document.querySelector('canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return data.some((value) => value > 0);
        })()`);
      await page.locator('canvas').waitFor();
      await expect.poll(isDrawn).toBe(true);
      await page.getByRole('link', { name: '7d', exact: true }).click();
      await page.waitForURL(/range=7d/);
      await expect.poll(isDrawn).toBe(true);
      expect(complaints).toEqual([]);
    },
  );

  it('says that there is no such host, and leads to those that are', async () => {
    const { page } = await stage.visit('/host?host=nope', {}, {}, (path) =>
      path === '/hosts/nope' ? new ProblemAnswer(404, 'There is no host "nope"', 'See GET /api/v1/hosts') : undefined,
    );
    await page.getByText('This host is not here').waitFor();
    await page.getByRole('link', { name: 'All hosts' }).click();
    await page.getByRole('heading', { name: 'Hosts', level: 1 }).waitFor();
  });
});

describe('people', () => {
  it('answers why somebody was refused at a time, by name', async () => {
    const { page } = await stage.visit('/people');
    await page.getByRole('link', { name: 'alice' }).waitFor();
    await page.getByRole('combobox', { name: 'Who' }).fill('nobody-knows');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Nobody of that name').waitFor();
    await page.getByRole('combobox', { name: 'Who' }).fill('alice');
    await page.getByLabel(/^When/).fill('2026-03-01 14:05 UTC');
    await page.getByRole('button', { name: 'Why?' }).click();
    await page.getByText('alice (1000), 40 times in this time').waitFor();
    await page.getByText('What to do: give /usr/bin/setpriv').first().waitFor();
    expect(new URL(page.url()).search).toBe(
      '?from=2026-03-01T13%3A55%3A00.000Z&to=2026-03-01T14%3A15%3A00.000Z&user=1000',
    );
    expect(
      stage.server.asked.some((asked) => asked.startsWith('GET /denials?') && asked.includes('q=user%3A1000')),
    ).toBe(true);
    await expect.poll(() => page.getByRole('combobox', { name: 'Who' }).inputValue()).toBe('alice');
    await page.locator('.refusal .row-link').first().click();
    await page.getByRole('dialog').getByText('Likely causes, and what to do').waitFor();
  });
});

describe('a server that nothing ever came to', () => {
  it('says so of hosts and people, and what is broken', async () => {
    const nowMs = Date.now();
    const broken = {
      code: 'no-collector',
      severity: 'fail' as const,
      message: 'No collector has ever reported.',
      mend: 'Start one with `trespass run`.',
    };
    const world = { isEmpty: true, hosts: [], status: makeStatus(nowMs, { collectors: [], problems: [broken] }) };
    const { page } = await stage.visit('/hosts', world);
    await page.getByText('No host was heard of yet.').waitFor();
    const people = await stage.visit('/people', world, {}, (path) =>
      path === '/users' ? { data: [], next_cursor: null } : undefined,
    );
    const card = people.page.getByRole('region', { name: 'Users who were refused something' });
    await card.getByText('No denials, but that does not mean that there were none').waitFor();
    await card.getByText('No collector has ever reported.').waitFor();
  });
});

describe('accounts', () => {
  it('are added, given another role, disabled and given another password by an administrator', async () => {
    const written: unknown[] = [];
    const { page, complaints } = await stage.visit('/settings', {}, {}, (path, _parameters, request) => {
      if (request === undefined || request.method === 'GET' || !path.startsWith('/accounts')) {
        return undefined;
      }
      written.push([request.method, path, request.body]);
      return {};
    });
    const card = page.getByRole('region', { name: 'Accounts of people' });
    await card.getByRole('combobox', { name: 'Role of vic' }).selectOption('operator');
    await card.getByText('vic has the role operator now, and is signed out everywhere.').waitFor();
    await card.getByRole('button', { name: 'Enable: old-intern' }).click();
    await card.getByText('old-intern is enabled').waitFor();
    await card.getByRole('button', { name: 'Disable: vic' }).click();
    await card.getByText('vic is disabled').waitFor();

    await card.getByRole('button', { name: 'Set password: vic' }).click();
    const form = card.getByRole('form', { name: 'Set a password' });
    await form.getByText('Another password for vic').waitFor();
    await page.keyboard.type('a long enough one');
    await form.getByRole('button', { name: 'Show: New password' }).click();
    expect(await form.getByRole('textbox').getAttribute('type')).toBe('text');
    await form.getByRole('button', { name: 'Set password' }).click();
    await card.getByText('vic has another password').waitFor();
    expect(await form.isVisible()).toBe(false);

    await card.getByText('Add an account').first().click();
    const add = card.getByRole('form', { name: 'Add an account' });
    await add.getByLabel('Name', { exact: true }).fill('bob');
    await add.getByRole('combobox', { name: /^Role/ }).selectOption({ index: 1 });
    await add.getByLabel(/^Password/).fill('correct horse battery');
    await add.getByRole('button', { name: 'Add the account' }).click();
    await card.getByText('bob may sign in.').waitFor();
    await card.getByRole('button', { name: 'Remove the account vic' }).click();
    await card.getByRole('button', { name: /sure\? Remove the account vic/ }).click();
    await card.getByText('The account vic is removed.').waitFor();
    expect(written).toEqual([
      ['PATCH', '/accounts/vic', { role: 'operator' }],
      ['PATCH', '/accounts/old-intern', { disabled: false }],
      ['PATCH', '/accounts/vic', { disabled: true }],
      ['PUT', '/accounts/vic/password', { password: 'a long enough one' }],
      ['POST', '/accounts', { name: 'bob', role: 'analyst', password: 'correct horse battery' }],
      ['DELETE', '/accounts/vic', undefined],
    ]);
    expect(complaints).toEqual([]);
  });

  it('have room for roles and buttons on a telephone', async () => {
    const { page } = await stage.visit('/settings', {}, { viewport: { width: 390, height: 844 } });
    const card = page.getByRole('region', { name: 'Accounts of people' });
    const role = card.getByRole('combobox', { name: 'Role of vic' });
    await role.waitFor();
    const edge = await card.evaluate((element) => element.getBoundingClientRect().right);
    for (const part of [role, card.getByRole('button', { name: 'Remove the account vic' })]) {
      const box = await part.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(edge);
      expect(box?.width).toBeGreaterThan(56);
    }
  });

  it('are no matter of a viewer, who changes the own password alone', async () => {
    const asked: unknown[] = [];
    const { page } = await stage.visit('/settings', {}, {}, (path, _parameters, request) => {
      if (path === '/session') {
        return { kind: 'session', name: 'vic', role: 'viewer', scopes: ['read'] };
      }
      if (path === '/session/password') {
        asked.push(request?.body);
        return asked.length === 1 ? new ProblemAnswer(403, 'The old password is another', 'Mind capital letters') : {};
      }
      return undefined;
    });
    await page.getByText('Change your password').first().click();
    expect(await page.getByText('Accounts of people').isVisible()).toBe(false);
    const form = page.getByRole('form', { name: 'Change your password' });
    for (const old of ['wrong', 'right']) {
      await form.getByLabel('Present password').first().fill(old);
      await form.getByLabel(/^New password/).fill('a long enough one');
      await form.getByRole('button', { name: 'Change password' }).click();
      await form.getByText(old === 'wrong' ? 'The old password is another' : 'Other browsers of yours').waitFor();
    }
    expect(asked).toEqual([
      { old_password: 'wrong', password: 'a long enough one' },
      { old_password: 'right', password: 'a long enough one' },
    ]);
    expect(stage.server.asked).not.toContain('GET /accounts?');
  });
});

describe('settings', () => {
  it('makes a token, shows it once, and revokes one after asking again', async () => {
    const bodies: unknown[] = [];
    const { page } = await stage.visit('/settings', {}, {}, (path, _parameters, request) => {
      if (request?.method === 'POST' && path === '/tokens') {
        bodies.push(request.body);
        return {
          id: 9,
          name: 'x',
          scopes: ['read'],
          state: 'in force',
          created_at: new Date().toISOString(),
          token: 'trp_once',
        };
      }
      return request?.method === 'DELETE' ? {} : undefined;
    });
    await page.getByLabel('Name: who will use it').fill('ci');
    await page.getByLabel(/^write/).check();
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByText('trp_once').waitFor();
    expect(bodies).toEqual([{ name: 'ci', scopes: ['read', 'write'], expires_in_days: 90 }]);
    await page.getByRole('button', { name: 'Revoke the token grafana' }).click();
    expect(stage.server.asked).not.toContain('DELETE /tokens/3');
    await page.getByRole('button', { name: /sure\? Revoke the token grafana/ }).click();
    await page.getByText('The token is revoked.').waitFor();
    expect(stage.server.asked).toContain('DELETE /tokens/3');
  });

  it('shows what someone without the right may see, and says what is missing', async () => {
    const refused = new ProblemAnswer(403, 'This needs the scope admin', 'Ask an administrator.');
    const { page } = await stage.visit('/settings', {}, {}, (path) => {
      if (path === '/session') {
        return { kind: 'session', name: 'vic', role: 'viewer', scopes: ['read'] };
      }
      return path === '/tokens' || path === '/audit-log' ? refused : undefined;
    });
    await page.getByText('This needs the scope admin. Ask an administrator.').first().waitFor();
    await page.getByText('vic').waitFor();
    expect(await page.getByRole('button', { name: 'Make a token' }).count()).toBe(0);
    expect(await page.getByText('Add hosts').isVisible()).toBe(false);
    await page.locator('.facts').getByText('90 days').first().waitFor();
  });
});
