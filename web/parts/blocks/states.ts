// What stands in the place of a table or a chart while it loads, when it failed, and when there is nothing in it.

import { el } from '../../dom/el.ts';
import type { Failure } from '../../net/api-client.ts';
import type { EmptyReason } from '../../state/empty-reason.ts';
import { listOf, toAddress, type View, without } from '../../state/page-address.ts';
import { dayAround } from '../../state/time-range.ts';
import { formatAgo } from '../../text/format-time.ts';
import { sentences } from '../../text/sentences.ts';
import { escapeOdd } from '../../text/visible-text.ts';
import { withCode } from './notices.ts';

export function loadingBox(what: string): HTMLElement {
  return el(
    'div',
    { class: 'placeholder', role: 'status' },
    el('span', { class: 'off-screen' }, `Loading ${what}…`),
    el('div', { class: 'placeholder-bar' }),
    el('div', { class: 'placeholder-bar' }),
    el('div', { class: 'placeholder-bar' }),
  );
}

export function failedBox(what: string, failure: Failure, onRetry: () => void): HTMLElement {
  const retry = el('button', { class: 'button', type: 'button' }, 'Try again');
  retry.addEventListener('click', onRetry);
  return el(
    'div',
    { class: 'empty', role: 'alert', 'data-empty': 'failed' },
    el('p', { class: 'empty-title' }, `${what} could not be loaded`),
    el('p', {}, ...withCode(sentences(failure.message, failure.hint))),
    failure.requestId !== undefined && el('p', { class: 'quiet' }, 'Request ', el('code', {}, failure.requestId)),
    retry,
  );
}

/** In the place of one thing that the server does not have: the way to those that it has. */
export function missingBox(what: string, view: View): HTMLElement {
  const list = listOf(view);
  return el(
    'div',
    { class: 'empty', role: 'alert', 'data-empty': 'missing' },
    el('p', { class: 'empty-title' }, `${what} is not here`),
    el(
      'p',
      {},
      'The server has none of this name. It may have gone with what became too old, it may be of another server, or a part of the link is missing.',
    ),
    el('a', { class: 'button', href: toAddress({ page: list, range: view.range }) }, `All ${list}`),
  );
}

/** `missingBox` where that is why, otherwise `failedBox`. */
export function notShownBox(what: string, failure: Failure, view: View, onRetry: () => void): HTMLElement {
  return failure.kind === 'missing' ? missingBox(what, view) : failedBox(what, failure, onRetry);
}

/** In one line, where there is no room for more. */
export function failureText({ message, hint, requestId }: Failure): string {
  return escapeOdd(sentences(message, hint, requestId && `Request ${requestId}`));
}

/** What a list is of. */
export type Noun = 'denial' | 'domain' | 'program' | 'issue';

/** Why there is nothing to show, and what to do about it. */
export function emptyBox(reason: EmptyReason, view: View, nowMs: number, noun: Noun = 'denial'): HTMLElement {
  switch (reason.kind) {
    case 'broken':
      return el(
        'div',
        { class: 'empty', 'data-empty': 'broken' },
        el('p', { class: 'empty-title' }, `No ${noun}s, but that does not mean that there were none`),
        el(
          'ul',
          { class: 'empty-list' },
          ...reason.problems.map((problem) =>
            el(
              'li',
              { 'data-level': problem.severity },
              el('p', {}, ...withCode(problem.message)),
              el('p', {}, ...withCode(problem.mend)),
            ),
          ),
        ),
      );
    case 'filtered':
      return el(
        'div',
        { class: 'empty', 'data-empty': 'filtered' },
        el('p', { class: 'empty-title' }, 'Nothing matches'),
        el('p', {}, `No ${noun} in this time fits the filters above.`),
        el('a', { class: 'button', href: toAddress(withoutFilters(view)) }, 'Remove the filters'),
      );
    case 'elsewhere':
      return el(
        'div',
        { class: 'empty', 'data-empty': 'elsewhere' },
        el('p', { class: 'empty-title' }, `No ${noun}s in this time`),
        el(
          'p',
          {},
          `The newest denial that is stored is ${formatAgo(reason.newestMs, nowMs).replace(' ago', '')} old.`,
        ),
        el(
          'a',
          { class: 'button', href: toAddress({ ...without(view, 'denial'), range: dayAround(reason.newestMs) }) },
          'Show that day',
        ),
      );
    case 'quiet':
      return quietBox(reason.canarySeen, noun);
  }
}

function withoutFilters({ page, range, tab }: View): View {
  return { page, range, ...(tab === undefined ? {} : { tab }) };
}

const QUIET_WORDS: Readonly<Record<Noun, readonly [string, string]>> = {
  denial: ['Landlock refused nothing in this time', 'New denials appear here by themselves.'],
  domain: [
    'No domain was heard of in this time',
    'The kernel logs a domain with the first denial in it; then it appears here by itself.',
  ],
  issue: [
    'No open issue in this time',
    'A new kind of denial appears here by itself. Issues that were archived or resolved have tabs of their own.',
  ],
  program: [
    'No program was heard of in this time',
    'A program appears here with the first denial in a sandbox of its, or with its first sandbox where audit rules watch for them.',
  ],
};

function quietBox(canarySeen: boolean, noun: Noun): HTMLElement {
  const [title, later] = QUIET_WORDS[noun];
  return el(
    'div',
    { class: 'empty', 'data-empty': 'quiet' },
    el('p', { class: 'empty-title' }, title),
    el('p', {}, canarySeen ? `The way from the kernel to this page works: the canary came through. ${later}` : later),
    el('p', {}, 'To see some harmless ones, run this on that machine:'),
    commandLine('trespass demo'),
  );
}

/** A command with a button that copies it. */
export function commandLine(command: string): HTMLElement {
  const copy = copyButton(() => command, 'Copy');
  return el('div', { class: 'command' }, el('code', {}, command), copy);
}

/** A button that puts a text on the clipboard and says so. */
export function copyButton(text: () => string, words: string): HTMLElement {
  const button = el('button', { class: 'button button-bare', type: 'button' }, words);
  const say = (said: string): void => {
    button.textContent = said;
    setTimeout(() => {
      button.textContent = words;
    }, 1_500);
  };
  button.addEventListener('click', () => {
    // Without TLS browsers offer the clipboard on loopback only.
    if (navigator.clipboard === undefined) {
      say('Not allowed here');
      return;
    }
    navigator.clipboard.writeText(text()).then(
      () => say('Copied'),
      () => say('Not allowed here'),
    );
  });
  return button;
}
