// The list below the filter bar, chosen from by pointer or by arrow keys while the focus stays in the text field.
import { el, fill } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';

export interface Suggestion {
  /** May come from records. */
  readonly text: string;
  readonly note: string;
  choose(): void;
}

export interface SuggestionList {
  readonly element: HTMLElement;
  show(suggestions: readonly Suggestion[], heading: string): void;
  hide(): void;
  /** True: the key was for the list. */
  onKey(event: KeyboardEvent): boolean;
}

export function createSuggestionList(input: HTMLInputElement): SuggestionList {
  const list = el('ul', { class: 'suggestions-list', role: 'listbox', id: 'suggestions', 'aria-label': 'Suggestions' });
  const heading = el('p', { class: 'suggestions-head quiet' });
  const element = el('div', { class: 'suggestions', hidden: true }, heading, list);
  let shown: readonly Suggestion[] = [];
  let at = -1;
  const mark = (next: number): void => {
    at = next;
    [...list.children].forEach((item, index) => {
      item.setAttribute('aria-selected', String(index === at));
    });
    const chosen = list.children[at];
    chosen?.scrollIntoView({ block: 'nearest' });
    if (chosen === undefined) {
      input.removeAttribute('aria-activedescendant');
    } else {
      input.setAttribute('aria-activedescendant', chosen.id);
    }
  };
  const hide = (): void => {
    element.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    mark(-1);
  };
  // The field must keep the focus, or leaving it would close the list before the click arrives.
  element.addEventListener('pointerdown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const item = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
    shown[item === null ? -1 : [...list.children].indexOf(item)]?.choose();
  });
  return {
    element,
    show(suggestions, words) {
      shown = suggestions;
      heading.textContent = words;
      fill(list, ...suggestions.map(optionItem));
      element.hidden = suggestions.length === 0;
      input.setAttribute('aria-expanded', String(suggestions.length > 0));
      mark(-1);
    },
    hide,
    onKey(event) {
      if (element.hidden) {
        return false;
      }
      const count = shown.length;
      switch (event.key) {
        case 'ArrowDown':
          mark(at + 1 >= count ? 0 : at + 1);
          return true;
        case 'ArrowUp':
          mark(at <= 0 ? count - 1 : at - 1);
          return true;
        case 'Enter':
        case 'Tab':
          shown[at]?.choose();
          return at >= 0;
        case 'Escape':
          hide();
          return true;
        default:
          return false;
      }
    },
  };
}

function optionItem({ text, note }: Suggestion, index: number): HTMLElement {
  return el(
    'li',
    { class: 'suggestion', role: 'option', id: `suggestion-${index}`, 'aria-selected': 'false' },
    el('span', { class: 'clip mono' }, recordText(text)),
    el('span', { class: 'quiet suggestion-note' }, note),
  );
}
