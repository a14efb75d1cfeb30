// A page whose data is a thing of its own: begins, ends and follows the address with it, and is drawn from it at most once
// a frame. What it shows, and what it does with what arrives, is the page's own.
import type { Denial, DomainEvent } from '../../src/api/schemas/document.ts';
import { el } from '../dom/el.ts';
import { onceAFrame } from '../dom/once-a-frame.ts';
import type { View } from '../state/page-address.ts';
import type { Page, PageOptions } from './page.ts';
import type { ViewDataOptions } from './view-data.ts';

/** What such data can do. */
export interface PageData {
  start(): void;
  stop(): void;
  setView(view: View): void;
  refresh(): void;
}

export abstract class DataPage<Data extends PageData> implements Page {
  readonly element = el('main', { class: 'page-main', id: 'content', tabindex: -1 });
  protected readonly data: Data;
  protected readonly drawSoon = onceAFrame(() => this.draw());
  readonly #tickMs: number | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;

  /** `tickMs`: how often `tick` is called while the page is shown; never without it. */
  constructor({ onSignedOut }: PageOptions, makeData: (options: ViewDataOptions) => Data, tickMs?: number) {
    this.data = makeData({ onChange: () => this.drawSoon(), onSignedOut });
    this.#tickMs = tickMs;
  }

  protected abstract draw(): void;

  /** How long ago things were moves on. */
  protected tick(): void {
    this.drawSoon();
  }

  start(): void {
    this.data.start();
    if (this.#tickMs !== undefined) {
      this.#ticking = setInterval(() => this.tick(), this.#tickMs);
    }
    this.draw();
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.data.stop();
  }

  setView(view: View): void {
    this.data.setView(view);
    this.drawSoon();
  }

  refresh(): void {
    this.data.refresh();
  }

  addDenial(_denial: Denial): void {}

  addDomain(_event: DomainEvent): void {}
}
