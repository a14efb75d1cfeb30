import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Progress, progressLine } from '../../src/cli/progress.ts';

describe('progressLine', () => {
  it('says how far, how fast and how long still', () => {
    expect(progressLine('importing', 325e6, 650e6, 500_000, 4.2)).toBe(
      'importing [############------------]  50 %  325 MB of 650 MB, 77 MB/s, 119k events/s, 5 s left',
    );
  });

  it('says what is known of a pipe, and copes with a file that grew', () => {
    expect(progressLine('decoding', 5.5e6, undefined, 300, 2)).toBe('decoding 5.5 MB, 2.8 MB/s, 150 events/s');
    expect(progressLine('decoding', 200, 100, 1, 1)).toContain('100 %');
    expect(progressLine('decoding', 1, 1e12, 1, 1)).toContain(' h left');
  });
});

describe('Progress', () => {
  it('shows nothing for what is over at once, then at most ten lines a second, and clears up', () => {
    const stream = new PassThrough();
    let nowMs = 0;
    const progress = new Progress({ stream, isTty: true, verb: 'importing', nowMs: () => nowMs });
    for (; nowMs <= 1000; nowMs += 10) progress.update(nowMs, 1000, 1);
    progress.end();
    const written = String(stream.read());
    expect(written.split('\r').slice(1)).toHaveLength(7);
    expect(written.endsWith('\r\x1b[K')).toBe(true);
  });

  it('writes nothing where there is no terminal', () => {
    const stream = new PassThrough();
    let nowMs = 0;
    const progress = new Progress({ stream, isTty: false, verb: 'importing', nowMs: () => nowMs });
    nowMs = 10_000;
    progress.update(1, 2, 3);
    progress.end();
    expect(stream.read()).toBeNull();
  });
});
