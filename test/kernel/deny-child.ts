// Puts itself into a Landlock domain and opens files for writing, which is denied: `deny-child PATH COUNT [FILES]`.
// Prints how many denials there were.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { enterDomain } from '../../src/collector/kernel/landlock-syscalls.ts';

const [, , path = '', count = '1'] = process.argv;
writeFileSync(path, '');
const entered = enterDomain({ fs: ['write_file'] });
if (!entered.ok) throw new Error(`${entered.call}: ${entered.errno}`);
let denied = 0;
for (let i = 0; i < Number(count); i++) {
  try {
    closeSync(openSync(path, 'r+'));
  } catch {
    denied++;
  }
}
process.stdout.write(`${denied}\n`);
