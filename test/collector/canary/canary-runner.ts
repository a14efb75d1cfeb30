// Fires one canary in the directory given and prints its outcome: for tests that need a process of other rights.
import { startCanary } from '../../../src/collector/canary/canary.ts';

const canary = await startCanary({ directory: process.argv[2] ?? '' });
process.stdout.write(JSON.stringify(await canary.done));
