import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventScan } from '../../../src/landlock/stencil/event-scan.ts';
import { type KnownProcess, ProcessMemory } from '../../../src/store/writing/process-memory.ts';

/** A scan whose holes are these texts, with one byte around each; `spans` are of the first and of the last half. */
function scanOf(texts: readonly string[]): EventScan {
  const scan = new EventScan();
  const text = `=${texts.join('=')}=`;
  const bytes = new Uint8Array(text.length + 8);
  bytes.set(Buffer.from(text, 'latin1'));
  scan.load(bytes, text.length);
  let at = 1;
  for (const [hole, value] of texts.entries()) {
    scan.segmentEnds[hole] = at;
    scan.segmentStarts[hole + 1] = at + value.length;
    at += value.length + 1;
  }
  return scan;
}

const SPANS = [
  { first: 0, last: 1 },
  { first: 2, last: 2 },
];

function processOf(pid: number): KnownProcess {
  return { actor: { id: 1, program: null, uid: null }, args: undefined, pid, parentPid: null };
}

const TEXT = fc.string({ unit: fc.constantFrom('a', 'b', '=', '"', '0'), maxLength: 9 });
const TEXTS = fc.tuple(TEXT, TEXT, TEXT);

describe('the memory of processes', () => {
  it('finds what was kept of the same bytes and owner', () => {
    const memory = new ProcessMemory();
    const owner = memory.owner('of all');
    const scan = scanOf(['12', 'cat', 'cat /etc/passwd']);
    expect(memory.find(owner, scan, SPANS)).toBeUndefined();
    memory.keep(owner, processOf(12));
    expect(memory.find(memory.owner('of all'), scanOf(['12', 'cat', 'cat /etc/passwd']), SPANS)).toEqual(processOf(12));
    expect(memory.find(memory.owner('of others'), scan, SPANS)).toBeUndefined();
    memory.clear();
    expect(memory.find(memory.owner('of all'), scan, SPANS)).toBeUndefined();
  });

  it('never gives one process for the bytes of another', () => {
    fc.assert(
      fc.property(fc.array(TEXTS, { minLength: 1, maxLength: 40 }), (all) => {
        const memory = new ProcessMemory();
        const owner = memory.owner('');
        const kept: string[] = [];
        for (const texts of all) {
          const bytes = JSON.stringify([`${texts[0]}=${texts[1]}`, texts[2]]);
          const found = memory.find(owner, scanOf(texts), SPANS);
          if (found !== undefined) expect(kept[found.pid ?? -1]).toBe(bytes);
          else memory.keep(owner, processOf(kept.push(bytes) - 1));
        }
      }),
    );
  });

  it('does not keep what is longer than its room', () => {
    const memory = new ProcessMemory();
    const owner = memory.owner('');
    const scan = scanOf(['1', 'sh', 'x'.repeat(600)]);
    expect(memory.find(owner, scan, SPANS)).toBeUndefined();
    memory.keep(owner, processOf(1));
    expect(memory.find(owner, scan, SPANS)).toBeUndefined();
  });
});
