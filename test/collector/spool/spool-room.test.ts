import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Spool } from '../../../src/collector/spool/spool.ts';
import { describeSmallDisk, makeOpenDisk, type SmallDisk } from '../../support/small-disk.ts';
import { gapLine } from './spool-writer.ts';

const MIB = 1024 * 1024;
const DISK_BYTES = 8 * MIB;
const DOCUMENTS = 20_000;

describeSmallDisk('a spool on a disk that others need too', () => {
  let directory: string;
  let disk: SmallDisk;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-spool-room-'));
    disk = makeOpenDisk(directory, DISK_BYTES);
  });
  afterAll(() => {
    disk.remove();
    rmSync(directory, { recursive: true });
  });

  it('leaves a tenth of it free, and counts what had to go for that', async () => {
    const spool = Spool.open({ directory: join(directory, 'spool'), bytesMax: 64 * MIB, freeBytesMin: 256 * MIB });
    const { doc, raw } = gapLine(1, 1_000);
    const lines = Array.from({ length: 50 }, () => ({ doc: { ...doc, kind: 'malformed' } as never, raw }));
    let lost = 0;
    let freeMin = Number.POSITIVE_INFINITY;
    for (let count = 0; count < DOCUMENTS; count += lines.length) {
      spool.append(lines);
      lost += spool.takeLost();
      // Files that went are closed off this thread.
      await turn();
      const { bavail, bsize } = statfsSync(directory);
      freeMin = Math.min(freeMin, bavail * bsize);
    }
    expect(lost).toBeGreaterThan(0);
    expect(lost + spool.documents).toBe(DOCUMENTS);
    expect(spool.documents).toBeGreaterThan(1_000);
    // Beside the spool's own files there are a few small ones.
    expect(freeMin).toBeGreaterThan(DISK_BYTES * 0.1 - 128 * 1024);
    spool.close();
  });
});
