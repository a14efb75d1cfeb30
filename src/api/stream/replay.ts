// What a stream's reader missed while it was away: the stored denials that are later than the last one it got.
import type { Denial } from '../../landlock/document.ts';
import type { Page, Scope } from '../../store/answers.ts';
import type { Readers } from '../readers/readers.ts';

/** Denials that one reconnect may replay; who missed more asks for lists. */
export const REPLAY_MAX = 1_000;
const PAGE_MAX = 500;

export interface Replay {
  /** Oldest first. */
  readonly denials: readonly Denial[];
  /** False: there were more than REPLAY_MAX, or the last one is not known (any more). */
  readonly isComplete: boolean;
}

/**
 * The denials of `scope` after the one with `lastId` in the order of their times. One that was stored late, with an
 * older time (another host, a slow collector), is not among them: lists have it.
 */
export async function replayAfter(
  lastId: string,
  scope: Scope,
  readers: Readers,
  signal: AbortSignal,
): Promise<Replay> {
  const last = await readers.ask('getDenial', { eventId: lastId }, { signal });
  if (last === undefined || last.doc.kind !== 'denial') {
    return { denials: [], isComplete: false };
  }
  // Of a flood, the one that is stored for it.
  const storedId = last.doc.event.id;
  const fromMs = Date.parse(last.doc['@timestamp']);
  const newestFirst: Denial[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Denial> = await readers.ask(
      'listDenials',
      { scope: { ...scope, fromMs }, limit: PAGE_MAX, cursor: cursor ?? undefined },
      { signal },
    );
    const found = page.data.findIndex((denial) => denial.event.id === storedId);
    newestFirst.push(...(found < 0 ? page.data : page.data.slice(0, found)));
    cursor = found < 0 ? page.next_cursor : null;
  } while (cursor !== null && newestFirst.length < REPLAY_MAX);
  return { denials: newestFirst.slice(0, REPLAY_MAX).reverse(), isComplete: cursor === null };
}
