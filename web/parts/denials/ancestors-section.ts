// The domains that a domain is inside of, the outermost first, each with how the edge is known.
import type { DomainTree } from '../../../src/api/schemas/domain.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { edgeWords } from '../../state/domain-words.ts';
import type { View } from '../../state/page-address.ts';
import { countOf } from '../../text/format-number.ts';
import { domainHref, domainLink } from '../domains/domain-link.ts';
import { titled } from './denial-sections.ts';

/** Undefined: the domain has no relatives that are known. */
export function ancestorsSection(tree: DomainTree, id: string, view: View): HTMLElement | undefined {
  const at = tree.domains.findIndex((domain) => domain.id === id);
  const self = tree.domains[at];
  const descendants = tree.domains.length - at - 1 + (tree.left_out ?? 0);
  if (self === undefined || tree.domains.length < 2) {
    return undefined;
  }
  return titled(
    'Its family',
    el(
      'ol',
      { class: 'ancestors' },
      ...tree.domains.slice(0, at + 1).map((domain) => {
        const name = { host: domain.host.id, boot: domain.boot, id: domain.id };
        const program = domain.creator?.executable ?? domain.creator?.name;
        const edge = domain.parent === undefined ? undefined : edgeWords(domain);
        return el(
          'li',
          { class: 'ancestor', 'aria-current': domain.id === id && 'true' },
          domainLink(view, name),
          program !== undefined && el('span', { class: 'clip' }, recordText(program)),
          edge !== undefined && el('span', { class: 'quiet' }, recordText(edge)),
        );
      }),
    ),
    el(
      'p',
      {},
      descendants > 0 && `${countOf(descendants, 'domain')} inside it. `,
      el('a', { href: domainHref(view, { host: self.host.id, boot: self.boot, id }) }, 'Show the whole family'),
    ),
  );
}
