import { describe, expect, it } from 'vitest';
import { collectorState, findProblems, type Health } from '../../../src/api/monitoring/health-problems.ts';
import type { Heartbeat } from '../../../src/delivery/batch.ts';
import type { SupervisionNews } from '../../../src/runtime/supervision.ts';
import { testHeartbeat } from '../support/documents.ts';

const healthy: Health = {
  collectors: [
    { state: 'online', last_contact_at: '2026-03-01T12:00:00.000Z', restarts: 0, heartbeat: testHeartbeat() },
  ],
  supervision: undefined,
  capabilities: [],
  nowMs: Date.UTC(2026, 2, 1),
  isDatabaseReachable: true,
  unready: undefined,
  ingestFailures: 0,
  rejected: 0,
};

const codes = (health: Partial<Health>) => findProblems({ ...healthy, ...health }).map(({ code }) => code);

/** The problems where the one collector says something else than all is well. */
function codesOf(overrides: Partial<Heartbeat>): string[] {
  const heartbeat: Heartbeat = { ...testHeartbeat(), ...overrides };
  return codes({ collectors: healthy.collectors.map((collector) => ({ ...collector, heartbeat })) });
}

function news(
  collector: Partial<SupervisionNews['collector']>,
  server: SupervisionNews['server'] = { restarts: 0 },
): SupervisionNews {
  return { kind: 'supervision', collector: { state: 'running', restarts: 0, ...collector }, server };
}

describe('what is wrong', () => {
  it('is nothing when all is well', () => {
    expect(codes({})).toEqual([]);
    expect(codes({ supervision: news({}) })).toEqual([]);
  });

  it('is told of the kernel', () => {
    const { audit, counts, host } = testHeartbeat();
    expect(codesOf({ audit: { ...audit, enabled: 0 } })).toEqual(['audit-off']);
    expect(codesOf({ audit: { ...audit, backlog_limit: 64 } })).toEqual(['backlog-limit-low']);
    expect(codesOf({ audit: { ...audit, backlog_limit: 0 } })).toEqual([]);
    expect(codesOf({ receive_buffer: { asked_bytes: 64, got_bytes: 32 } })).toEqual(['receive-buffer-small']);
    expect(codesOf({ canary: { state: 'missed', reason: 'why' } })).toEqual(['canary-missed']);
    expect(codesOf({ canary: { state: 'unavailable' } })).toEqual(['canary-unavailable']);
    expect(codesOf({ canary: { state: 'waiting' } })).toEqual([]);
    expect(codesOf({ counts: { ...counts, lost: [{ cause: 'kernel-lost', count: 2 }] } })).toEqual(['records-lost']);
    expect(codesOf({ counts: { ...counts, malformed: 1 } })).toEqual(['records-malformed']);
    expect(codesOf({ spool: { documents: 9, bytes: 900, bytes_max: 1_000 } })).toEqual(['spool-filling']);
    const { landlock_abi: _, ...withoutLandlock } = host;
    expect(codesOf({ host: withoutLandlock })).toEqual(['no-landlock']);
  });

  it('is told of collectors that are silent, absent or started again', () => {
    const inState = (state: 'stale' | 'offline') => healthy.collectors.map((collector) => ({ ...collector, state }));
    expect(codes({ collectors: inState('offline') })).toEqual(['collector-offline']);
    expect(codes({ collectors: inState('stale') })).toEqual(['collector-stale']);
    expect(codes({ collectors: [] })).toEqual(['no-collector']);
    expect(codes({ collectors: [], supervision: news({ state: 'starting' }) })).toEqual([]);
    expect(codes({ supervision: news({ state: 'restarting', lastExit: 'SIGKILL' }) })).toEqual([
      'collector-restarting',
    ]);
    expect(codes({ supervision: news({ restarts: 1 }) })).toEqual(['collector-restarted']);
    expect(codes({ supervision: news({}, { restarts: 2 }) })).toEqual(['server-restarted']);
  });

  it('is told of the server itself', () => {
    expect(codes({ unready: 'x' })).toEqual(['server-not-ready']);
    expect(codes({ ingestFailures: 1 })).toEqual(['ingest-failed']);
    expect(codes({ rejected: 1 })).toEqual(['documents-rejected']);
    expect(codes({ capabilities: ['sys_admin'] })).toEqual(['server-privileged']);
    expect(codes({ isDatabaseReachable: false })).toEqual(['database-unreachable']);
    const mebibyte = 1024 * 1024;
    const left = [1_000, 500, 3].map((n) => codes({ diskFreeBytes: n * mebibyte }));
    expect(left).toEqual([[], ['disk-low'], ['disk-full']]);
  });

  it('comes with failures first, and with a message and a mend each', () => {
    const tls = { expiresMs: healthy.nowMs + 1, pin: '', isSelfSigned: true, failure: undefined };
    const problems = findProblems({ ...healthy, collectors: [], ingestFailures: 1, tls });
    expect(problems.map(({ severity }) => severity)).toEqual(['fail', 'warn', 'warn']);
    for (const { message, mend } of problems) {
      expect([message, mend]).toEqual([expect.stringMatching(/^[A-Z].*\.$/), expect.stringMatching(/^[A-Z].*\.$/)]);
    }
  });
});

describe('the state of a collector', () => {
  it('follows from when it was last heard, and from its supervisor', () => {
    expect(collectorState(5_000, undefined)).toBe('online');
    expect(collectorState(31_000, undefined)).toBe('stale');
    expect(collectorState(121_000, undefined)).toBe('offline');
    expect(collectorState(5_000, news({ state: 'restarting' }))).toBe('restarting');
    expect(collectorState(5_000, news({ state: 'stopped' }))).toBe('offline');
    expect(collectorState(5_000, news({ state: 'running' }))).toBe('online');
  });
});
