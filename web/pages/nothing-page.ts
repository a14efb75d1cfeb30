// Where no page is: says so, and leads back.
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import { listOf, toAddress, type View } from '../state/page-address.ts';
import { shorten } from '../text/visible-text.ts';
import type { Page } from './page.ts';

/** Of an address that may be anything. */
const SHOWN_MAX = 200;

export class NothingPage implements Page {
  readonly element = el('main', { class: 'page-main', id: 'content', tabindex: -1 });

  constructor(view: View) {
    this.setView(view);
  }

  setView(view: View): void {
    const list = listOf(view);
    fill(
      this.element,
      el('div', { class: 'page-title' }, el('h1', {}, 'Nothing is here')),
      el(
        'section',
        { class: 'card', 'aria-label': 'Nothing here' },
        el(
          'div',
          { class: 'empty', 'data-empty': 'nothing' },
          el('p', {}, 'Trespass has no page at ', el('code', {}, recordText(shorten(view.path ?? '', SHOWN_MAX))), '.'),
          el(
            'p',
            { class: 'empty-ways' },
            list !== 'overview' &&
              el('a', { class: 'button', href: toAddress({ page: list, range: view.range }) }, `To the ${list}`),
            el('a', { class: 'button', href: toAddress({ page: 'overview', range: view.range }) }, 'To the overview'),
          ),
        ),
      ),
    );
  }

  // Nothing moves here.
  start(): void {}
  stop(): void {}
  refresh(): void {}
  addDenial(): void {}
  addDomain(): void {}
}
