// A collector on this kernel for as long as something happens: what it delivered meanwhile, to the last record.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startCollector } from '../../src/collector/collector.ts';
import type { BatchLine, Heartbeat } from '../../src/delivery/batch.ts';
import type { Document } from '../../src/landlock/document.ts';
import type { Config } from '../../src/runtime/config.ts';
import { FakeServer } from '../collector/sending/fake-server.ts';
import { collectorConfig } from './collector-config.ts';

export interface Collected {
  readonly lines: readonly BatchLine[];
  readonly documents: readonly Document[];
  /** The last one, with the final counts. */
  readonly heartbeat: Heartbeat;
}

/**
 * Collects from the kernel while `action` runs, and after it until `isEnough` or ten seconds have passed. The caller
 * holds the kernel lock. `settings`: of the table `collector`, where they are not the usual ones.
 */
export async function collectDuring(
  action: (directory: string) => Promise<void>,
  isEnough: (documents: readonly Document[]) => boolean,
  settings: Partial<Config['collector']> = {},
): Promise<Collected> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-collect-'));
  const server = await FakeServer.listen(join(directory, 'ingest.sock'));
  try {
    const config = collectorConfig(directory, 'netlink');
    const collector = await startCollector(
      { ...config, collector: { ...config.collector, ...settings } },
      { version: '0.0.0', log: pino({ level: 'silent' }), report: () => {} },
    );
    try {
      await action(directory);
      await server.until(isEnough);
    } finally {
      await collector.stop();
    }
    const heartbeat = server.heartbeats.at(-1);
    if (heartbeat === undefined) throw new Error('the collector sent no heartbeat');
    return { lines: server.lines, documents: server.documents, heartbeat };
  } finally {
    await server.close();
    rmSync(directory, { recursive: true });
  }
}
