// A card that shows one answer of the server: loading, failed, or what came.
import { el, fill, setText } from '../../dom/el.ts';
import { holdsFocus } from '../../dom/holds-focus.ts';
import type { Failure } from '../../net/api-client.ts';
import { failedBox, loadingBox } from './states.ts';

export interface AnswerCard<T> {
  readonly element: HTMLElement;
  /** `also`: what the content depends on besides the answer. Drawn anew only where something has changed. */
  update(
    answer: { readonly value?: T; readonly failure?: Failure },
    also: unknown,
    make: (value: T) => HTMLElement,
  ): void;
  setNote(words: string): void;
}

export interface AnswerCardOptions {
  readonly title: string;
  /** For "… could not be loaded". */
  readonly what: string;
  onRetry(): void;
  readonly tools?: readonly HTMLElement[];
  /** Below the content, whatever it is. */
  readonly foot?: HTMLElement;
}

export function createAnswerCard<T>({ title, what, onRetry, tools = [], foot }: AnswerCardOptions): AnswerCard<T> {
  const body = el('div', { class: 'answer', tabindex: -1 });
  const note = el('span', { class: 'quiet' });
  let drawn: string | undefined;
  let drawnAlso: string | undefined;
  return {
    element: el(
      'section',
      { class: 'card', 'aria-label': title },
      el('div', { class: 'card-head' }, el('h2', {}, title), note, ...tools),
      body,
      foot,
    ),
    setNote: (words) => setText(note, words),
    update(answer, also, make) {
      const { value, failure } = answer;
      const alsoKey = JSON.stringify(also);
      const key = JSON.stringify([value, value === undefined ? failure : undefined, alsoKey]);
      // New numbers alone do not take away what someone has reached by keyboard.
      if (key === drawn || (alsoKey === drawnAlso && holdsFocus(body))) {
        return;
      }
      drawn = key;
      drawnAlso = alsoKey;
      const hadFocus = body.contains(document.activeElement);
      if (value !== undefined) {
        fill(body, make(value));
      } else {
        fill(body, failure === undefined ? loadingBox(what) : failedBox(what, failure, onRetry));
      }
      if (hadFocus) {
        body.focus();
      }
    },
  };
}

export function nothingBox(words: string): HTMLElement {
  return el('p', { class: 'quiet card-body' }, words);
}
