// Hosts and fleets are two views of the same machines.
import { el, fill } from '../../dom/el.ts';
import { toAddress, toPage, type View } from '../../state/page-address.ts';

export function placeTabs(view: View): HTMLElement {
  const tabs = [
    ['hosts', 'Hosts'],
    ['fleets', 'Fleets'],
  ] as const;
  const nav = el('nav', { class: 'tabs', 'aria-label': 'Hosts and fleets' });
  fill(
    nav,
    ...tabs.map(([page, title]) =>
      el(
        'a',
        { class: 'tab', href: toAddress(toPage(view, page)), 'aria-current': view.page === page && 'page' },
        title,
      ),
    ),
  );
  return nav;
}
