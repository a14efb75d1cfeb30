// The part of the drawer about the domain that refused: who made it, what became of it, what is not in the log.
import type { Denial } from '../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { el } from '../dom/el.ts';
import { processText } from '../state/denial-words.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import type { TimeFormats } from '../text/format-time.ts';
import { titled } from './denial-sections.ts';
import { factsList } from './facts-list.ts';

const STATUS_WORDS: Readonly<Record<DomainAnswer['status'], string>> = {
  live: 'live, as far as known',
  gone: 'ended',
  'presumed-gone': 'ended with its boot, presumably',
};

/** Without `domain` only what the denial says is shown. */
export function domainSection(denial: Denial, domain: DomainAnswer | undefined, formats: TimeFormats): HTMLElement {
  const { id } = denial.landlock.domain;
  const time = (at: string | undefined): string | undefined => at && formats.full(Date.parse(at));
  const creator = domain?.creator;
  return titled(
    'Domain: the sandbox that refused',
    factsList([
      ['Domain', el('code', {}, id)],
      ['Made by', creator && processText(creator.name, creator.pid)],
      ['Its executable', creator?.executable],
      ['Its user', creator?.uid === undefined ? undefined : `uid ${creator.uid}`],
      ['State', domain && STATUS_WORDS[domain.status]],
      ['Denials', domain && denialsWords(domain)],
      ['Inside', domain?.parent === undefined ? undefined : el('span', {}, 'domain ', el('code', {}, domain.parent))],
      ['First seen', time(domain?.allocated_at)],
      ['Ended', time(domain?.deallocated_at)],
    ]),
  );
}

function denialsWords({ denials }: DomainAnswer): string {
  const logged = `${countOf(denials.logged, 'denial')} logged`;
  return denials.unlogged === undefined || denials.unlogged === 0
    ? logged
    : `${logged}, ${formatCount(denials.unlogged)} more counted by the kernel but not logged`;
}
