// People and the log of administration by the command line: with a pipe, and at a real terminal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toAccess } from '../../src/api/access/store-access.ts';
import { runProgram } from '../../src/cli/program.ts';
import { findAccount } from '../../src/store/access/accounts.ts';
import { LastUses } from '../../src/store/access/last-uses.ts';
import { isPassword } from '../../src/store/access/passwords.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { findProgram } from '../support/needed-program.ts';
import { testIo } from '../support/test-io.ts';

const mainPath = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PASSWORD = 'Äpfel, Birnen; 12';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-user-'));
  path = join(directory, 'test.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function trespass(argv: readonly string[], stdin = '') {
  const io = testIo({ stdin, cwd: directory });
  const exitCode = await runProgram([...argv, '--db', path], io);
  return { exitCode, out: io.out(), err: io.err() };
}

function account(name: string) {
  const db = openDatabase(path, { readonly: true });
  try {
    return findAccount(db, name);
  } finally {
    closeDatabase(db);
  }
}

describe('trespass user', () => {
  it('adds, lists, changes and removes people, and logs it', async () => {
    const done = { exitCode: 0, out: '', err: '' };
    expect(await trespass(['user', 'add', 'Ada', '--role', 'viewer'], `${PASSWORD}\nmore\n`)).toEqual(done);
    expect((await trespass(['user', 'add', 'ada', '--role', 'admin'], `${PASSWORD}\n`)).err).toMatch(/already/);
    expect(await isPassword(PASSWORD, account('ada')?.password)).toBe(true);
    expect(readFileSync(path).includes(PASSWORD)).toBe(false);
    expect(await trespass(['user', 'passwd', 'ada'], 'another one of these')).toEqual(done);
    expect(await isPassword('another one of these', account('ada')?.password)).toBe(true);
    expect(await trespass(['user', 'role', 'ada', '--role', 'operator'])).toEqual(done);
    expect(JSON.parse((await trespass(['user', 'list', '--json'])).out)).toMatchObject({
      name: 'ada',
      role: 'operator',
    });
    expect((await trespass(['user', 'list'])).out).toMatch(/^NAME +ROLE .*\nada +operator /);
    expect(await trespass(['user', 'remove', 'ada'])).toEqual(done);
    expect((await trespass(['user', 'remove', 'ada'])).exitCode).toBe(3);
    expect((await trespass(['user', 'list'])).exitCode).toBe(3);
    const log = await trespass(['audit-log', '--json']);
    const acts = log.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(acts.map(({ action, target }) => `${action} ${target}`)).toEqual([
      'user-remove ada',
      'user-role ada',
      'user-password ada',
      'user-add ada',
    ]);
    expect(acts[0].actor).toMatchObject({ kind: 'command', name: expect.stringMatching(/^\d+( \(.+\))?$/) });
    expect((await trespass(['audit-log', '--action', 'user-role'])).out).toMatch(/command .* user-role +done +ada/);
    expect((await trespass(['audit-log', '--outcome', 'refused'])).exitCode).toBe(3);
  }, 60_000);

  it('disables and enables people, who are signed out and cannot sign in meanwhile', async () => {
    const done = { exitCode: 0, out: '', err: '' };
    expect(await trespass(['user', 'add', 'ada', '--role', 'admin'], PASSWORD)).toEqual(done);
    const db = openDatabase(path);
    try {
      const access = toAccess(db, new LastUses(db), { idleMs: 60_000, maxMs: 60_000 });
      const signIn = () => {
        const found = findAccount(db, 'ada');
        return found && access.signInAs(found, { address: '', agent: '' }, Date.now())?.secret;
      };
      const secret = signIn() ?? '';
      expect(access.findSession(secret, Date.now())).toMatchObject({ name: 'ada' });
      expect(await trespass(['user', 'disable', 'Ada'])).toEqual(done);
      expect(access.findSession(secret, Date.now())).toBeUndefined();
      expect(signIn()).toBeUndefined();
      const { out } = await trespass(['user', 'list', '--json']);
      expect(JSON.parse(out)).toMatchObject({ name: 'ada', role: 'admin', disabled_at: expect.any(String) });
      expect((await trespass(['user', 'list'])).out).toMatch(/DISABLED\nada +admin .* \d{4}-\d\d-\d\dT\S+Z\n$/);
      expect(await trespass(['user', 'enable', 'ada'])).toEqual(done);
      expect(access.findSession(secret, Date.now())).toBeUndefined();
      expect(access.findSession(signIn() ?? '', Date.now())).toMatchObject({ name: 'ada' });
      expect((await trespass(['user', 'list', '--json'])).out).not.toContain('disabled_at');
    } finally {
      closeDatabase(db);
    }
    const log = (await trespass(['audit-log', '--json', '--action', 'user-change'])).out.trim().split('\n');
    expect(log.map((line) => JSON.parse(line)).map(({ target, detail }) => [target, detail])).toEqual([
      ['ada', { disabled: false }],
      ['ada', { disabled: true }],
    ]);
    expect((await trespass(['user', 'disable', 'nobody'])).exitCode).toBe(3);
  }, 60_000);

  it.each([
    [['user', 'disable'], '', /is no name/],
    [['user', 'enable', 'x', '--role', 'admin'], '', /--role goes with/],
    [['user'], '', /say what to do/],
    [['user', 'add', 'x'], PASSWORD, /--role is missing/],
    [['user', 'add', 'x', '--role', 'root'], PASSWORD, /unknown role "root"/],
    [['user', 'add', '../x', '--role', 'admin'], PASSWORD, /is no name/],
    [['user', 'add', 'x', '--role', 'admin'], 'short', /at least 12 characters/],
    [['user', 'add', 'x', '--role', 'admin'], '', /at least 12 characters/],
    [['user', 'list', 'x'], '', /an argument too many/],
    [['user', 'passwd', 'x', '--role', 'admin'], PASSWORD, /--role goes with/],
    [['audit-log', '--outcome', 'well'], '', /--outcome "well"/],
    [['audit-log', '--fleet', 'x'], '', /takes no --fleet/],
  ])('refuses %j', async (argv, stdin, message) => {
    const { exitCode, err } = await trespass(argv, stdin);
    expect([exitCode, err]).toEqual([2, expect.stringMatching(message)]);
  });

  it.skipIf(findProgram('script') === undefined)(
    'does not show what is typed at a terminal',
    async () => {
      const line = [process.execPath, '--import', import.meta.resolve('tsx'), mainPath, 'user', 'add', 'ada'];
      const command = [...line, '--role', 'admin', '--db', path].map((word) => `'${word}'`).join(' ');
      const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: 'pipe' });
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
      });
      await expect.poll(() => shown, { timeout: 30_000 }).toContain('New password of ada: ');
      child.stdin.write(`wrong\u0015${PASSWORD}x\u007f\r`);
      await expect.poll(() => shown, { timeout: 30_000 }).toContain('The same again: ');
      child.stdin.write(`${PASSWORD}\r`);
      const [code] = await once(child, 'exit');
      expect([code, shown.replaceAll('\r\n', '\n')]).toEqual([0, 'New password of ada: \nThe same again: \n']);
      expect(await isPassword(PASSWORD, account('ada')?.password)).toBe(true);
    },
    90_000,
  );
});
