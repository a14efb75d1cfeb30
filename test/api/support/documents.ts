import { createHash } from 'node:crypto';
import type { AnyDocument, Denial, DomainAllocated, DomainDeallocated } from '../../../src/landlock/document.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A valid event.id for `name`. */
export function testEventId(name: string): string {
  const bits = [...createHash('sha256').update(name).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from(
    { length: 26 },
    (_, index) => ALPHABET[Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2)],
  ).join('');
}

export const testHost = { id: 'host-1', name: 'web-1', boot: { id: 'boot-1' } };

/** A denial number `n`, one a second from `startMs`. */
export function testDenial(n: number, overrides: Partial<Denial> = {}, startMs = Date.UTC(2026, 2, 1, 10)): Denial {
  return {
    kind: 'denial',
    '@timestamp': new Date(startMs + n * 1_000).toISOString(),
    event: {
      id: testEventId(`denial ${n} ${startMs}`),
      sequence: 100 + n,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: ['intrusion_detection', 'file'],
      type: ['denied'],
      reason: 'cat was not allowed to read /etc/shadow',
    },
    host: testHost,
    landlock: {
      domain: { id: '195ba459b' },
      blockers: ['fs.read_file'],
      object: { kind: 'file' },
      actor_certainty: 'certain',
    },
    file: { path: '/etc/shadow', device: 'vda2', inode: '365' },
    process: {
      pid: 289,
      parent: { pid: 272 },
      name: 'cat',
      executable: '/usr/bin/cat',
      args: ['cat', '--password=hunter2'],
    },
    user: { id: '0' },
    syscall: { arch: 'x86_64', name: 'openat', number: 257, exit: -13 },
    ...overrides,
  };
}

export function testAllocation(startMs = Date.UTC(2026, 2, 1, 10)): DomainAllocated {
  return {
    kind: 'domain-allocated',
    '@timestamp': new Date(startMs).toISOString(),
    event: { id: testEventId(`allocation ${startMs}`), sequence: 100 },
    host: testHost,
    landlock: {
      domain: {
        id: '195ba459b',
        mode: 'enforcing',
        creator: { pid: 288, uid: 0, executable: '/usr/bin/sandboxer', name: 'sandboxer' },
      },
    },
  };
}

export function testDeallocation(startMs = Date.UTC(2026, 2, 1, 10)): DomainDeallocated {
  return {
    kind: 'domain-deallocated',
    '@timestamp': new Date(startMs + 60_000).toISOString(),
    event: { id: testEventId(`deallocation ${startMs}`), sequence: 200 },
    host: testHost,
    landlock: { domain: { id: '195ba459b', denials: 7 } },
  };
}

/** A batch as a collector sends it. */
export function testBatch(docs: readonly AnyDocument[], firstSeq = 1, raw = true): string {
  const header = {
    kind: 'batch',
    protocol: 1,
    spool: '00112233445566778899aabbccddeeff',
    first_seq: firstSeq,
    last_seq: firstSeq + docs.length - 1,
  };
  const lines = docs.map((doc, index) => ({
    seq: firstSeq + index,
    doc,
    ...(raw &&
      doc.kind === 'denial' && { raw: `type=LANDLOCK_ACCESS msg=audit(1.0:${doc.event.sequence}): domain=195ba459b` }),
  }));
  return `${[header, ...lines].map((line) => JSON.stringify(line)).join('\n')}\n`;
}

export function testHeartbeat() {
  return {
    host: {
      id: 'host-1',
      name: 'web-1',
      boot_id: 'boot-1',
      kernel: '6.15.0',
      arch: 'x86_64',
      landlock_abi: 7,
      distribution: 'Debian',
    },
    version: '0.1.0',
    pid: 42,
    started_at: '2026-03-01T09:00:00.000Z',
    source: 'netlink',
    privileges: { uid: 65534, capabilities: [] as string[] },
    audit: {
      enabled: 1,
      enabled_before: 0,
      backlog_limit: 8192,
      backlog_limit_before: 64,
      backlog: 0,
      lost: 0,
      daemon_pid: 0,
      rate_limit: 0,
    },
    receive_buffer: { asked_bytes: 1024, got_bytes: 1024 },
    canary: { state: 'seen' as const, latency_ms: 12.5, at: '2026-03-01T09:00:01.000Z' },
    counts: { records: 10, events: 4, denials: 3, malformed: 0, lost: [] as { cause: string; count: number }[] },
    spool: { documents: 0, bytes: 0, bytes_max: 1024 },
  };
}
