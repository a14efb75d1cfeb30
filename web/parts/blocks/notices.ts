// Sentences about what is wrong and how to mend it, above everything else on the page.
import { el, fill } from '../../dom/el.ts';
import { icon } from '../../dom/icon.ts';
import { choosesUtc } from '../../dom/time-zone.ts';
import type { Notice } from '../../state/status-notices.ts';
import { countOf } from '../../text/format-number.ts';
import { type TimeFormats, timeFormats, withReadTimes } from '../../text/format-time.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';

/** Of one sentence; problems may quote what is not ours. */
const LENGTH_MAX = 600;
/** More are folded away: the page is below them. */
const SHOWN_MAX = 3;

export interface Notices {
  readonly element: HTMLElement;
  update(notices: readonly Notice[]): void;
}

export function createNotices(): Notices {
  const element = el('div', { class: 'notices', role: 'status', 'aria-label': 'Problems' });
  const formats = timeFormats(choosesUtc() ? 'UTC' : undefined);
  let last = '[]';
  return {
    element,
    update(notices) {
      const key = JSON.stringify(notices);
      if (key !== last) {
        last = key;
        const sorted = notices.toSorted((a, b) => Number(b.level === 'fail') - Number(a.level === 'fail'));
        const rest = sorted.slice(SHOWN_MAX);
        const isOpen = element.querySelector('details')?.open ?? false;
        const boxes = (some: readonly Notice[]) => some.map((one) => noticeBox(one, formats));
        fill(
          element,
          ...boxes(sorted.slice(0, SHOWN_MAX)),
          rest.length > 0 &&
            el(
              'details',
              { class: 'notices-more', open: isOpen },
              el('summary', {}, `and ${countOf(rest.length, 'more problem')}`),
              el('div', { class: 'notices' }, ...boxes(rest)),
            ),
        );
      }
    },
  };
}

function noticeBox(notice: Notice, formats: TimeFormats): HTMLElement {
  return el(
    'div',
    { class: 'notice', 'data-level': notice.level, 'data-notice': escapeOdd(notice.key) },
    signFor(notice.level),
    el(
      'p',
      { class: 'notice-text' },
      el('span', { class: 'off-screen' }, `${levelWord(notice.level)}: `),
      ...withCode(withReadTimes(notice.text, formats)),
    ),
    notice.mend !== undefined && el('p', { class: 'notice-mend' }, ...withCode(notice.mend)),
  );
}

function signFor(level: 'warn' | 'fail'): SVGSVGElement {
  const sign = icon(level);
  sign.classList.add('notice-sign');
  return sign;
}

function levelWord(level: 'warn' | 'fail'): string {
  return level === 'fail' ? 'Failure' : 'Warning';
}

/** Text with `commands` between backticks set as code. */
export function withCode(text: string): readonly Node[] {
  return escapeOdd(shorten(text, LENGTH_MAX))
    .split('`')
    .map((part, index) => (index % 2 === 1 ? el('code', {}, part) : document.createTextNode(part)));
}
