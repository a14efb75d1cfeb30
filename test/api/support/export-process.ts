// A server of its own process, so that its memory can be told from the test's: prints nothing, says by IPC where it
// listens, and answers every message with the memory that it has, and had at most, in bytes.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../../src/api/server.ts';
import { SERVER_CONFIG } from '../../support/server-config.ts';
import { silentLog } from './silent-log.ts';

const [directory = tmpdir()] = process.argv.slice(2);
let mostBytes = 0;
const measure = () => {
  const { rss } = process.memoryUsage();
  mostBytes = Math.max(mostBytes, rss);
  return rss;
};
setInterval(measure, 20);

const server = await startServer(
  {
    server: SERVER_CONFIG,
    store: { path: join(directory, 'test.db') },
    collector: {
      source: 'netlink',
      spoolDirectory: join(directory, 'spool'),
      spoolMaxBytes: 1,
      spoolMinFreeBytes: 0,
      spoolMaxDays: 0,
      receiveBufferBytes: 1,
      backlogLimit: 1,
      sandboxRules: false,
      tracefs: false,
      attribution: false,
      pullConfig: true,
      privacy: 'full',
      canary: false,
    },
    runtime: { directory: join(directory, 'run') },
    log: { level: 'info' },
  },
  { version: '1.2.3', log: silentLog, report: () => {} },
);
process.on('message', () => {
  const bytes = measure();
  process.send?.({ bytes, mostBytes });
  mostBytes = bytes;
});
process.send?.({ address: server.address });
