// What was lost on the way adds up with what the kernel counted: each missing denial under one cause. An overrun is no
// further loss, but the reason for gaps in the serials: whoever adds it to them counts twice.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { GapCause } from '../../src/landlock/document.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { collectDuring } from './collect-during.ts';

const DENY_CHILD = fileURLToPath(new URL('./deny-child.ts', import.meta.url));
const DENIALS = 3_000;
/** Holds some hundred records: far less than the flood. */
const SMALL_BUFFER_BYTES = 64 * 1024;
/** Events beside the denials whose serial may be among the missing: what the listeners and the domains' ends log. */
const OTHER_EVENTS = 6;

function deny(path: string, count: number): void {
  execFileSync(process.execPath, ['--import', 'tsx', DENY_CHILD, path, String(count)]);
}

describeKernel('a collector whose buffer is too small', () => {
  it('knows how many denials it has not seen, and does not count them twice', async () => {
    let flooded = '';
    const { documents, heartbeat } = await collectDuring(
      async (directory) => {
        flooded = join(directory, 'flooded');
        deny(flooded, DENIALS);
        // Something must follow: a gap shows by what comes after it.
        deny(join(directory, 'after'), 1);
      },
      (all) => all.some((doc) => doc.kind === 'denial' && doc.file?.path?.endsWith('/after') === true),
      { receiveBufferBytes: SMALL_BUFFER_BYTES, canary: false },
    );
    const seen = documents.filter((doc) => doc.kind === 'denial' && doc.file?.path === flooded).length;
    const count = (cause: GapCause) => heartbeat.counts.lost.find((one) => one.cause === cause)?.count ?? 0;
    const overruns = count('socket-overrun');
    expect(overruns).toBeGreaterThan(0);
    expect(count('serial-gap')).toBeGreaterThan(100);
    // The kernel took no serial for what it dropped itself. Of an event that was cut in two by an overrun, the serial
    // was seen and the denial perhaps not: one an overrun at most.
    const known = count('serial-gap') + count('kernel-lost');
    const slack = overruns + count('torn-event') + OTHER_EVENTS;
    const figures = JSON.stringify({ seen, ...heartbeat.counts });
    expect(Math.abs(DENIALS - seen - known), figures).toBeLessThanOrEqual(slack);
    process.stdout.write(`${DENIALS} denials: ${figures}\n`);
    // Each as an interval of its own, so that a chart can show when.
    const gaps = documents.flatMap((doc) => (doc.kind === 'gap' ? [doc] : []));
    expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(heartbeat.counts.lost.map(({ cause }) => cause)));
  });
});
