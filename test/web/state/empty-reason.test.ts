import { expect, it } from 'vitest';
import { emptyReason } from '../../../web/state/empty-reason.ts';
import { parseAddress } from '../../../web/state/page-address.ts';
import { noticesOf } from '../../../web/state/status-notices.ts';
import { makeCollector, makeHost, makeStatus } from '../../e2e/support/canned-answers.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const view = parseAddress('');
const problem = { code: 'audit-off', severity: 'fail' as const, message: 'Audit is off.', mend: 'Turn it on.' };

it('is quiet when everything works and nothing was refused', () => {
  const facts = { view, nowMs: NOW, status: makeStatus(NOW), hosts: [makeHost('web-1', 0, NOW)] };
  expect(emptyReason(facts)).toEqual({ kind: 'quiet', canarySeen: true });
});

it('is broken when the server says so', () => {
  const status = makeStatus(NOW, { problems: [problem] });
  expect(emptyReason({ view, nowMs: NOW, status })).toEqual({ kind: 'broken', problems: [problem] });
});

it('is broken when no collector ever reported, all are offline, or audit is off, whatever the server says', () => {
  const one = makeCollector('web-1', NOW);
  const codesOf = (collectors: Parameters<typeof makeStatus>[1] extends infer C ? C : never) => {
    const reason = emptyReason({ view, nowMs: NOW, status: makeStatus(NOW, collectors) });
    return reason.kind === 'broken' ? reason.problems.map((found) => found.code) : reason.kind;
  };
  expect(codesOf({ collectors: [] })).toEqual(['no-collector']);
  expect(codesOf({ collectors: [{ ...one, state: 'offline' }] })).toEqual(['collector-offline']);
  const off = { ...one.heartbeat, audit: { ...one.heartbeat.audit!, enabled: 0 } };
  expect(codesOf({ collectors: [{ ...one, heartbeat: off }] })).toEqual(['audit-off']);
  const missed = { ...one.heartbeat, canary: { state: 'missed' as const } };
  expect(codesOf({ collectors: [{ ...one, heartbeat: missed }] })).toEqual(['canary-missed']);
});

it('does not take a problem that only warns for the cause', () => {
  const status = makeStatus(NOW, { problems: [{ ...problem, severity: 'warn' }] });
  expect(emptyReason({ view, nowMs: NOW, status }).kind).toBe('quiet');
});

it('points to the filters, or to another time, where the denials are there', () => {
  expect(emptyReason({ view: parseAddress('?class=net'), nowMs: NOW }).kind).toBe('filtered');
  const old = makeHost('web-1', 5, NOW, { last_denial_at: '2026-01-01T00:00:00.000Z' });
  expect(emptyReason({ view, nowMs: NOW, status: makeStatus(NOW), hosts: [old] })).toEqual({
    kind: 'elsewhere',
    newestMs: Date.parse('2026-01-01T00:00:00Z'),
  });
});

it('tells each failure once, and every problem with its mend', () => {
  const failure = { message: 'The server cannot be reached.', hint: 'Start it.' };
  expect(noticesOf({ failure }, [{ failure }, { failure }, {}])).toEqual([
    { key: 'request-failed', level: 'fail', text: 'The server cannot be reached.', mend: 'Start it.' },
  ]);
  expect(noticesOf({ value: makeStatus(NOW, { problems: [problem] }) }, [])).toEqual([
    { key: 'audit-off', level: 'fail', text: 'Audit is off.', mend: 'Turn it on.' },
  ]);
});

it('says that a collector is being started again, once', () => {
  const collectors = [
    { ...makeCollector('web-1', NOW), state: 'restarting' as const, restarts: 2, last_exit: 'SIGKILL' },
  ];
  expect(noticesOf({ value: makeStatus(NOW, { collectors }) }, []).map((notice) => notice.text)).toEqual([
    'The collector on web-1 is being started again after SIGKILL.',
  ]);
  const problems = [{ ...problem, code: 'collector-restarting' }];
  expect(noticesOf({ value: makeStatus(NOW, { collectors, problems }) }, []).length).toBe(1);
});
