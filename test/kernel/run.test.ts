// `trespass run` on this kernel: real denials found through the API, an orderly end, and what happens when a process
// of the three is killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AuditStatus, readAuditStatus } from '../support/audit-status.ts';
import { runProgramOnce } from '../support/built-program.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { eventually, makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';

/** What the tests read of GET /status. */
interface Status {
  readonly server: { readonly pid: number; readonly uid: number; readonly capabilities: readonly string[] };
  readonly collectors: readonly {
    readonly state: string;
    readonly restarts: number;
    readonly heartbeat: { readonly pid: number; readonly canary: { readonly state: string } };
  }[];
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describeKernel('trespass run', () => {
  let before: AuditStatus;
  let place: RunPlace;
  let run: Run | undefined;

  beforeEach(() => {
    before = readAuditStatus();
    place = makePlace();
  });

  afterEach(async () => {
    if (run !== undefined) {
      const { server, collector } = run.children();
      run.process.kill('SIGTERM');
      await run.ended;
      for (const pid of [server, collector]) {
        if (pid !== undefined && isRunning(pid)) {
          process.kill(pid, 'SIGKILL');
        }
      }
      run = undefined;
    }
    place.remove();
  });

  const status = async () => (await run?.get('/status')) as Status;

  it('says in a few calm lines what it found and did', async () => {
    run = await startRun(place);
    const out = run.out();
    expect(out).toMatch(/^Landlock ABI \d+$/m);
    expect(out).toMatch(/^audit (was off, is on now, and is put back at exit|is on.*, as it was)$/m);
    expect(out).toMatch(/^backlog limit (raised from \d+ to 8192|\d+, as it was), receive buffer \d+ MiB$/m);
    expect(out).toMatch(/^canary seen after \d+ ms$/m);
    expect(out).toContain(`database ${place.databasePath}\n`);
    expect(out.trim().split('\n').length).toBeLessThanOrEqual(8);
    expect(readAuditStatus()).toMatchObject({ enabled: 1 });
    expect(readAuditStatus().backlogLimit).toBeGreaterThanOrEqual(8192);
  });

  it('shows real denials with blocker, path, actor and creator', async () => {
    run = await startRun(place);
    const folder = join(place.directory, 'work', 'odd "name" é');
    const child = await startDenyingChild(folder, 3);
    expect(await child.begin()).toBe(3);
    const denials = await eventually('three denials', async () => {
      const found = await run?.denials(`pid:${child.pid}`);
      return found?.length === 3 ? found : undefined;
    });
    expect(denials.map(({ file }) => file?.path).sort()).toEqual([0, 1, 2].map((i) => join(folder, `denied-${i}`)));
    for (const denial of denials) {
      expect(denial).toMatchObject({
        kind: 'denial',
        landlock: { blockers: ['fs.write_file'], actor_certainty: 'certain' },
        process: { pid: child.pid, executable: process.execPath, parent: { pid: process.pid } },
        user: { id: String(process.getuid?.()) },
        syscall: { name: 'openat', exit: -13 },
        host: { boot: { id: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() } },
      });
    }
    const [{ host, landlock }] = denials as [(typeof denials)[0]];
    const domain = await eventually('the end of the domain', async () => {
      const answer = await run?.get(`/domains/${host.id}/${host.boot.id}/${landlock.domain.id}`);
      return (answer as { status: string }).status === 'gone' ? answer : undefined;
    });
    expect(domain).toMatchObject({
      creator: { pid: child.pid, uid: process.getuid?.(), executable: process.execPath },
      denials: { logged: 3, total: 3 },
      depth_min: 1,
    });
    await eventually('the canary in the status', async () => {
      return (await status()).collectors[0]?.heartbeat.canary.state === 'seen' ? true : undefined;
    });
  });

  it('keeps its canary out of the denials unless it is asked for', async () => {
    run = await startRun(place);
    const canaries = await eventually('the canary', async () => {
      const page = (await run?.get('/denials?include=canary')) as { data: { tags?: string[] }[] };
      const found = page.data.filter(({ tags }) => tags?.includes('canary'));
      return found.length > 0 ? found : undefined;
    });
    expect(canaries).toHaveLength(1);
    const page = (await run.get('/denials')) as { data: { tags?: string[] }[] };
    expect(page.data.filter(({ tags }) => tags?.includes('canary'))).toEqual([]);
  });

  it('lets one browser in by the link, once, and nobody without it', async () => {
    run = await startRun(place);
    const first = await fetch(run.signInUrl, { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect([first.status, cookie]).toEqual([303, expect.stringMatching(/^trespass_session=/)]);
    expect((await fetch(new URL('/api/v1/denials', run.address), { headers: { cookie } })).status).toBe(200);
    expect((await fetch(new URL('/api/v1/denials', run.address))).status).toBe(401);
    const second = await fetch(run.signInUrl, { redirect: 'manual' });
    expect(second.headers.get('set-cookie') ?? '').not.toMatch(/^trespass_session=[^;]/);
  });

  it('gives another sign-in link when it is asked on the command line', async () => {
    run = await startRun(place);
    const { exitCode, out } = await runProgramOnce(['link', '--runtime-dir', place.runtimeDirectory]);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\?code=\S+\n$/)]);
    expect(out.trim()).not.toBe(run.signInUrl);
    expect((await fetch(out.trim(), { redirect: 'manual' })).status).toBe(303);
  });

  it('answers the command line over its socket', async () => {
    run = await startRun(place);
    const child = await startDenyingChild(join(place.directory, 'work', 'cli'), 2);
    const asked = ['denials', '--runtime-dir', place.runtimeDirectory, '--json', '--query', `pid:${child.pid}`];
    await child.begin();
    const out = await eventually('two denials', async () => {
      const answer = await runProgramOnce(asked);
      return answer.out.split('\n').length === 3 ? answer.out : undefined;
    });
    expect(out).toContain(join(place.directory, 'work', 'cli', 'denied-1'));
  });

  it('runs a server that is nobody and can nothing', async () => {
    run = await startRun(place);
    const { server } = await status();
    expect(server.capabilities).toEqual([]);
    expect(server.uid).not.toBe(0);
    const text = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    expect(text).toMatch(/^CapPrm:\s0+$/m);
    expect(text).toMatch(/^CapEff:\s0+$/m);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends on %s with exit code 0, audit as before', async (signal) => {
    run = await startRun(place);
    const children = run.children();
    run.process.kill(signal);
    expect(await run.ended).toBe(0);
    expect([children.server, children.collector].filter((pid) => pid === undefined || isRunning(pid))).toEqual([]);
    expect(readAuditStatus()).toEqual(before);
    expect(run.err()).toBe('');
  });

  it.each(['collector', 'server'] as const)('starts a killed %s again, says so, and goes on', async (name) => {
    run = await startRun(place);
    const killed = run.children()[name] ?? 0;
    process.kill(killed, 'SIGKILL');
    await run.waitForLine(new RegExp(`^trespass: the ${name} ended \\(SIGKILL\\): starting it again`));
    await run.waitForLine(name === 'collector' ? /^the collector is back$/ : /^the server is back; sign in once/);
    expect(run.children()[name]).not.toBe(killed);
    const child = await startDenyingChild(join(place.directory, 'work', 'again'), 2);
    await child.begin();
    await eventually('denials after the restart', async () => {
      return (await run?.denials(`pid:${child.pid}`))?.length === 2 ? true : undefined;
    });
    await eventually('the restart in the status', async () => {
      const { collectors } = await status();
      return name === 'server' || collectors.some(({ restarts }) => restarts === 1) ? true : undefined;
    });
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(readAuditStatus()).toEqual(before);
  });

  it('puts audit back when the supervisor is killed', async () => {
    run = await startRun(place);
    const { server, collector } = run.children();
    run.process.kill('SIGKILL');
    await eventually('the end of both children', () => {
      return [server, collector].every((pid) => pid !== undefined && !isRunning(pid)) ? true : undefined;
    });
    expect(readAuditStatus()).toEqual(before);
  });

  it('puts audit back when the collector is killed while it ends', async () => {
    run = await startRun(place);
    const collector = run.children().collector ?? 0;
    process.kill(collector, 'SIGSTOP');
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(isRunning(collector)).toBe(false);
    expect(readAuditStatus()).toEqual(before);
  });
});
