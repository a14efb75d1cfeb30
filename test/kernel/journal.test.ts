// The source `journal` with a journald of its own, in a mount namespace, so that the machine's, if it has one, is left
// alone: what the kernel tells journald by multicast comes through journalctl to the store.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AuditStatus, readAuditStatus, setAuditStatus } from '../support/audit-status.ts';
import { startDenyingChild } from '../support/deny.ts';
import { eventually, makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';
import { describeKernelWith } from '../support/needed-program.ts';

const DENIALS = 7;

describeKernelWith('systemd-journald', 'the source journal', (journald) => {
  let place: RunPlace;
  let before: AuditStatus;
  let daemon: ChildProcess;
  let run: Run;

  beforeAll(async () => {
    place = makePlace();
    before = readAuditStatus();
    setAuditStatus({ enabled: 0, backlogLimit: 8_192 });
    // A collector that only reads the journal leaves audit as it is: journald turns it on.
    const script = [
      'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal',
      "mount -t tmpfs tmpfs /etc/systemd && printf '[Journal]\\nAudit=yes\\n' > /etc/systemd/journald.conf",
      'exec "$0"',
    ].join(' && ');
    daemon = spawn('unshare', ['--mount', 'sh', '-c', script, journald], { stdio: 'inherit' });
    await eventually('journald', () => (readAuditStatus().enabled === 1 ? true : undefined));
    const wrapper = ['nsenter', `--target=${daemon.pid}`, '--mount', '--'];
    run = await startRun(place, ['--source', 'journal'], { wrapper });
  });
  afterAll(async () => {
    run?.process.kill('SIGTERM');
    await run?.ended;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
    setAuditStatus(before);
    place.remove();
  });

  it('has the denials that happen while it reads, each once, with their processes', async () => {
    const folder = join(place.directory, 'work', 'denied');
    const child = await startDenyingChild(folder, DENIALS);
    expect(await child.begin()).toBe(DENIALS);
    const query = `pid:${child.pid}`;
    const denials = await eventually('all denials', async () => {
      const found = await run.denials(query);
      return found.length >= DENIALS ? found : undefined;
    });
    const paths = Array.from({ length: DENIALS }, (_, n) => join(folder, `denied-${n}`));
    expect(denials.map(({ file }) => file?.path).sort()).toEqual(paths.sort());
    expect(denials.every(({ process }) => process?.pid === child.pid)).toBe(true);
  });

  it('says which source it is', async () => {
    expect(JSON.stringify(await run.get('/status'))).toContain('"journal"');
  });
});
