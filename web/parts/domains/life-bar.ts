// The time in which a domain was there, as a bar on an axis that it shares with others. Words beside it say the same.
import { el } from '../../dom/el.ts';
import { type Life, lifeWords, placeOf, type Span } from '../../state/domain-life.ts';

/** Empty where no time is known. */
export function lifeBar(life: Life | undefined, span: Span | undefined): HTMLElement {
  const box = el('span', { class: 'life-axis', 'aria-hidden': 'true' });
  if (life !== undefined && span !== undefined) {
    const { from, width } = placeOf(life, span);
    const bar = el('span', { class: 'life-bar', 'data-end': life.end, title: lifeWords(life) });
    // Never so far to the right that the least width would stand outside.
    bar.style.left = `${Math.min(99, 100 * from)}%`;
    bar.style.width = `${100 * width}%`;
    box.append(bar);
  }
  return box;
}
