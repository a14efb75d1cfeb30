// The state of a host: a sign of its own shape, and the word.
import { el } from '../../dom/el.ts';
import { HOST_STATE_WORDS, type HostState } from '../../state/host-state.ts';

export function hostState(state: HostState): HTMLElement {
  return el(
    'span',
    { class: 'state', 'data-state': state },
    el('span', { class: 'state-sign' }),
    HOST_STATE_WORDS[state],
  );
}
