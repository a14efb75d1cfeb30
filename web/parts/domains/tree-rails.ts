// The lines of a tree in front of one row: thin ones that pass to rows below, and the edge of the row itself, whose
// stroke says how sure it is. Drawn for rows of one height, so that the lines meet.
import { svg } from '../../dom/el.ts';
import type { EdgeStrength } from '../../state/evidence-words.ts';
import type { Rail } from '../../state/tree-rows.ts';

export const INDENT = 20;
/** Where there is little room. */
export const INDENT_NARROW = 14;
/** Deeper levels are drawn at the place of this one: the kernel stops at 16 layers. */
const LEVELS_MAX = 18;

export interface RailFacts {
  readonly rails: readonly Rail[];
  readonly strength: EdgeStrength;
  readonly height: number;
  /** Of one level, in pixels. */
  readonly indent: number;
  /** Where the row's own line of text is, from its top. */
  readonly middle: number;
  /** Whether rows follow that hang on this one. */
  readonly hasBelow: boolean;
}

/** How far the text of a row is moved in. */
export function indentOf(rails: readonly Rail[], indent: number): number {
  return Math.min(rails.length, LEVELS_MAX) * indent;
}

export function railLines({ rails, strength, height, indent, middle, hasBelow }: RailFacts): readonly SVGElement[] {
  const lines: SVGElement[] = [];
  rails.slice(0, LEVELS_MAX).forEach((rail, level) => {
    const x = level * indent + indent / 2;
    const isOwn = level === rails.length - 1;
    if (rail === 'through' || rail === 'branch') {
      lines.push(svg('path', { class: 'rail', d: `M${x} 0V${height}` }));
    } else if (rail === 'last') {
      lines.push(svg('path', { class: 'rail', d: `M${x} 0V${middle - 5}` }));
    }
    if (isOwn) {
      const bend =
        rail === 'last' ? `M${x} ${middle - 5}q0 5 5 5H${x + indent - 6}` : `M${x} ${middle}H${x + indent - 6}`;
      lines.push(svg('path', { class: 'edge', 'data-strength': strength, d: bend }));
    }
  });
  if (hasBelow) {
    const x = indentOf(rails, indent) + indent / 2;
    lines.push(svg('path', { class: 'rail', d: `M${x} ${middle + 7}V${height}` }));
  }
  return lines;
}

/** One stroke with its name, for a legend. */
export function edgeSample(strength: EdgeStrength): SVGSVGElement {
  return svg(
    'svg',
    { class: 'edge-sample', viewBox: '0 0 28 8', 'aria-hidden': 'true' },
    svg('path', { class: 'edge', 'data-strength': strength, d: 'M1 4H27' }),
  );
}
