// Copied beside a built server into a directory that only root may enter, and run from there: starts it, gives the
// privileges away, and answers by IPC what this process can still reach.
import { readdirSync, readFileSync } from 'node:fs';
import { startServer } from './dist/api/server.js';
import { createLogger } from './dist/runtime/logger.js';

const { config, probes } = JSON.parse(process.argv[2]);
const server = await startServer(config, {
  version: '0.0.0',
  log: createLogger({ name: 'server', level: 'debug', isForPeople: false }),
  report: () => {},
  dropPrivileges: true,
});

function probe(path) {
  try {
    readdirSync(path);
    return 'readable';
  } catch (error) {
    if (error.code !== 'ENOTDIR') {
      return error.code;
    }
  }
  try {
    readFileSync(path);
    return 'readable';
  } catch (error) {
    return error.code;
  }
}

process.on('message', (message) => {
  if (message === 'probe') {
    process.send({ kind: 'probed', answers: probes.map(probe) });
  }
});
process.on('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
process.send({ kind: 'started', address: server.address, signInUrl: server.signInUrl });
