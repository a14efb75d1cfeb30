// A moment, as how long ago it was, with the exact time at hand.
import { el } from '../../dom/el.ts';
import { formatAgo, formatUtc } from '../../text/format-time.ts';

export function ago(at: string | undefined, nowMs: number, otherwise = 'never'): HTMLElement {
  if (at === undefined) {
    return el('span', { class: 'quiet' }, otherwise);
  }
  const atMs = Date.parse(at);
  return el('time', { datetime: at, title: formatUtc(atMs) }, formatAgo(atMs, nowMs));
}
