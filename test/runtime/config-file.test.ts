import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../../src/runtime/config-file.ts';
import { OperatingError } from '../../src/runtime/operating-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'trespass-config-'));
afterAll(() => rmSync(directory, { recursive: true }));
let count = 0;

function configFile(text: string, mode = 0o644): string {
  const path = join(directory, `${count++}.toml`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

function failureOf(action: () => unknown): OperatingError {
  try {
    action();
  } catch (error) {
    if (error instanceof OperatingError) {
      return error;
    }
    throw error;
  }
  throw new Error('it did not fail');
}

describe('the configuration', () => {
  it('takes a value from the flag, then the file, then the default', () => {
    const path = configFile('[server]\nlisten = "0.0.0.0:8080"\n[log]\nlevel = "debug"\n');
    const { config, values } = loadConfig({ path, cwd: '/srv', flags: new Map([['log.level', 'error']]) });
    expect(config.server.listen).toBe('0.0.0.0:8080');
    expect(config.log.level).toBe('error');
    expect(config.collector.backlogLimit).toBe(8192);
    expect(['server.listen', 'log.level', 'collector.canary'].map((key) => values.get(key)?.origin)).toEqual([
      'file',
      'flag',
      'default',
    ]);
  });

  it('takes relative paths of the file from its directory and those of flags from the working directory', () => {
    const path = configFile('[store]\npath = "here.db"\n');
    const flags = new Map([['runtime.directory', 'run']]);
    const { config } = loadConfig({ path, cwd: '/srv', flags });
    expect([config.store.path, config.runtime.directory]).toEqual([join(directory, 'here.db'), '/srv/run']);
  });

  it('reads whole numbers and truth values from flags', () => {
    const flags = new Map([
      ['collector.backlog_limit', '100'],
      ['collector.canary', 'false'],
    ]);
    const { collector } = loadConfig({ path: null, cwd: '/', flags }).config;
    expect([collector.backlogLimit, collector.canary]).toEqual([100, false]);
  });

  it.each([
    ['[servr]\nlisten = "a:1"', ':1: unknown table [servr] (did you mean "server"?)'],
    ['\n[server]\n\nlissten = "a:1"', ':4: unknown key server.lissten (did you mean "listen"?)'],
    ['server.lissten = "a:1"', ':1: unknown key server.lissten (did you mean "listen"?)'],
    ['listen = "a:1"', ':1: unknown key listen outside of a table'],
    ['[server]\nlisten = 5', ':2: server.listen must be a text that is not empty, not 5'],
    ['[collector]\ncanary = "yes"', ':2: collector.canary must be true or false, not "yes"'],
    ['[collector]\nbacklog_limit = -1', ':2: collector.backlog_limit must be a whole number from 0 to 1000000, not -1'],
    ['[log]\nlevel = "inof"', ':2: log.level must be one of trace, debug, info, warn, error (did you mean "info"?)'],
    ['[server]\nlisten = ', ':2: is not TOML'],
    ['[server]\n[server]', ':2: is not TOML'],
  ])('refuses %j and says where and why', (text, message) => {
    const path = configFile(text);
    const failure = failureOf(() => loadConfig({ path, cwd: '/' }));
    expect(failure.message).toContain(path + message);
    expect([failure.code, failure.exitCode]).toEqual(['config-invalid', 2]);
    expect(failure.mend).not.toBe('');
  });

  it('does not fall for keys that are names of object members', () => {
    expect(failureOf(() => parseConfig('[__proto__]\nlisten = 1', 'f')).message).toContain('unknown table [__proto__]');
    expect(failureOf(() => parseConfig('[server]\nconstructor = 1', 'f')).message).toContain('unknown key');
  });

  it.each([
    [0o666, 'is writable by everybody', /^chmod o-w /],
    [0o646, 'is writable by everybody', /^chmod o-w /],
  ])('refuses a file of mode %o', (mode, message, mend) => {
    const failure = failureOf(() => loadConfig({ path: configFile('', mode), cwd: '/' }));
    expect(failure).toMatchObject({ code: 'config-unsafe', exitCode: 1 });
    expect(failure.message).toContain(message);
    expect(failure.mend).toMatch(mend);
  });

  it.runIf(process.getuid?.() === 0)('refuses a file that another user or group may write', () => {
    const group = configFile('', 0o664);
    chownSync(group, 0, 65_534);
    const user = configFile('', 0o644);
    chownSync(user, 65_534, 0);
    expect(failureOf(() => loadConfig({ path: group, cwd: '/' })).message).toContain('is writable by group 65534');
    expect(failureOf(() => loadConfig({ path: user, cwd: '/' })).message).toContain('belongs to user 65534');
  });

  it('refuses a file that is asked for and not there, and a directory', () => {
    expect(failureOf(() => loadConfig({ path: '/nonexistent.toml', cwd: '/' }))).toMatchObject({
      code: 'config-unreadable',
      message: 'cannot read the configuration /nonexistent.toml (ENOENT)',
    });
    expect(failureOf(() => loadConfig({ path: directory, cwd: '/' })).code).toBe('config-unsafe');
  });

  it('gives values or an OperatingError for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseConfig(text, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(OperatingError);
        }
      }),
    );
  });
});
