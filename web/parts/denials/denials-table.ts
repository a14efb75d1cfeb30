// Thousands of denials in one table: only the rows in sight (and some beyond) are elements, the others are room above
// and below. Rows have one height, so that nothing jumps when they come and go.
import type { Denial } from '../../../src/api/schemas/document.ts';
import { el, setText } from '../../dom/el.ts';
import { onceAFrame } from '../../dom/once-a-frame.ts';
import { openOnClick } from '../../dom/open-on-click.ts';
import { syncRows } from '../../dom/sync-rows.ts';
import type { View } from '../../state/page-address.ts';
import { rowWindow } from '../../state/window-range.ts';
import { countOf } from '../../text/format-number.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { createAnnouncer } from '../blocks/announcer.ts';
import { denialId, denialRow, denialsHead, markNew } from './denial-row.ts';

export interface DenialsTableFacts {
  readonly view: View;
  readonly rows: readonly Denial[];
  /** Ids that have just arrived. */
  readonly fresh: ReadonlySet<string>;
  readonly waitingCount: number;
  readonly nowMs: number;
}

export interface DenialsTable {
  readonly element: HTMLElement;
  update(facts: DenialsTableFacts): void;
  /** Whether rows that arrive would move what someone reads: it is scrolled, pointed at or has the focus. */
  isHeld(): boolean;
  stop(): void;
}

export interface DenialsTableOptions {
  readonly formats: TimeFormats;
  /** What waits should be shown. */
  onRelease(): void;
  /** The end of the rows comes into sight. */
  onEnd(): void;
}

/** Rows from the end at which the next ones are asked for. */
const END_ROWS = 40;

export function createDenialsTable(options: DenialsTableOptions): DenialsTable {
  return new WindowedTable(options);
}

class WindowedTable implements DenialsTable {
  readonly element: HTMLElement;
  readonly #options: DenialsTableOptions;
  readonly #body = el('tbody');
  readonly #table: HTMLTableElement;
  readonly #room: HTMLElement;
  /** Floats above the rows: taking room of its own would move them. */
  readonly #more = el('button', { class: 'more-float-button', type: 'button', hidden: true });
  readonly #announcer = createAnnouncer();
  readonly #drawSoon = onceAFrame(() => this.#draw());
  #facts: DenialsTableFacts | undefined;
  #view: View | undefined;
  #rowHeight = 0;

  constructor(options: DenialsTableOptions) {
    this.#options = options;
    this.#table = el(
      'table',
      { class: 'table denials denials-long' },
      el('caption', { class: 'off-screen' }, 'Denials, newest first'),
      denialsHead(),
      this.#body,
    );
    this.#room = el('div', { class: 'denials-room' }, this.#table);
    this.element = el('div', {}, el('div', { class: 'more-float' }, this.#more), this.#room, this.#announcer.element);
    this.#more.addEventListener('click', () => {
      scrollTo({ top: 0 });
      options.onRelease();
    });
    this.#body.addEventListener('pointerleave', () => this.isHeld() || options.onRelease());
    openOnClick(this.#body);
    addEventListener('scroll', this.#drawSoon, { passive: true });
    addEventListener('resize', this.#onResize);
  }

  readonly #onResize = (): void => {
    this.#rowHeight = 0;
    this.#drawSoon();
  };

  update(facts: DenialsTableFacts): void {
    if (this.#view !== facts.view) {
      // The rows lead to addresses of the view.
      this.#view = facts.view;
      this.#relink(facts.view);
    }
    this.#facts = facts;
    this.#more.hidden = facts.waitingCount === 0;
    setText(this.#more, `${countOf(facts.waitingCount, 'new denial')} – show`);
    this.#announcer.add(facts.fresh.size);
    this.#draw();
  }

  isHeld(): boolean {
    const isScrolled = this.#room.getBoundingClientRect().top < 0;
    return isScrolled || this.#body.matches(':hover') || this.#body.contains(document.activeElement);
  }

  stop(): void {
    removeEventListener('scroll', this.#drawSoon);
    removeEventListener('resize', this.#onResize);
  }

  #relink(view: View): void {
    for (const row of [...this.#body.children]) {
      const denial = this.#facts?.rows.find((one) => row instanceof HTMLElement && one.event.id === row.dataset.id);
      if (denial !== undefined && !row.contains(document.activeElement)) {
        row.replaceWith(this.#makeRow(denial, view));
      }
    }
  }

  #makeRow(denial: Denial, view: View): HTMLElement {
    const row = denialRow(denial, { view, nowMs: this.#facts?.nowMs ?? 0, formats: this.#options.formats });
    if (this.#facts?.fresh.has(denial.event.id)) {
      markNew(row);
    }
    return row;
  }

  #draw(): void {
    const facts = this.#facts;
    if (facts === undefined) {
      return;
    }
    const { rows, view } = facts;
    const headHeight = this.#table.tHead?.getBoundingClientRect().height ?? 0;
    const { start, end } = rowWindow({
      count: rows.length,
      rowHeight: this.#rowHeight,
      top: this.#room.getBoundingClientRect().top + headHeight,
      viewHeight: innerHeight,
    });
    const height = this.#rowHeight;
    this.#room.style.paddingTop = `${start * height}px`;
    this.#room.style.paddingBottom = `${(rows.length - end) * height}px`;
    this.#table.setAttribute('aria-rowcount', String(rows.length + 1));
    syncRows(this.#body, rows.slice(start, end), denialId, (denial) => this.#makeRow(denial, view));
    [...this.#body.children].forEach((row, index) => {
      row.setAttribute('aria-rowindex', String(start + index + 2));
    });
    if (height === 0 && this.#measure()) {
      this.#drawSoon();
    }
    if (end > rows.length - END_ROWS) {
      this.#options.onEnd();
    }
  }

  /** All rows are as high as these. */
  #measure(): boolean {
    const count = this.#body.childElementCount;
    this.#rowHeight = count === 0 ? 0 : this.#body.getBoundingClientRect().height / count;
    return this.#rowHeight > 0;
  }
}
