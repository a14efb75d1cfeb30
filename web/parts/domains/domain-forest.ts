// The forest of domains as a grid of rows. Only the rows in sight are in the document, so ten thousand scroll as
// smoothly as ten; the row that has the focus stays. Arrow keys walk it as a tree.

import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { onceAFrame } from '../../dom/once-a-frame.ts';
import { type BootForest, toForest } from '../../state/domain-forest.ts';
import type { Span } from '../../state/domain-life.ts';
import { bootsOf, spansOf, strengthsAmong } from '../../state/forest-facts.ts';
import type { View } from '../../state/page-address.ts';
import { type ForestRow, forestRows, stepOf } from '../../state/tree-rows.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { edgeLegend } from './edge-legend.ts';
import { bootRow, domainRow, type RowContext } from './forest-row.ts';
import { INDENT, INDENT_NARROW } from './tree-rails.ts';

export interface ForestFacts {
  readonly view: View;
  readonly domains: readonly DomainAnswer[];
  /** Said beside the heading: whether there are more. */
  readonly note: string;
  readonly nowMs: number;
}

/** Rows beyond the window that are drawn all the same. */
const SPARE_ROWS = 12;
/** So few are drawn all, which is what printing and finding in the page need. */
const WHOLE_ROWS_MAX = 300;
const WIDE = { height: 34, middle: 17, indent: INDENT };
const NARROW = { height: 62, middle: 19, indent: INDENT_NARROW };
const NARROW_QUERY = '(max-width: 48rem)';

const COLUMNS = [
  ['forest-tree', 'Domain'],
  ['forest-edge', 'Nested how'],
  ['forest-status', 'State'],
  ['forest-count', 'Logged'],
  ['forest-count', 'Not logged'],
  ['forest-life', 'Lifetime'],
] as const;

export class DomainForest {
  readonly element: HTMLElement;
  readonly #body = el('div', { class: 'forest-body', role: 'rowgroup' });
  readonly #grid: HTMLElement;
  readonly #count = el('span', { class: 'quiet' });
  readonly #legend = el('ul', { class: 'legend edge-legend', 'aria-label': 'How sure an edge is' });
  readonly #instead = el('div', { hidden: true });
  readonly #formats: TimeFormats;
  readonly #closed = new Set<string>();
  readonly #narrow = matchMedia(NARROW_QUERY);
  readonly #drawSoon = onceAFrame(() => this.#draw());
  #facts: ForestFacts | undefined;
  #drawn: readonly DomainAnswer[] | undefined;
  #forests: readonly BootForest[] = [];
  #rows: readonly ForestRow[] = [];
  #indexes: ReadonlyMap<string, number> = new Map();
  /** Key of the boot that each row belongs to. */
  #boots: readonly string[] = [];
  #spans: ReadonlyMap<string, Span> = new Map();
  #elements = new Map<string, HTMLElement>();
  /** Which row an element is. Keys hold what records hold, so they stay out of the document. */
  readonly #keys = new WeakMap<Element, string>();
  /** Key of the row that the arrow keys start from. */
  #active: string | undefined;

