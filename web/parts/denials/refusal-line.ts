// One thing that a user was refused: the sentence, how often and when, the likely cause, and what to do.
import type { Denial } from '../../../src/api/schemas/document.ts';
import type { Explanation } from '../../../src/api/schemas/explanation.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { hostText } from '../../state/denial-words.ts';
import { denialsView, toAddress, type View } from '../../state/page-address.ts';
import { termOf } from '../../state/query-terms.ts';
import type { Refusal } from '../../state/refusals.ts';
import { countOf } from '../../text/format-number.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { blockerList } from './denial-row.ts';
import { causeList } from './explanation-section.ts';

export interface RefusalContext {
  readonly view: View;
  readonly nowMs: number;
  readonly formats: TimeFormats;
}

export function refusalLine(
  { sentence, denials }: Refusal,
  explanation: Explanation | undefined,
  { view, nowMs, formats }: RefusalContext,
): HTMLElement {
  const [latest] = denials;
  const first = denials.at(-1);
  if (latest === undefined || first === undefined) {
    return el('li');
  }
  const at = (text: string) => {
    const ms = Date.parse(text);
    return el('time', { datetime: text, title: formatUtc(ms) }, formats.short(ms, nowMs));
  };
  const executable = latest.process?.executable;
  return el(
    'li',
    { class: 'refusal' },
    el(
      'div',
      { class: 'refusal-when' },
      at(latest['@timestamp']),
      denials.length > 1 &&
        el('span', { class: 'quiet' }, `${countOf(denials.length, 'time')} since `, at(first['@timestamp'])),
    ),
    el(
      'div',
      { class: 'refusal-what' },
      el(
        'a',
        { class: 'row-link refusal-sentence', href: toAddress({ ...view, denial: latest.event.id }) },
        recordText(sentence),
      ),
      el(
        'p',
        { class: 'refusal-details' },
        blockerList(latest.landlock.blockers),
        el('span', { class: 'quiet' }, 'on ', recordText(hostText(latest.host)), othersText(denials)),
        executable !== undefined &&
          el(
            'a',
            { class: 'clip', href: toAddress(denialsView(view, termOf('program', executable))) },
            recordText(executable),
          ),
      ),
      explanation !== undefined && causeList(explanation.causes.slice(0, 1)),
    ),
  );
}

/** How many hosts it was on besides that of the latest. */
function othersText(denials: readonly Denial[]): string {
  const others = new Set(denials.map(({ host }) => host.id)).size - 1;
  return others === 0 ? '' : ` and ${countOf(others, 'other host')}`;
}
