// What the collector says of Landlock's tracepoints on this kernel, which need not have them.
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TRACEFS } from '../../src/collector/sources/tracefs.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { collectDuring } from './collect-during.ts';

const HAS_EVENTS = existsSync(`${TRACEFS}/events/landlock`);
const INSTANCE = `${TRACEFS}/instances/trespass`;

/** The state that the last heartbeat reports, and whether the instance was there meanwhile. */
async function reported(tracefs: boolean): Promise<{ readonly isThere: boolean; readonly state: unknown }> {
  let isThere = false;
  const { heartbeat } = await collectDuring(
    async () => {
      isThere = existsSync(INSTANCE);
    },
    () => true,
    { tracefs, canary: false },
  );
  return { isThere, state: heartbeat.tracepoints };
}

describeKernel('the tracepoints of this kernel', () => {
  it('are read without being asked for where there are any, and missed with a reason where not', async () => {
    const { isThere, state } = await reported(true);
    expect(isThere).toBe(HAS_EVENTS);
    // The last heartbeat comes after the end of the source.
    const reason = expect.stringContaining('Linux 7.3');
    expect(state).toMatchObject(HAS_EVENTS ? { state: 'off' } : { state: 'absent', reason, events: 0, lost: 0 });
    expect(existsSync(INSTANCE)).toBe(false);
  });

  it('are left alone where the configuration says so', async () => {
    const reason = expect.stringContaining('collector.tracefs');
    expect(await reported(false)).toMatchObject({ isThere: false, state: { state: 'off', reason } });
    expect(existsSync(INSTANCE)).toBe(false);
  });
});
