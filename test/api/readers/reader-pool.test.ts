import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ReaderPool, type ReaderPoolOptions } from '../../../src/api/readers/reader-pool.ts';
import { siblingModule } from '../../../src/runtime/sibling-module.ts';
import { silentLog } from '../support/silent-log.ts';

const module = siblingModule('../support/test-readers', import.meta.url);
const pools: ReaderPool[] = [];

async function startPool(options: Partial<ReaderPoolOptions> = {}): Promise<ReaderPool> {
  const pool = await ReaderPool.start({
    module,
    workerData: {},
    workersMax: 1,
    sparesMax: 1,
    queueMax: 3,
    timeoutMs: 5_000,
    exhaustedMaxMs: 50,
    log: silentLog,
    onExhausted: () => {},
    ...options,
  });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

describe('the reader pool', () => {
  it('answers what the reader answers', async () => {
    const pool = await startPool();
    expect(await pool.run('echo', [1, { a: 'b' }])).toEqual([1, { a: 'b' }]);
  });

  it('tells an error of a reader from an answer', async () => {
    const pool = await startPool();
    await expect(pool.run('fail', [])).rejects.toMatchObject({ name: 'ReaderError', code: 'failed', message: 'a bug' });
  });

  it('does not start when a thread cannot open the database, and says why', async () => {
    await expect(startPool({ workerData: { isBroken: true } })).rejects.toMatchObject({
      code: 'store',
      message: 'no database',
      store: { code: 'database-missing', mend: 'make one' },
    });
  });

  it('refuses more than queueMax waiting queries at once', async () => {
    const pool = await startPool({ queueMax: 1 });
    const first = pool.run('busy', 300);
    const second = pool.run('echo', [2]);
    await expect(pool.run('echo', [3])).rejects.toMatchObject({ code: 'overloaded' });
    expect([await first, await second]).toEqual(['late', [2]]);
  });

  it('gives up a query over its time, and goes on with a spare thread', async () => {
    const pool = await startPool();
    await expect(pool.run('busy', 1_000, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    expect(pool.load).toMatchObject({ idle: 1, stuck: 1 });
    expect(await pool.run('echo', ['spare'])).toEqual(['spare']);
  });

  it('takes a stuck thread back when its query ends', async () => {
    const pool = await startPool();
    await expect(pool.run('busy', 200, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' });
    await expect.poll(() => pool.load.idle, { timeout: 5_000 }).toBe(2);
    expect(await pool.run('echo', ['again'])).toEqual(['again']);
  });

  it('drops a waiting query when the one who asked is gone', async () => {
    const pool = await startPool();
    const running = pool.run('busy', 200);
    const controller = new AbortController();
    const waiting = pool.run('echo', [1], { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    expect(pool.load.queued).toBe(0);
    expect(await running).toBe('late');
  });

  it('tells a thread that its query was given up, by its time or by the one who asked', async () => {
    const pool = await startPool();
    await expect(pool.run('stretches', [], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    await expect.poll(() => pool.load.idle, { timeout: 5_000 }).toBe(2);
    const controller = new AbortController();
    const running = pool.run('stretches', [], { signal: controller.signal });
    expect(pool.load.busy).toBe(1);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'aborted' });
    await expect.poll(() => pool.load.idle, { timeout: 5_000 }).toBe(2);
    expect(await pool.run('echo', ['next'])).toEqual(['next']);
  });

  it('replaces a thread that died', async () => {
    const pool = await startPool();
    await expect(pool.run('die', [])).rejects.toMatchObject({ code: 'died' });
    await expect.poll(() => pool.load.idle, { timeout: 5_000 }).toBe(2);
    expect(await pool.run('echo', ['alive'])).toEqual(['alive']);
  });

  it('goes on with its spares when dead threads cannot be replaced, and is exhausted after the last', async () => {
    const reasons: string[] = [];
    const startsLeft = new Int32Array(new SharedArrayBuffer(4));
    startsLeft[0] = 2;
    const pool = await startPool({ workerData: { startsLeft }, onExhausted: (reason) => reasons.push(reason) });
    await expect(pool.run('die', [])).rejects.toMatchObject({ code: 'died' });
    expect(await pool.run('echo', ['spare'])).toEqual(['spare']);
    expect(reasons).toEqual([]);
    await expect(pool.run('die', [])).rejects.toMatchObject({ code: 'died' });
    await expect.poll(() => reasons, { timeout: 10_000 }).toEqual(['all reader threads are stuck or dead']);
  });

  it('says once that it is exhausted when all threads stay stuck', async () => {
    const reasons: string[] = [];
    const pool = await startPool({ onExhausted: (reason) => reasons.push(reason) });
    const stuck = [1, 2].map(() => pool.run('busy', 600, { timeoutMs: 20 }).catch((error: unknown) => error));
    await Promise.all(stuck);
    await sleep(200);
    expect(reasons).toEqual(['all reader threads are stuck or dead']);
  });

  it('is not exhausted when a stuck thread comes back in time', async () => {
    const reasons: string[] = [];
    const pool = await startPool({ exhaustedMaxMs: 2_000, onExhausted: (reason) => reasons.push(reason) });
    await Promise.all([1, 2].map(() => pool.run('busy', 200, { timeoutMs: 20 }).catch(() => {})));
    await expect.poll(() => pool.load.idle, { timeout: 5_000 }).toBe(2);
    expect(reasons).toEqual([]);
  });

  it('fails what waits when it stops, and says whether all threads ended', async () => {
    const pool = await startPool();
    const waiting = pool.run('busy', 100);
    const failed = expect(waiting).rejects.toMatchObject({ code: 'overloaded' });
    expect(await pool.stop()).toBe(true);
    await failed;
    await expect(pool.run('echo', [])).rejects.toMatchObject({ code: 'overloaded' });
  });
});
