// One number with its name and a note, on the page of one thing.
import { el } from '../../dom/el.ts';

export function numberTile(key: string, name: string, value: string, note: string, isWarning = false): HTMLElement {
  return el(
    'li',
    { class: 'card tile', 'data-tile': key, 'data-level': isWarning && 'warn' },
    el('p', { class: 'tile-name' }, name),
    el('p', { class: 'tile-value' }, el('span', { class: 'tile-number' }, value)),
    el('p', { class: 'tile-note' }, note),
  );
}
