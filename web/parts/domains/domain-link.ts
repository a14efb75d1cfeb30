// A domain's id that leads to the page of the domain.
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { domainView, toAddress, type View } from '../../state/page-address.ts';

export interface DomainName {
  readonly host: string;
  readonly boot: string;
  readonly id: string;
}

export function domainLink(view: Pick<View, 'range'>, { host, boot, id }: DomainName): HTMLElement {
  return el(
    'a',
    { class: 'domain-id mono', href: domainHref(view, { host, boot, id }), title: 'Show this domain and its family' },
    recordText(id),
  );
}

export function domainHref(view: Pick<View, 'range'>, { host, boot, id }: DomainName): string {
  return toAddress(domainView(view.range, host, boot, id));
}
