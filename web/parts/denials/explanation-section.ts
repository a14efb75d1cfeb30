// A denial in plain words: what the right is about, the likely causes with what to do, and what the records do not say.
import type { Explanation } from '../../../src/api/schemas/explanation.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { denialsView, issueView, toAddress, type View } from '../../state/page-address.ts';
import { termOf } from '../../state/query-terms.ts';
import { countOf, formatCount } from '../../text/format-number.ts';
import { titled } from './denial-sections.ts';

const SURE_WORDS: Readonly<Record<Explanation['causes'][number]['sure'], string>> = {
  likely: 'likely',
  possible: 'possible',
  unlikely: 'unlikely',
};

export function explanationSections(explanation: Explanation, view: View): readonly HTMLElement[] {
  const { sentence, meaning, causes, unknown, other_hosts: others, around } = explanation;
  return [
    titled('In plain words', plainWords(sentence), meaningList(meaning)),
    causes.length === 0 ? undefined : titled('Likely causes, and what to do', causeList(causes)),
    unknown.length === 0
      ? undefined
      : titled(
          'What the records do not say',
          el('ul', { class: 'plain-list' }, ...unknown.map((text) => el('li', {}, recordText(text, { whole: true })))),
        ),
    others.length === 0
      ? undefined
      : titled(
          'The same on other hosts',
          el(
            'ul',
            { class: 'plain-list' },
            ...others.map((one) =>
              el(
                'li',
                {},
                el('a', { href: toAddress({ ...denialsView(view), host: one.id }) }, recordText(one.name)),
                ` ${countOf(one.denials, 'denial')}`,
              ),
            ),
          ),
        ),
    around === undefined || around.data.length === 0 ? undefined : aroundSection(around, view),
  ].filter((section) => section !== undefined);
}

export function plainWords(sentence: string): HTMLElement {
  return el('p', { class: 'plain-words' }, recordText(sentence, { whole: true }));
}

function meaningList(meaning: Explanation['meaning']): HTMLElement {
  return el(
    'dl',
    { class: 'meanings' },
    ...meaning.flatMap(({ blocker, text, since_abi: abi, traps }) => [
      el(
        'dt',
        { class: 'mono' },
        recordText(blocker),
        abi !== undefined && el('span', { class: 'quiet' }, ` since ABI ${abi}`),
      ),
      el(
        'dd',
        {},
        recordText(text, { whole: true }),
        ...traps.map((trap) => el('p', { class: 'drawer-note' }, recordText(trap, { whole: true }))),
      ),
    ]),
  );
}

/** Each as "if …: then …; do …", the surest first. */
export function causeList(causes: Explanation['causes']): HTMLElement {
  return el(
    'ol',
    { class: 'causes' },
    ...causes.map((cause) =>
      el(
        'li',
        { class: 'cause', 'data-sure': cause.sure },
        el('span', { class: 'tag' }, SURE_WORDS[cause.sure]),
        el(
          'div',
          {},
          el('p', {}, 'If ', recordText(cause.if, { whole: true }), ': ', recordText(cause.then, { whole: true }), '.'),
          el('p', { class: 'cause-do' }, 'What to do: ', recordText(cause.do, { whole: true }), '.'),
        ),
      ),
    ),
  );
}

function aroundSection(
  { pid, seconds, data, is_sampled: isSampled }: NonNullable<Explanation['around']>,
  view: View,
): HTMLElement {
  return titled(
    `What else process ${pid} was refused`,
    el(
      'ul',
      { class: 'plain-list' },
      ...data.map((one) =>
        el(
          'li',
          {},
          el('a', { href: toAddress(issueView(view.range, one.issue)) }, recordText(one.title)),
          ` ${formatCount(one.denials)}`,
        ),
      ),
    ),
    el(
      'p',
      { class: 'quiet' },
      `Within ${seconds} seconds${isSampled ? ', of the nearest denials' : ''}. `,
      el('a', { href: toAddress(denialsView(view, termOf('pid', String(pid)))) }, 'All of this process'),
    ),
  );
}
