// The family of a domain: a drawing, what its strokes mean, and the same as a table.
import { el, fill, setText } from '../../dom/el.ts';
import { STRENGTHS, strengthOf } from '../../state/evidence-words.ts';
import { countOf } from '../../text/format-number.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { edgeLegend } from './edge-legend.ts';
import { familyTable } from './family-table.ts';
import { type FamilyFacts, FamilyTree } from './family-tree.ts';

export interface FamilyCardFacts extends FamilyFacts {
  /** Descendants that are known and not among them. */
  readonly leftOut: number;
}

export interface FamilyCard {
  readonly element: HTMLElement;
  update(facts: FamilyCardFacts): void;
  stop(): void;
}

export function createFamilyCard(formats: TimeFormats): FamilyCard {
  const drawing = new FamilyTree(formats);
  const count = el('span', { class: 'quiet' });
  const legend = el('ul', { class: 'legend edge-legend', 'aria-label': 'How sure an edge is' });
  const tableBox = el('div', { class: 'table-box', tabindex: 0, role: 'region', 'aria-label': 'Table of the family' });
  const details = el(
    'details',
    { class: 'data-table' },
    el('summary', {}, 'Show as a table, with all evidence'),
    tableBox,
  );
  const print = el('button', { class: 'button button-bare', type: 'button' }, 'Print');
  print.addEventListener('click', () => globalThis.print());
  let facts: FamilyCardFacts | undefined;
  let shown = '';
  const showTable = (): void => {
    if (details.open && facts !== undefined) {
      const { root, view, nowMs } = facts;
      const key = JSON.stringify([root.descendants().map((node) => node.data), view]);
      if (key !== shown) {
        shown = key;
        fill(tableBox, familyTable(root, view, nowMs));
      }
    }
  };
  details.addEventListener('toggle', showTable);
  const openForPrint = (): void => {
    details.open = true;
    showTable();
  };
  addEventListener('beforeprint', openForPrint);
  return {
    element: el(
      'section',
      { class: 'card family-card', 'aria-label': 'Family', hidden: true },
      el(
        'div',
        { class: 'card-head' },
        el('h2', {}, 'Family'),
        count,
        legend,
        el('div', { class: 'card-head-tools' }, print),
      ),
      drawing.element,
      details,
    ),
    update(next) {
      facts = next;
      const nodes = next.root.descendants();
      const rest = next.leftOut === 0 ? '' : `; ${countOf(next.leftOut, 'descendant')} left out`;
      const known = nodes.length === 1 && rest === '' ? 'no relative is known' : countOf(nodes.length, 'domain');
      setText(count, `${known}${rest}`);
      const strengths = new Set(nodes.flatMap((node) => (node.parent === null ? [] : strengthOf(node.data.evidence))));
      fill(legend, ...edgeLegend(STRENGTHS.filter((strength) => strengths.has(strength))));
      drawing.update(next);
      showTable();
    },
    stop() {
      removeEventListener('beforeprint', openForPrint);
      drawing.stop();
    },
  };
}
