// What happened around a denial, one line an event. Pure.
import type { ContextEntry } from '../../src/api/schemas/context.ts';
import { formatSpan } from '../text/format-time.ts';
import { processText } from './denial-words.ts';

/** `12 s before`, `at the same time`, `3 s after`. */
export function offsetWords(atMs: number, denialMs: number): string {
  const offsetMs = atMs - denialMs;
  if (offsetMs === 0) {
    return 'at once';
  }
  return `${formatSpan(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'}`;
}

/** Holds strings of records. */
export function entrySentence({ what, denial, domain }: ContextEntry): string {
  if (what === 'denial') {
    return denial?.event.reason ?? 'A denial.';
  }
  const creator = domain?.creator;
  const by = creator === undefined ? '' : ` by ${processText(creator.name ?? creator.executable, creator.pid)}`;
  switch (what) {
    case 'domain-created':
      return `A domain was made${by}.`;
    case 'domain-allocated':
      return `A domain was first logged; it was made${by}.`;
    case 'domain-deallocated': {
      const count = domain?.denials.total ?? domain?.denials.logged;
      return `A domain ended${count === undefined ? '' : ` after ${count} ${count === 1 ? 'denial' : 'denials'}`}.`;
    }
  }
}
