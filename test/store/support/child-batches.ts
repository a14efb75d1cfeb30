// What the process of the crash test writes: every batch overlaps the one before, as a redelivery does.
import type { UncheckedLine } from '../../../src/store/writing/event-writer.ts';
import { allocated, audited, deallocated, denial, T0 } from './documents.ts';

const linesOfBatch = 60;
const overlap = 20;

export function batchOfChild(batch: number): readonly UncheckedLine[] {
  return Array.from({ length: linesOfBatch }, (_, i) => {
    const n = batch * (linesOfBatch - overlap) + i;
    const domain = (0x1000 + Math.floor(n / 30)).toString(16);
    const facts = { n, ms: T0 + n * 40, domain, path: `/srv/${n % 97}`, program: `/usr/bin/p${n % 7}` };
    if (n % 30 === 1) return { doc: allocated(facts) };
    if (n % 30 === 29) return { doc: deallocated({ ...facts, denials: 31 }) };
    return { doc: denial(facts), raw: `raw ${n}` };
  });
}

/** The same of a flood: three kinds of denial, hundreds of each in a second, as audit numbers them. */
export function floodOfChild(batch: number): readonly UncheckedLine[] {
  return Array.from({ length: linesOfBatch }, (_, i) => {
    const n = batch * (linesOfBatch - overlap) + i;
    return { doc: audited(denial({ n: n + 1, ms: T0 + n, path: `/srv/${n % 3}` })), raw: `raw ${n}` };
  });
}
