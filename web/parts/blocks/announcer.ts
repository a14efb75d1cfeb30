// Tells readers of screens how many denials arrived: not each, and not more often than one can listen to.
import { el } from '../../dom/el.ts';
import { countOf } from '../../text/format-number.ts';

const ANNOUNCE_EVERY_MS = 5_000;

export interface Announcer {
  readonly element: HTMLElement;
  add(fresh: number): void;
}

export function createAnnouncer(): Announcer {
  const element = el('p', { class: 'off-screen', 'aria-live': 'polite' });
  let pending = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    add(fresh) {
      pending += fresh;
      if (pending > 0 && timer === undefined) {
        timer = setTimeout(() => {
          timer = undefined;
          element.textContent = countOf(pending, 'new denial');
          pending = 0;
        }, ANNOUNCE_EVERY_MS);
      }
    },
  };
}
