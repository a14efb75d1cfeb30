// What the same host recorded shortly before and after a denial.
import type { DenialContext } from '../../../src/api/schemas/context.ts';
import type { Denial } from '../../../src/api/schemas/document.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { entrySentence, offsetWords } from '../../state/context-words.ts';
import { lostRecords } from '../../state/lost-records.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { countOf } from '../../text/format-number.ts';
import { domainHref } from '../domains/domain-link.ts';
import { titled } from './denial-sections.ts';

/** Before and after. */
export const CONTEXT_SECONDS = 30;

export function contextSection(denial: Denial, context: DenialContext, view: View): HTMLElement {
  const denialMs = Date.parse(denial['@timestamp']);
  const { before, after, domains } = context.more;
  const more = [before && 'more before', after && 'more after', domains && 'more domains'].filter(
    (words) => words !== false,
  );
  const lost = lostRecords(context.lost);
  const missing = [
    lost > 0 && `${countOf(lost, 'record')} lost in this time`,
    context.malformed > 0 && `${countOf(context.malformed, 'record')} not understood`,
    context.unlogged > 0 && `${countOf(context.unlogged, 'denial')} not logged`,
  ].filter((words) => words !== false);
  return titled(
    `${CONTEXT_SECONDS} seconds before and after on this host`,
    context.data.length <= 1
      ? el('p', { class: 'quiet' }, 'Nothing else was recorded.')
      : entryList(denial, context, view, denialMs),
    more.length > 0 ? el('p', { class: 'quiet' }, `There is ${more.join(', ')}.`) : undefined,
    missing.length > 0 ? el('p', { class: 'drawer-note' }, `${missing.join(', ')}.`) : undefined,
  );
}

function entryList(denial: Denial, context: DenialContext, view: View, denialMs: number): HTMLElement {
  return el(
    'ol',
    { class: 'around' },
    ...context.data.map((entry) => {
      const isSelf = entry.denial?.event.id === denial.event.id;
      const sentence = recordText(entrySentence(entry));
      const href =
        entry.denial !== undefined
          ? toAddress({ ...view, denial: entry.denial.event.id })
          : entry.domain &&
            domainHref(view, { host: entry.domain.host.id, boot: entry.domain.boot, id: entry.domain.id });
      return el(
        'li',
        { class: 'around-line', 'data-what': entry.what, 'aria-current': isSelf && 'true' },
        el(
          'time',
          { class: 'around-at', datetime: entry.at },
          isSelf ? 'this one' : offsetWords(Date.parse(entry.at), denialMs),
        ),
        isSelf || href === undefined ? sentence : el('a', { href }, sentence),
      );
    }),
  );
}
