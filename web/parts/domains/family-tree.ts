// The family of a domain as a drawing: who was made inside of whom, the stroke of each edge as sure as it is, and the
// lifetimes as bars on one axis. Every domain is a link; the arrow keys walk the tree, Enter opens.
import { el, fill, svg } from '../../dom/el.ts';
import type { DomainNode } from '../../state/domain-forest.ts';
import { lifeOf, type Span, spanEndWords, spanOf } from '../../state/domain-life.ts';
import type { View } from '../../state/page-address.ts';
import { type DomainRow, stepOf, treeRows } from '../../state/tree-rows.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { type FamilyLayout, type FamilyNode, familyLayout, familyNode } from './family-node.ts';

export interface FamilyFacts {
  readonly view: View;
  readonly root: DomainNode;
  /** Id of the domain that the page is about. */
  readonly self: string;
  readonly nowMs: number;
}

/** Room above the rows for the axis. */
const AXIS_HEIGHT = 24;
const LINES = [0, 0.25, 0.5, 0.75, 1];

export class FamilyTree {
  readonly element = el('div', { class: 'family-box' });
  readonly #formats: TimeFormats;
  readonly #closed = new Set<string>();
  readonly #sizes: ResizeObserver;
  #facts: FamilyFacts | undefined;
  #rows: readonly DomainRow[] = [];
  /** What takes the focus in each row. */
  #links: readonly SVGElement[] = [];
  #active: string | undefined;
  #width = 0;
  /** The rows as they are in the document, and what they were made from. */
  #drawn: readonly SVGElement[] = [];
  #drawnKey = '';

  constructor(formats: TimeFormats) {
    this.#formats = formats;
    this.#sizes = new ResizeObserver((entries) => {
      const width = Math.floor(entries[0]?.contentRect.width ?? 0);
      if (width > 0 && width !== this.#width) {
        this.#width = width;
        this.#draw();
      }
    });
    this.#sizes.observe(this.element);
  }

  stop(): void {
    this.#sizes.disconnect();
  }

  update(facts: FamilyFacts): void {
    if (this.#facts?.self !== facts.self || this.#active === undefined) {
      this.#active = facts.root.find((node) => node.data.id === facts.self)?.data.id;
      this.#closed.clear();
    }
    this.#facts = facts;
    this.#draw();
  }

  #draw(): void {
    const facts = this.#facts;
    if (facts === undefined || this.#width === 0) {
      return;
    }
    const { root, nowMs } = facts;
    this.#rows = treeRows(root, this.#closed);
    const seconds = root.descendants().some((node) => node.data.status === 'live') ? Math.floor(nowMs / 1_000) : 0;
    const key = JSON.stringify([
      this.#width,
      facts.self,
      seconds,
      this.#rows.map((row) => [row.isOpen, row.node.data]),
    ]);
    if (key === this.#drawnKey) {
      return;
    }
    this.#drawnKey = key;
    const lives = root.descendants().flatMap((node) => lifeOf(node.data, nowMs) ?? []);
    const layout = familyLayout(this.#width, this.#rows, spanOf(lives));
    const hadFocus = this.element.contains(document.activeElement);
    const nodes = this.#rows.map((row, index) => this.#node(row, index, layout, facts));
    this.#links = nodes.map((node) => node.link);
    this.#drawn = nodes.map((node) => node.element);
    fill(this.element, this.#drawing(layout, facts));
    if (hadFocus) {
      this.#focusActive();
    }
  }

  #drawing(layout: FamilyLayout, facts: FamilyFacts): SVGSVGElement {
    const height = AXIS_HEIGHT + this.#rows.length * layout.rowHeight + 4;
    const tree = svg('g', { role: 'tree', 'aria-label': `Family of domain ${facts.self}` }, ...this.#drawn);
    tree.addEventListener('keydown', (event) => this.#onKey(event));
    tree.addEventListener('click', (event) => this.#onClick(event));
    tree.addEventListener('focusin', (event) => this.#onFocus(event));
    const { width } = layout;
    return svg(
      'svg',
      { class: 'family', width, height, viewBox: `0 0 ${width} ${height}` },
      layout.span && this.#axis(layout, layout.span, facts.nowMs, height),
      tree,
    );
  }

  #axis(
    { barX, barWidth, isNarrow, countX, edgeX }: FamilyLayout,
    span: Span,
    nowMs: number,
    height: number,
  ): SVGElement {
    const lines = LINES.map((at) => {
      const x = barX + at * barWidth;
      return svg('path', { class: 'axis-line', d: `M${x} ${AXIS_HEIGHT - 4}V${height}` });
    });
    const from = svg('text', { class: 'axis-text', x: barX, y: 13 }, this.#formats.short(span.fromMs, nowMs));
    from.append(svg('title', {}, formatUtc(span.fromMs)));
    return svg(
      'g',
      { class: 'axis', 'aria-hidden': 'true' },
      ...(isNarrow ? [] : lines),
      !isNarrow && svg('text', { class: 'axis-text', x: edgeX, y: 13 }, 'Nested how'),
      !isNarrow && svg('text', { class: 'axis-text', x: countX, y: 13, 'text-anchor': 'end' }, 'Logged + not logged'),
      from,
      svg('text', { class: 'axis-text', x: barX + barWidth, y: 13, 'text-anchor': 'end' }, spanEndWords(span)),
    );
  }

  #node(row: DomainRow, index: number, layout: FamilyLayout, facts: FamilyFacts): FamilyNode {
    const isActive = row.node.data.id === this.#active;
    const y = AXIS_HEIGHT + index * layout.rowHeight;
    return familyNode(row, { layout, y, isActive, ...facts });
  }

  #onKey(event: KeyboardEvent): void {
    const index = this.#rows.findIndex((row) => row.node.data.id === this.#active);
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const step = stepOf(event.key, this.#rows, index);
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    if (step.kind === 'go') {
      this.#setActive(this.#rows[step.index]?.node.data.id);
      this.#focusActive();
    } else {
      this.#toggle(step.key);
    }
  }

  /** On the sign of a domain with others inside: opens and closes. The rest of a row is a link. */
  #onClick(event: MouseEvent): void {
    const twist = event.target instanceof Element ? event.target.closest('.family-twist') : null;
    const row = this.#rows[this.#drawn.findIndex((one) => one.contains(twist))];
    if (twist !== null && row !== undefined) {
      event.preventDefault();
      this.#setActive(row.node.data.id);
      this.#toggle(row.key);
    }
  }

  #onFocus(event: FocusEvent): void {
    const index = this.#links.indexOf(event.target as SVGElement);
    this.#setActive(this.#rows[index]?.node.data.id);
  }

  #toggle(key: string): void {
    if (!this.#closed.delete(key)) {
      this.#closed.add(key);
    }
    // What has the focus may be inside of what closes.
    if (!treeRows(this.#facts?.root as DomainNode, this.#closed).some((row) => row.node.data.id === this.#active)) {
      this.#active = this.#rows.find((row) => row.key === key)?.node.data.id;
    }
    this.#draw();
  }

  #setActive(id: string | undefined): void {
    if (id === undefined) {
      return;
    }
    this.#active = id;
    this.#rows.forEach((row, index) => {
      this.#links[index]?.setAttribute('tabindex', row.node.data.id === id ? '0' : '-1');
    });
  }

  #focusActive(): void {
    const index = this.#rows.findIndex((row) => row.node.data.id === this.#active);
    const node = this.#links[index];
    node?.focus({ preventScroll: true });
    node?.scrollIntoView({ block: 'nearest' });
  }
}
