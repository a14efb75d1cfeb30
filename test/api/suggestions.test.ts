import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SuggestionAnswer } from '../../src/api/schemas/suggestion.ts';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import { testDenial, testEventId } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const shadow = testDenial(1);
const log = testDenial(2, { file: { path: '/srv/app/log' } });
const program = '/opt/a "b" \\*/x';
const other = testDenial(3, {
  file: { path: '/srv/other' },
  process: { pid: 9, name: 'x', executable: program },
  landlock: { ...shadow.landlock, domain: { id: 'abc' } },
});

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  expect((await app.deliver([shadow, log, other])).json()).toMatchObject({ rejected: [] });
});
afterAll(() => app.close());

async function ask(query: Record<string, string>): Promise<SuggestionAnswer> {
  const url = `/api/v1/suggestions?${new URLSearchParams(query)}`;
  const response = await app.tcp.inject({ url, headers: { authorization: `Bearer ${app.token('read')}` } });
  expect([response.statusCode, response.body.slice(0, 300)]).toEqual([200, expect.any(String)]);
  return response.json();
}

const pathsOf = ({ suggestion }: SuggestionAnswer) =>
  suggestion.rules.map((rule) => (rule.kind === 'path' ? rule.path : ''));

describe('GET /suggestions', () => {
  it('gives the least rules for a domain, and says what it leaves out', async () => {
    const { suggestion, format, text, cannot, is_cut } = await ask({ domain: '195BA459B' });
    expect(suggestion).toMatchObject({
      rules: [{ kind: 'path', path: '/srv/app/log', directory: false, rights: ['fs.read_file'], tier: 'normal' }],
      withheld: [{ tier: 'never', what: 'fs.read_file on /etc/shadow' }],
      counts: { selected: 2, allowed: 1, withheld: 1 },
    });
    expect({ format, cannot, is_cut }).toEqual({ format: 'text', cannot: [], is_cut: false });
    expect(text).toContain('allow fs.read_file on /srv/app/log');
  });

  it.each([
    ['an event', { denial: log.event.id }, ['/srv/app/log']],
    ['an issue', { issue: fingerprintOf(log).fingerprint }, ['/srv/app/log']],
    ['a program of any name', { program }, ['/srv/other']],
    ['programs', { program: '/opt/*' }, ['/srv/other']],
    ['a query', { q: 'path:/srv/*' }, ['/srv/app/log', '/srv/other']],
    ['several at once', { q: 'path:/srv/* or path:/etc/*', domain: 'abc' }, ['/srv/other']],
    ['a time without denials', { q: 'path:/srv/*', to: '2026-01-01T00:00:00Z' }, []],
  ])('selects by %s', async (_what, query, paths) => {
    expect(pathsOf(await ask(query))).toEqual(paths);
  });

  it('has the format that is asked for', async () => {
    const { text, format } = await ask({ denial: log.event.id, format: 'c' });
    expect(format).toBe('c');
    expect(text).toContain('{ 0x4ULL, "/srv/app/log" },');
  });

  it.each([
    ['', 400],
    ['?format=c', 400],
    ['?q=blocker%3A', 400],
    ['?domain=abc&format=cobol', 400],
    ['?domain=abc&tier=all', 400],
    [`?denial=${testEventId('none')}`, 404],
  ])('answers %s with %i', async (query, status) => {
    const response = await app.api.inject({ url: `/api/v1/suggestions${query}` });
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
  });
});
