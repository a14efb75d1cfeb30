// How large the record socket's buffer becomes, by what the process may do. The limit is the machine's: whatever
// happens, it is afterwards what it was.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findProblems } from '../../src/api/monitoring/health-problems.ts';
import { readBootId } from '../../src/collector/host-identity.ts';
import { KernelSide } from '../../src/collector/kernel/kernel-side.ts';
import { removeLeftovers } from '../../src/collector/kernel/leftovers.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { collectDuring } from './collect-during.ts';
import { collectorConfig } from './collector-config.ts';

const PROBE = fileURLToPath(new URL('./receive-buffer-probe.ts', import.meta.url));
const LIMIT = '/proc/sys/net/core/rmem_max';
const readLimit = () => Number(readFileSync(LIMIT, 'utf8'));
const WITHOUT_NET_ADMIN = ['setpriv', '--bounding-set=-net_admin'];

/** What the kernel granted to a process below `wrapper`. */
function probe(wrapper: readonly string[], ...argv: readonly string[]): number {
  const [command = '', ...rest] = [...wrapper, process.execPath, '--import', 'tsx', PROBE, ...argv];
  return Number(execFileSync(command, rest, { encoding: 'utf8' }));
}

async function startAndStop(directory: string): Promise<void> {
  const config = collectorConfig(directory, 'netlink');
  await (await KernelSide.open(config, { log: pino({ level: 'silent' }) })).close();
}

describeKernel('the receive buffer of the record socket', () => {
  let limit: number;
  let asked: number;
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-buffer-'));
    limit = readLimit();
    asked = limit + 8 * 1024 * 1024;
  });
  afterEach(() => {
    expect(readLimit()).toBe(limit);
    expect(readdirSync(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  it('exceeds net.core.rmem_max with CAP_NET_ADMIN', () => {
    expect(probe([], String(asked), directory)).toBe(2 * asked);
  });

  it('exceeds it for root without CAP_NET_ADMIN too, which lifts the limit for a moment', () => {
    expect(probe(WITHOUT_NET_ADMIN, String(asked), directory)).toBe(2 * asked);
  });

  it('is as large as the limit allows where the limit is out of reach', () => {
    expect(probe(WITHOUT_NET_ADMIN, String(asked), directory, '/proc/sys/net/core/absent')).toBe(2 * limit);
  });

  it('is as large as the limit allows where what it was cannot be noted', () => {
    expect(probe(WITHOUT_NET_ADMIN, String(asked), join(directory, 'missing'))).toBe(2 * limit);
  });

  it.each<[string, (where: string) => Promise<unknown>]>([
    ['the next collector that starts', startAndStop],
    ['the supervisor of the one that was killed', removeLeftovers],
  ])('has its limit put back by %s', async (_, mend) => {
    const note = { boot_id: readBootId(), rmem_max_before: limit, rmem_max_set: asked };
    writeFileSync(join(directory, 'rmem-max-before.json'), JSON.stringify(note));
    try {
      writeFileSync(LIMIT, `${asked}`);
      await mend(directory);
      expect(readLimit()).toBe(limit);
    } finally {
      writeFileSync(LIMIT, `${limit}`);
      for (const name of readdirSync(directory)) {
        if (name !== 'rmem-max-before.json') rmSync(join(directory, name), { recursive: true });
      }
    }
  });

  it('is told in the heartbeat as asked and got, from which the server names the mend', async () => {
    const { heartbeat } = await collectDuring(
      async () => {},
      (documents) => documents.length > 0,
    );
    const { asked_bytes: askedBytes = 0, got_bytes: gotBytes } = heartbeat.receive_buffer ?? {};
    expect(gotBytes).toBe(2 * askedBytes);
    const problems = (got: number) =>
      findProblems({
        collectors: [
          {
            state: 'online',
            last_contact_at: heartbeat.started_at,
            restarts: 0,
            heartbeat: { ...heartbeat, receive_buffer: { asked_bytes: askedBytes, got_bytes: got } },
          },
        ],
        supervision: undefined,
        capabilities: [],
        nowMs: 0,
        isDatabaseReachable: true,
        unready: undefined,
        ingestFailures: 0,
        rejected: 0,
      }).filter(({ code }) => code === 'receive-buffer-small');
    expect(problems(2 * askedBytes)).toEqual([]);
    expect(problems(askedBytes / 2)).toMatchObject([{ mend: expect.stringContaining('net.core.rmem_max') }]);
  });
});
