// A configuration for collectors under test: everything below one directory.
import { join } from 'node:path';
import type { Config } from '../../src/runtime/config.ts';
import { SERVER_CONFIG } from '../support/server-config.ts';

export function collectorConfig(directory: string, source: 'netlink' | 'netlink-unicast'): Config {
  return {
    server: SERVER_CONFIG,
    store: { path: join(directory, 'trespass.db') },
    collector: {
      source,
      spoolDirectory: join(directory, 'spool'),
      spoolMaxBytes: 64 * 1024 * 1024,
      spoolMinFreeBytes: 0,
      spoolMaxDays: 0,
      receiveBufferBytes: 16 * 1024 * 1024,
      backlogLimit: 8192,
      canary: true,
      sandboxRules: false,
      tracefs: true,
      attribution: true,
      pullConfig: true,
      privacy: 'full',
    },
    runtime: { directory },
    log: { level: 'warn' },
  };
}
