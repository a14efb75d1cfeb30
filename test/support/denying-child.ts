// A process of its own that sandboxes itself with Landlock and is then refused to write to files, each once, at a
// given pace. usage: denying-child.ts FOLDER COUNT INTERVAL_MS
// Says {"ready":true,"pid":N} on stdout, waits for a line on stdin, and ends by {"denied":N}.
import { openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { enterDomain } from '../../src/collector/kernel/landlock-syscalls.ts';

const [folder = '.', count = '1', interval = '0'] = process.argv.slice(2);
const paths = Array.from({ length: Number(count) }, (_, index) => join(folder, `denied-${index}`));
for (const path of paths) {
  writeFileSync(path, '');
}
const entered = enterDomain({ fs: ['write_file'] });
if (!entered.ok) {
  throw new Error(`${entered.call}: ${entered.errno}`);
}
writeSync(1, `${JSON.stringify({ ready: true, pid: process.pid })}\n`);
readSync(0, Buffer.alloc(1), 0, 1, null);

const pause = new Int32Array(new SharedArrayBuffer(4));
let denied = 0;
for (const path of paths) {
  try {
    openSync(path, 'r+');
  } catch {
    denied += 1;
  }
  if (Number(interval) > 0) {
    Atomics.wait(pause, 0, 0, Number(interval));
  }
}
writeSync(1, `${JSON.stringify({ denied })}\n`);
