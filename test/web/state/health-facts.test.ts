import { expect, it } from 'vitest';
import type { Status } from '../../../src/api/schemas/status.ts';
import { healthFacts } from '../../../web/state/health-facts.ts';
import { makeCollector, makeStatus } from '../../e2e/support/canned-answers.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const one = makeCollector('web-1', NOW);
type Heartbeat = Status['collectors'][number]['heartbeat'];

function facts(...collectors: Status['collectors']) {
  return Object.fromEntries(
    healthFacts(makeStatus(NOW, { collectors }), NOW).map((fact) => [
      fact.key,
      `${fact.level}: ${fact.value}${fact.note === undefined ? '' : ` ${fact.note}`}`,
    ]),
  );
}

function heartbeat(changes: Partial<Heartbeat>): Status['collectors'][number] {
  return { ...one, heartbeat: { ...one.heartbeat, ...changes } };
}

it('is calm when all is well', () => {
  expect(facts(one)).toEqual({
    collector: 'ok: Online',
    audit: 'ok: On by Trespass',
    canary: 'ok: Seen after 38 ms',
    records: 'info: 48,213',
    malformed: 'ok: 0 since start',
    lost: 'ok: 0 since start',
  });
});

it('says that nobody collects', () => {
  expect(facts()).toMatchObject({
    collector: 'fail: None has reported',
    audit: 'warn: Unknown',
    canary: 'info: Waiting',
  });
});

it('lets the worst of several count and adds amounts', () => {
  const second = { ...makeCollector('web-2', NOW), state: 'offline' as const };
  expect(facts(one, second)).toMatchObject({ collector: 'fail: 1 of 2 online', records: 'info: 96,426' });
});

it('tells a restart, audit that is off, a missed canary, and losses by cause', () => {
  const { audit } = one.heartbeat;
  expect(facts({ ...one, state: 'restarting', restarts: 3 }).collector).toBe('warn: Restarting 3 restarts');
  expect(facts(heartbeat({ audit: { ...audit!, enabled: 0 } })).audit).toBe('fail: Off nothing is logged');
  expect(facts(heartbeat({ canary: { state: 'missed', reason: 'x' } })).canary).toBe('fail: Missed');
  expect(facts(heartbeat({ canary: { state: 'unavailable' } })).canary).toBe('warn: Not possible');
  const { audit: _audit, ...fromFile } = one.heartbeat;
  expect(facts({ ...one, heartbeat: { ...fromFile, source: 'file' } }).audit).toBe('info: Not read source: file');
});

it('marks losses, and knows in which span they happened', () => {
  const counts = { ...one.heartbeat.counts, lost: [{ cause: 'kernel-lost', count: 5 }] };
  const after = { ...heartbeat({ counts }), last_contact_at: '2026-03-01T10:00:08.000Z' };
  expect(facts(after).lost).toBe('warn: 5 since start');
});
