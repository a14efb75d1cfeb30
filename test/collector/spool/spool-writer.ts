// Appends to the spool in the given directory for ever, and says after each append how many lines there are.
import { writeSync } from 'node:fs';
import { Spool, type SpoolLine } from '../../../src/collector/spool/spool.ts';

/** A document that can be told apart by its `count`, and `pad` bytes of raw text. */
export function gapLine(count: number, pad = 0): SpoolLine {
  return {
    doc: {
      kind: 'gap',
      '@timestamp': '2026-11-23T04:00:00.000Z',
      event: { id: 'a'.repeat(26) },
      host: { id: 'h', boot: { id: 'b' } },
      count,
      cause: 'kernel-lost',
    },
    ...(pad > 0 && { raw: 'x'.repeat(pad) }),
  };
}

const [, script, directory] = process.argv;
if (script?.endsWith('spool-writer.ts') && directory !== undefined) {
  const spool = Spool.open({ directory, bytesMax: 1024 * 1024 * 1024 });
  for (let count = 0; ; ) {
    const lines = Array.from({ length: 1 + (count % 700) }, (_, i) => gapLine(count + i + 1, 500));
    spool.append(lines);
    count += lines.length;
    writeSync(1, `${count}\n`);
  }
}
