// Whether a domain is still there: a sign and a word.
import type { DomainStatus } from '../../../src/api/schemas/domain.ts';
import { el } from '../../dom/el.ts';
import { STATUS_NOTES, STATUS_WORDS } from '../../state/domain-words.ts';

export function domainStatus(status: DomainStatus): HTMLElement {
  return el(
    'span',
    { class: 'domain-status', 'data-status': status, title: STATUS_NOTES[status] },
    el('span', { class: 'status-sign', 'aria-hidden': 'true' }),
    STATUS_WORDS[status] ?? status,
  );
}
