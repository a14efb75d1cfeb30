// What narrows the page at the moment, each with a link that takes it away.
import type { HostAnswer } from '../../../src/api/schemas/host.ts';
import { el, fill } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { classTitle } from '../../state/blocker-class.ts';
import { toAddress, type View, without } from '../../state/page-address.ts';

export interface FilterPills {
  readonly element: HTMLElement;
  /** `hosts` gives a host's id its name. */
  update(view: View, hosts: readonly HostAnswer[]): void;
}

export function createFilterPills(): FilterPills {
  const element = el('div', { class: 'filters', role: 'group', 'aria-label': 'Filters' });
  return {
    element,
    update(view, hosts) {
      const host = hosts.find((one) => one.id === view.host)?.name ?? view.host;
      const pills = [
        host !== undefined && pill('Host', host, toAddress(without(view, 'host'))),
        view.fleet !== undefined && pill('Fleet', view.fleet, toAddress(without(view, 'fleet'))),
        view.program !== undefined && pill('Program', view.program, toAddress(without(view, 'program'))),
        view.blockerClass !== undefined &&
          pill('Class', classTitle(view.blockerClass), toAddress(without(view, 'blockerClass'))),
      ];
      element.hidden = pills.every((one) => one === false);
      fill(element, ...pills);
    },
  };
}

function pill(name: string, value: string, href: string): HTMLElement {
  return el(
    'span',
    { class: 'pill' },
    el('span', { class: 'quiet' }, name),
    recordText(value),
    el(
      'a',
      { class: 'pill-remove', href, title: 'Remove this filter', 'aria-label': `Remove the filter ${name}` },
      '×',
    ),
  );
}
