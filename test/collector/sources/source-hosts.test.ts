import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../../src/audit/record.ts';
import { derivedHostId, SourceHosts, type SourceHostsOptions } from '../../../src/collector/sources/source-hosts.ts';

const BOOT_START = 1_700_000_000_000;
const LOCAL = { id: 'local-id', name: 'web-1', bootId: 'real-boot', bootStartMs: BOOT_START };

function hosts(options: Partial<SourceHostsOptions> = {}): SourceHosts {
  return new SourceHosts({ local: LOCAL, hostIdOf: (machineId) => `host-of-${machineId}`, ...options });
}

function record(serial: number, ms: number, more: Partial<AuditRecord> = {}): AuditRecord {
  const seconds = Math.floor(ms / 1000);
  return { kind: 'record', type: 1423, node: '', seconds, millis: ms % 1000, serial, text: '', ...more };
}

function bootsOf(tracker: SourceHosts, records: readonly AuditRecord[]): string[] {
  const keys = records.map((one) => tracker.keyOf(one));
  return keys.map((key) => tracker.hostFor(key).boot.id);
}

const OLD = BOOT_START - 86_400_000;

describe('SourceHosts', () => {
  it('gives records of this host since its boot the real host and boot', () => {
    const tracker = hosts();
    const key = tracker.keyOf(record(5, BOOT_START + 10));
    expect(tracker.hostFor(key)).toEqual({ id: 'local-id', name: 'web-1', boot: { id: 'real-boot' } });
    const named = tracker.keyOf(record(6, BOOT_START + 20, { node: 'WEB-1' }));
    expect(tracker.hostFor(named)).toEqual({ id: 'local-id', name: 'web-1', boot: { id: 'real-boot' } });
  });

  it('gives older records of this host a derived boot, and the real one from its start on', () => {
    const [before, after] = bootsOf(hosts(), [record(5, OLD), record(6, BOOT_START)]);
    expect(after).toBe('real-boot');
    expect(before).toMatch(/^[0-9a-f]{32}$/);
  });

  it('gives records from elsewhere a host made from their name and a derived boot', () => {
    const tracker = hosts({ host: 'db-7' });
    const key = tracker.keyOf(record(5, BOOT_START + 10));
    expect(tracker.hostFor(key)).toEqual({
      id: derivedHostId('db-7'),
      name: 'db-7',
      boot: { id: expect.any(String), derived: true },
    });
    const other = tracker.keyOf(record(5, BOOT_START + 10, { node: 'app' }));
    expect(tracker.hostFor(other)).toMatchObject({ id: derivedHostId('app'), name: 'app' });
  });

  it('begins a new boot where the serial starts again later', () => {
    const [a, b, c] = bootsOf(hosts(), [record(5000, OLD), record(3, OLD + 60_000), record(4, OLD + 60_001)]);
    expect(b).not.toBe(a);
    expect(c).toBe(b);
  });

  it('begins a new boot with the kernel’s first record, but not within the boot that it begins', () => {
    const kernel = record(1, OLD + 500, { type: 2000, text: 'state=initialized audit_enabled=1 res=1' });
    const [a, b, c] = bootsOf(hosts(), [record(20, OLD), kernel, record(30, OLD + 900)]);
    expect(new Set([a, b]).size).toBe(2);
    expect(c).toBe(b);
    const daemon = record(9079, OLD + 700, { type: 1200, text: 'op=start' });
    const [d, e, f] = bootsOf(hosts(), [daemon, kernel, record(2, OLD + 600)]);
    expect([e, f]).toEqual([d, d]);
  });

  it('takes interleaved serials, late records of blocked calls and a wrap for the same boot', () => {
    const records = [
      record(100, OLD),
      record(98, OLD + 4),
      record(4_000_000_000, OLD + 3_600_000),
      record(4_294_967_295, OLD + 3_700_000),
      record(2, OLD + 3_710_000),
      record(90, OLD + 3_710_000),
      record(99, OLD + 1),
    ];
    expect(new Set(bootsOf(hosts(), records)).size).toBe(1);
  });

  it('does not count auditd’s own serials, but trusts a restarted daemon’s first lower serial at once', () => {
    const daemon = record(9_000_000, OLD + 100, { type: 1200 });
    const [a, , b] = bootsOf(hosts(), [record(5000, OLD), daemon, record(40, OLD + 200)]);
    expect(b).not.toBe(a);
    const [c, , d] = bootsOf(hosts(), [record(5000, OLD), daemon, record(5001, OLD + 200)]);
    expect(d).toBe(c);
  });

  it('keeps the hosts of one file apart, each with its own serials', () => {
    const tracker = hosts();
    const records = [1, 2, 3].flatMap((i) => [
      record(1000 + i, OLD + i * 10_000, { node: 'a' }),
      record(i, OLD + i * 10_000 + 5_000, { node: 'b' }),
    ]);
    const keys = new Set(records.map((one) => tracker.keyOf(one)));
    expect([...keys].map((key) => tracker.hostFor(key).name)).toEqual(['a', 'b']);
  });

  it('answers for a boot that has ended, and for what belongs to no record', () => {
    const tracker = hosts({ host: 'h' });
    const first = tracker.keyOf(record(5000, OLD, { node: 'n' }));
    const before = tracker.hostFor(first);
    tracker.keyOf(record(1, OLD + 60_000, { node: 'n' }));
    expect(tracker.hostFor(first)).toEqual(before);
    expect(tracker.hostFor('').name).toBe('n');
    expect(hosts({ host: 'h' }).hostFor('').name).toBe('h');
    expect(hosts().hostFor('').boot).toEqual({ id: 'real-boot' });
  });

  it('derives the same boot for the same log, and another for another boot', () => {
    const log = [record(5, OLD), record(9, OLD + 5)];
    expect(bootsOf(hosts(), log)).toEqual(bootsOf(hosts(), log));
    expect(bootsOf(hosts(), log)[0]).not.toBe(bootsOf(hosts(), [record(5, OLD + 1)])[0]);
  });

  it('takes on the boot that an event is already stored under', () => {
    const tracker = hosts({
      knownBoot: (host, ms, serial) =>
        host === 'local-id' && ms === OLD + 1 && serial === 6 ? { id: 'stored' } : undefined,
    });
    const key = tracker.keyOf(record(5, OLD, { type: 1300 }));
    tracker.keyOf(record(6, OLD + 1));
    expect(tracker.hostFor(key).boot).toEqual({ id: 'stored' });
  });

  it('takes host and boot of a journal entry from the entry', () => {
    const tracker = hosts();
    const origin = { bootId: 'other-boot', machineId: 'f'.repeat(32), hostname: 'far' };
    expect(tracker.hostFor(tracker.keyOfJournal(origin))).toEqual({
      id: `host-of-${'f'.repeat(32)}`,
      name: 'far',
      boot: { id: 'other-boot' },
    });
    const own = tracker.keyOfJournal({ bootId: 'real-boot', machineId: undefined, hostname: undefined });
    expect(tracker.hostFor(own)).toEqual({ id: 'local-id', name: 'web-1', boot: { id: 'real-boot' } });
  });
});