  constructor(formats: TimeFormats, foot: HTMLElement) {
    this.#formats = formats;
    this.#grid = el(
      'div',
      { class: 'forest', role: 'treegrid', 'aria-label': 'Domains by host and boot' },
      el(
        'div',
        { class: 'forest-head', role: 'rowgroup' },
        el(
          'div',
          { class: 'forest-row forest-titles', role: 'row' },
          ...COLUMNS.map(([name, title]) => el('div', { class: name, role: 'columnheader' }, title)),
        ),
      ),
      this.#body,
    );
    this.element = el(
      'section',
      { class: 'card', 'aria-label': 'Domains' },
      el('div', { class: 'card-head' }, el('h2', {}, 'Families'), this.#count, this.#legend),
      this.#grid,
      foot,
      this.#instead,
    );
    this.#body.addEventListener('keydown', (event) => this.#onKey(event));
    this.#body.addEventListener('click', (event) => this.#onClick(event));
    this.#body.addEventListener('focusin', (event) => this.#onFocus(event));
    addEventListener('scroll', this.#drawSoon, { passive: true });
    addEventListener('resize', this.#drawSoon);
    this.#narrow.addEventListener('change', this.#redraw);
  }

  stop(): void {
    removeEventListener('scroll', this.#drawSoon);
    removeEventListener('resize', this.#drawSoon);
    this.#narrow.removeEventListener('change', this.#redraw);
  }

  update(facts: ForestFacts): void {
    this.#instead.hidden = true;
    this.#grid.hidden = false;
    this.#facts = facts;
    setText(this.#count, facts.note);
    if (this.#drawn !== facts.domains) {
      this.#drawn = facts.domains;
      this.#forests = toForest(facts.domains);
      this.#spans = spansOf(this.#forests, facts.nowMs);
      fill(this.#legend, ...edgeLegend(strengthsAmong(facts.domains)));
      this.#arrange();
    }
  }

  showInstead(box: HTMLElement): void {
    this.#grid.hidden = true;
    this.#instead.hidden = false;
    this.#drawn = undefined;
    fill(this.#legend);
    setText(this.#count, '');
    fill(this.#instead, box);
  }

  readonly #redraw = (): void => this.#arrange();

  /** The rows have changed: all are made anew. */
  #arrange(): void {
    this.#rows = forestRows(this.#forests, this.#closed);
    this.#indexes = new Map(this.#rows.map((row, index) => [row.key, index]));
    this.#boots = bootsOf(this.#rows);
    this.#grid.setAttribute('aria-rowcount', String(this.#rows.length + 1));
    const hadFocus = this.#body.contains(document.activeElement);
    for (const element of this.#elements.values()) {
      element.remove();
    }
    this.#elements.clear();
    if (this.#indexOf(this.#active) < 0) {
      this.#active = this.#rows[0]?.key;
    }
    this.#draw();
    if (hadFocus) {
      this.#elements.get(this.#active ?? '')?.focus({ preventScroll: true });
    }
  }

  #size(): Pick<RowContext, 'height' | 'middle' | 'indent'> {
    return this.#narrow.matches ? NARROW : WIDE;
  }

  /** Puts the rows in sight into the document and takes the others out. */
  #draw(): void {
    const facts = this.#facts;
    if (facts === undefined || this.#grid.hidden || !this.#grid.isConnected) {
      return;
    }
    const size = this.#size();
    this.#body.style.height = `${this.#rows.length * size.height}px`;
    const top = this.#body.getBoundingClientRect().top;
    const isWhole = this.#rows.length <= WHOLE_ROWS_MAX;
    const first = isWhole ? 0 : Math.max(0, Math.floor(-top / size.height) - SPARE_ROWS);
    const last = isWhole ? this.#rows.length : Math.ceil((innerHeight - top) / size.height) + SPARE_ROWS;
    const end = Math.min(this.#rows.length, last);
    const wanted = new Set<number>();
    for (let index = first; index < end; index += 1) {
      wanted.add(index);
    }
    const active = this.#indexOf(this.#active);
    if (active >= 0) {
      wanted.add(active);
    }
    const context = { ...size, view: facts.view, formats: this.#formats, nowMs: facts.nowMs, spans: this.#spans };
    this.#place(
      [...wanted].sort((a, b) => a - b),
      context,
    );
  }

  #place(wanted: readonly number[], context: RowContext): void {
    const keep = new Map<string, HTMLElement>();
    // First out with what is out of sight: then those that stay follow each other and need not be moved.
    const keys = new Set(wanted.map((index) => this.#rows[index]?.key));
    for (const [key, element] of this.#elements) {
      if (!keys.has(key)) {
        element.remove();
      }
    }
    let before: HTMLElement | undefined;
    for (const index of wanted) {
      const row = this.#rows[index];
      if (row === undefined) {
        continue;
      }
      const known = this.#elements.get(row.key);
      const element = known ?? this.#make(row, index, context);
      keep.set(row.key, element);
      const next: Element | null = before === undefined ? this.#body.firstElementChild : before.nextElementSibling;
      if (known === undefined || (next !== known && !known.contains(document.activeElement))) {
        this.#body.insertBefore(element, next);
      }
      before = element;
    }
    this.#elements = keep;
  }

  #make(row: ForestRow, index: number, context: RowContext): HTMLElement {
    const element =
      row.kind === 'boot'
        ? bootRow(row, !this.#closed.has(row.key), context)
        : domainRow(row, this.#boots[index] ?? '', context);
    this.#keys.set(element, row.key);
    element.style.top = `${index * context.height}px`;
    element.style.height = `${context.height}px`;
    element.setAttribute('aria-rowindex', String(index + 2));
    element.tabIndex = row.key === this.#active ? 0 : -1;
    return element;
  }

  #keyOf(target: EventTarget | null): string | undefined {
    const row = target instanceof Element ? target.closest('.forest-row') : null;
    return row === null ? undefined : this.#keys.get(row);
  }

  #indexOf(key: string | undefined): number {
    return this.#indexes.get(key ?? '') ?? -1;
  }

  #onKey(event: KeyboardEvent): void {
    const index = this.#indexOf(this.#active);
    const row = this.#rows[index];
    if (row === undefined || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.role === 'row') {
      event.preventDefault();
      this.#open(row);
      return;
    }
    const step = stepOf(event.key, this.#rows, index);
    if (step === undefined) {
      return;
    }
    event.preventDefault();
    if (step.kind === 'go') {
      this.#goTo(step.index);
    } else {
      this.#toggle(step.key);
    }
  }

  #open(row: ForestRow): void {
    if (row.kind === 'boot') {
      this.#toggle(row.key);
    } else {
      this.#elements.get(row.key)?.querySelector('a')?.click();
    }
  }

  #goTo(index: number): void {
    const row = this.#rows[index];
    if (row === undefined) {
      return;
    }
    this.#setActive(row.key);
    const { height } = this.#size();
    const top = this.#body.getBoundingClientRect().top + index * height;
    // Below the header, which stays, and above the lower edge.
    if (top < 120 || top + height > innerHeight - 16) {
      scrollBy({ top: top - innerHeight / 2, behavior: 'instant' });
    }
    this.#draw();
    this.#elements.get(row.key)?.focus({ preventScroll: true });
  }

  #setActive(key: string): void {
    const old = this.#elements.get(this.#active ?? '');
    if (old !== undefined) {
      old.tabIndex = -1;
    }
    this.#active = key;
    const element = this.#elements.get(key);
    if (element !== undefined) {
      element.tabIndex = 0;
    }
  }

  #toggle(key: string): void {
    if (!this.#closed.delete(key)) {
      this.#closed.add(key);
    }
    this.#arrange();
  }

  #onFocus(event: FocusEvent): void {
    const key = this.#keyOf(event.target);
    if (key !== undefined) {
      this.#setActive(key);
    }
  }

  /** A click on a twist or a boot opens and closes; anywhere else in a row it follows the row's link. */
  #onClick(event: MouseEvent): void {
    const key = this.#keyOf(event.target);
    const target = event.target instanceof Element ? event.target : undefined;
    if (key === undefined || target === undefined || target.closest('a') !== null) {
      return;
    }
    const row = this.#rows[this.#indexOf(key)];
    if (row?.kind === 'boot' || target.classList.contains('twist')) {
      this.#setActive(key);
      this.#toggle(key);
    } else if (getSelection()?.isCollapsed !== false) {
      this.#elements.get(key)?.querySelector('a')?.click();
    }
  }
}
