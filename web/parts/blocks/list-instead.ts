// In the place of a list that has no rows: that it is loading, why it could not be loaded, or why it is empty.
import { el, fill } from '../../dom/el.ts';
import type { Failure } from '../../net/api-client.ts';
import { type EmptyFacts, emptyReason } from '../../state/empty-reason.ts';
import { emptyBox, failedBox, loadingBox, type Noun } from './states.ts';

export interface InsteadFacts extends EmptyFacts {
  readonly failure: Failure | undefined;
  /** Not answered yet, or not known yet why there is nothing. */
  readonly isWaiting: boolean;
  /** Title and words for a list that is expected to be empty, where nothing is broken. */
  readonly expected?: readonly [title: string, words: string] | undefined;
}

export interface ListInstead {
  readonly element: HTMLElement;
  show(facts: InsteadFacts): void;
  hide(): void;
}

export function createListInstead(noun: Noun, onRetry: () => void): ListInstead {
  const element = el('div', { hidden: true });
  let drawn: string | undefined;
  /** Drawn anew only when it says something else: a button in it may have the focus. */
  const put = (key: unknown, make: () => HTMLElement): void => {
    const text = JSON.stringify(key);
    if (text !== drawn) {
      drawn = text;
      fill(element, make());
    }
  };
  return {
    element,
    show({ failure, isWaiting, expected, ...facts }) {
      element.hidden = false;
      if (failure !== undefined) {
        put(failure, () => failedBox(`The ${noun}s`, failure, onRetry));
        return;
      }
      if (isWaiting) {
        put('loading', () => loadingBox(`the ${noun}s`));
        return;
      }
      const reason = emptyReason(facts);
      if (expected !== undefined && reason.kind !== 'broken') {
        put(expected, () => expectedBox(expected));
      } else {
        put([reason, facts.view], () => emptyBox(reason, facts.view, facts.nowMs, noun));
      }
    },
    hide() {
      element.hidden = true;
    },
  };
}

function expectedBox([title, words]: readonly [string, string]): HTMLElement {
  return el(
    'div',
    { class: 'empty', 'data-empty': 'tab' },
    el('p', { class: 'empty-title' }, title),
    el('p', {}, words),
  );
}
