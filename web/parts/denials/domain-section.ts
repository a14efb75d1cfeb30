// The part of the drawer about the domain that refused: who made it, what became of it, what is not in the log.
import type { Denial } from '../../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import { processText } from '../../state/denial-words.ts';
import { denialsWords, edgeWords } from '../../state/domain-words.ts';
import type { View } from '../../state/page-address.ts';
import { type KnownUser, userName } from '../../state/user-names.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { factsList } from '../blocks/facts-list.ts';
import { domainLink } from '../domains/domain-link.ts';
import { domainStatus } from '../domains/domain-status.ts';
import { titled } from './denial-sections.ts';

/** Without `domain` only what the denial says is shown. `known`: what users of its host are called. */
export function domainSection(
  denial: Denial,
  domain: DomainAnswer | undefined,
  known: readonly KnownUser[],
  view: View,
  formats: TimeFormats,
): HTMLElement {
  const linkTo = (id: string | undefined): Node | undefined =>
    id === undefined ? undefined : domainLink(view, { host: denial.host.id, boot: denial.host.boot.id, id });
  const time = (at: string | undefined): string | undefined => at && formats.full(Date.parse(at));
  const creator = domain?.creator;
  return titled(
    'Domain: the sandbox that refused',
    factsList([
      ['Domain', linkTo(denial.landlock.domain.id)],
      ['Made by', creator && processText(creator.name, creator.pid)],
      ['Its executable', creator?.executable],
      ['Its user', creator?.uid === undefined ? undefined : userName(String(creator.uid), known)],
      ['State', domain && domainStatus(domain.status)],
      ['Denials', domain && denialsWords(domain)],
      ['Inside', linkTo(domain?.parent)],
      ['Known by', domain && edgeWords(domain)],
      ['Aimed at', linkTo(denial.landlock.target?.domain?.id)],
      ['First logged', time(domain?.allocated_at)],
      ['Ended', time(domain?.deallocated_at)],
    ]),
  );
}
