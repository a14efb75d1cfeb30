// Below a list that has more: a button that brings the next part.
import { el, setText } from '../../dom/el.ts';

export interface ListFoot {
  readonly element: HTMLElement;
  update(facts: { readonly hasMore: boolean; readonly isLoading: boolean; readonly note: string }): void;
}

export function createListFoot(onMore: () => void): ListFoot {
  const more = el('button', { class: 'button', type: 'button' }, 'Load more');
  const note = el('span', { class: 'quiet', role: 'status' });
  const element = el('div', { class: 'list-foot', hidden: true }, more, note);
  more.addEventListener('click', onMore);
  return {
    element,
    update(facts) {
      element.hidden = !facts.hasMore && facts.note === '';
      more.hidden = !facts.hasMore;
      more.disabled = facts.isLoading;
      setText(more, facts.isLoading ? 'Loading…' : 'Load more');
      setText(note, facts.note);
    },
  };
}
