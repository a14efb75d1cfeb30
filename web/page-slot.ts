// The place of the page: shows the one that a view asks for, whose code may have to be loaded first, and passes on to it
// what the application hears.
import type { Denial, DomainEvent } from '../src/api/schemas/document.ts';
import { el } from './dom/el.ts';
import { CODE_NOT_LOADED, loadCode } from './net/load-code.ts';
import { loadPage } from './pages/load-page.ts';
import type { Page, PageOptions } from './pages/page.ts';
import type { View } from './state/page-address.ts';

export class PageSlot {
  readonly #options: PageOptions;
  /** What stands in the document; at first nothing but a place to skip to. */
  #element = mainWith();
  #page: Page | undefined;
  #view: View | undefined;
  /** Counts the pages asked for: the code of one may arrive when another is wanted already. */
  #turn = 0;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  get element(): HTMLElement {
    return this.#element;
  }

  /** Resolves when the page stands there, or another one was asked for meanwhile. */
  async show(view: View): Promise<void> {
    const before = this.#view;
    this.#view = view;
    // What was begun on the page of one issue, such as a note, must not end up at another.
    if (view.page === before?.page && view.issue === before.issue) {
      this.#page?.setView(view);
      return;
    }
    this.#page?.stop();
    this.#page = undefined;
    this.#turn += 1;
    const turn = this.#turn;
    const made = await loadCode(() => loadPage(view.page));
    if (turn !== this.#turn) {
      return;
    }
    const page = made === undefined ? undefined : new made(this.#view, this.#options);
    this.#put(page?.element ?? mainWith(unloadedBox()), before === undefined);
    this.#page = page;
    page?.start();
  }

  /** Nothing is shown any more. */
  stop(): void {
    this.#turn += 1;
    this.#page?.stop();
    this.#page = undefined;
  }

  refresh(): void {
    this.#page?.refresh();
  }

  addDenial(denial: Denial): void {
    this.#page?.addDenial(denial);
  }

  addDomain(event: DomainEvent): void {
    this.#page?.addDomain(event);
  }

  /** Readers of screens and keyboards go on at the beginning of another page. */
  #put(element: HTMLElement, isFirst: boolean): void {
    this.#element.replaceWith(element);
    this.#element = element;
    if (!isFirst) {
      scrollTo(0, 0);
      element.focus({ preventScroll: true });
    }
  }
}

function mainWith(...children: readonly HTMLElement[]): HTMLElement {
  return el('main', { class: 'page-main', id: 'content', tabindex: -1 }, ...children);
}

function unloadedBox(): HTMLElement {
  const again = el('button', { class: 'button', type: 'button' }, 'Load it again');
  again.addEventListener('click', () => location.reload());
  return el(
    'section',
    { class: 'card', 'aria-label': 'Not loaded' },
    el(
      'div',
      { class: 'empty', role: 'alert', 'data-empty': 'unloaded' },
      el('p', { class: 'empty-title' }, 'This page could not be loaded'),
      el('p', {}, CODE_NOT_LOADED.message),
      again,
    ),
  );
}
