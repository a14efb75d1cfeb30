// What the strokes of edges mean.
import { el } from '../../dom/el.ts';
import { type EdgeStrength, TRUST } from '../../state/evidence-words.ts';
import { edgeSample } from './tree-rails.ts';

/** Of those that are to be seen. */
export function edgeLegend(strengths: readonly EdgeStrength[]): readonly HTMLElement[] {
  return strengths.map((strength) =>
    el(
      'li',
      { class: 'legend-item', title: `${strength}: ${TRUST[strength]}` },
      edgeSample(strength),
      el('span', {}, strength),
      el('span', { class: 'legend-trust' }, TRUST[strength]),
    ),
  );
}
