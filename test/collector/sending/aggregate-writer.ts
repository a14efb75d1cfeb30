// Counts in the given directory for ever, some documents a turn, and says after each turn how many there are by then.
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { AggregateBuckets } from '../../../src/collector/sending/aggregate-buckets.ts';
import { denial, T0 } from '../../store/support/documents.ts';

const directory = process.argv[2] ?? '';
const buckets = new AggregateBuckets({ directory, isPackaged: () => false, emit: () => undefined, nowMs: () => T0 });
buckets.start();
for (let count = 0; ; ) {
  const size = 1 + (count % 40);
  // Of several hours and kinds.
  for (let i = 0; i < size; i++) {
    buckets.add(denial({ n: count + i, ms: T0 - (i % 3) * 3_600_000, path: i % 2 === 0 ? '/home/a' : '/etc/a' }));
  }
  count += size;
  await turn();
  writeSync(1, `${count}\n`);
}
