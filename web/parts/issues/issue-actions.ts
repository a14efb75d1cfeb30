// What people decide about an issue: resolve, archive, reopen. Says what was clicked and shows what became of it.
import type { IssueChange, IssueStatus } from '../../../src/api/schemas/issue.ts';
import { el, fill, setText } from '../../dom/el.ts';
import type { Failure } from '../../net/api-client.ts';
import { sentences } from '../../text/sentences.ts';
import { withCode } from '../blocks/notices.ts';

export interface IssueActions {
  readonly element: HTMLElement;
  update(status: IssueStatus, isChanging: boolean): void;
}

interface Action {
  readonly status: NonNullable<IssueChange['status']>;
  readonly title: string;
  readonly note: string;
  readonly said: string;
  readonly from: readonly IssueStatus[];
}

const ACTIONS: readonly Action[] = [
  {
    status: 'resolved',
    title: 'Resolve',
    note: 'It is mended: comes back as regressed if it is denied again',
    said: 'Resolved. If it is denied again, it comes back as regressed.',
    from: ['open', 'regressed', 'archived'],
  },
  {
    status: 'archived',
    title: 'Archive',
    note: 'It is known and will stay so: keeps it out of the other tabs',
    said: 'Archived. New denials are still counted here.',
    from: ['open', 'regressed', 'resolved'],
  },
  {
    status: 'open',
    title: 'Reopen',
    note: 'It has to be dealt with',
    said: 'Reopened.',
    from: ['resolved', 'archived', 'regressed'],
  },
];

export function createIssueActions(change: (change: IssueChange) => Promise<Failure | undefined>): IssueActions {
  const said = el('p', { class: 'issue-said', role: 'status' });
  const failed = el('div', { class: 'issue-failed', role: 'alert' });
  const buttons = ACTIONS.map((action) => {
    const element = el('button', { class: 'button', type: 'button', title: action.note }, action.title);
    element.addEventListener('click', () => void run(action, element));
    return { action, element };
  });
  const run = async (action: Action, clicked: HTMLElement): Promise<void> => {
    // A button that is switched off loses the focus, so another click is passed over instead.
    if (clicked.getAttribute('aria-disabled') === 'true') {
      return;
    }
    setText(said, '');
    fill(failed);
    const failure = await change({ status: action.status });
    if (failure === undefined) {
      setText(said, action.said);
      if (clicked.hidden) {
        buttons.find(({ element }) => !element.hidden)?.element.focus();
      }
    } else {
      fill(failed, failureLine(failure));
    }
  };
  return {
    element: el(
      'div',
      { class: 'issue-actions' },
      el('div', { class: 'button-row' }, ...buttons.map(({ element }) => element)),
      said,
      failed,
    ),
    update(status, isChanging) {
      for (const { action, element } of buttons) {
        element.hidden = !action.from.includes(status);
        element.setAttribute('aria-disabled', String(isChanging));
      }
    },
  };
}

/** Why something was not saved, in one line. */
export function failureLine(failure: Failure): HTMLElement {
  const request = failure.requestId && `Request \`${failure.requestId}\``;
  return el('p', {}, ...withCode(sentences('Not saved', failure.message, failure.hint, request)));
}
