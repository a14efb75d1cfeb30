// Names with values, as a description list; what is not known is left out.
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';

export type Fact = readonly [name: string, value: string | number | Node | undefined];

/** Texts are taken to come from records. */
export function factsList(facts: readonly Fact[]): HTMLElement {
  return el(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([name, value]) =>
      value === undefined || value === ''
        ? []
        : [
            el('dt', {}, name),
            el('dd', {}, typeof value === 'object' ? value : recordText(String(value), { whole: true })),
          ],
    ),
  );
}
