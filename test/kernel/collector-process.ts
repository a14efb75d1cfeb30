// The collector in a process of its own, as the command line starts it: `collector-process DIRECTORY SOURCE
// [RECEIVE_BUFFER_BYTES [sandbox-rules]]`.
// Reports over IPC; ends in order at SIGTERM.
import { pino } from 'pino';
import { startCollector } from '../../src/collector/collector.ts';
import { collectorConfig } from './collector-config.ts';

const [, , directory = '', source = 'netlink', bufferBytes, rules] = process.argv;
const config = collectorConfig(directory, source === 'netlink-unicast' ? source : 'netlink');
const receiveBufferBytes = Number(bufferBytes ?? config.collector.receiveBufferBytes);
const starting = startCollector(
  { ...config, collector: { ...config.collector, receiveBufferBytes, sandboxRules: rules === 'sandbox-rules' } },
  {
    version: '0.0.0',
    log: pino({ level: 'warn' }, pino.destination(2)),
    report: (message) => process.send?.(message),
    dropPrivileges: true,
  },
);
// Before it has started: the parent may be quicker than the rest of the start.
process.once('SIGTERM', () => {
  void starting.then((collector) => collector.stop()).then(() => process.exit(0));
});
await starting;
