// What people wrote about an issue and who looks after it, to be read and to be changed.
import type { IssueAnswer, IssueChange } from '../../../src/api/schemas/issue.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { recordLines, recordText } from '../../dom/record-text.ts';
import type { Failure } from '../../net/api-client.ts';
import { failureLine } from './issue-actions.ts';

export interface IssueNoteOptions {
  /** The issue as the server has it now. */
  check(): Promise<Failure | undefined>;
  change(change: IssueChange): Promise<Failure | undefined>;
}

export interface IssueNote {
  readonly element: HTMLElement;
  update(issue: IssueAnswer): void;
}

/** As the server has them. */
const NOTE_MAX = 4_000;
const ASSIGNEE_MAX = 200;

interface Texts {
  readonly note: string;
  readonly assignee: string;
}

export function createIssueNote({ check, change }: IssueNoteOptions): IssueNote {
  const shown = el('div', { class: 'issue-note' });
  const edit = el('button', { class: 'button', type: 'button' }, 'Edit');
  const assignee = el('input', { class: 'field-input', type: 'text', maxlength: ASSIGNEE_MAX, autocomplete: 'off' });
  const note = el('textarea', { class: 'field-input', rows: 5, maxlength: NOTE_MAX });
  const save = el('button', { class: 'button button-main', type: 'submit' }, 'Save');
  const cancel = el('button', { class: 'button', type: 'button' }, 'Cancel');
  const said = el('p', { class: 'issue-said', role: 'status' });
  const failed = el('div', { class: 'issue-failed', role: 'alert' });
  const form = el(
    'form',
    { class: 'issue-form', 'aria-label': 'Note and assignee', hidden: true },
    field('Looked after by', assignee),
    field('Note', note),
    el('div', { class: 'button-row' }, save, cancel),
  );
  let current: Texts = { note: '', assignee: '' };
  /** What the server had when the editing began. */
  let base = current;
  const open = (isOpen: boolean): void => {
    form.hidden = !isOpen;
    shown.hidden = isOpen;
    edit.hidden = isOpen;
  };
  const close = (): void => {
    open(false);
    edit.focus();
  };
  edit.addEventListener('click', () => {
    base = current;
    assignee.value = base.assignee;
    note.value = base.note;
    setText(said, '');
    fill(failed);
    open(true);
    note.focus();
  });
  cancel.addEventListener('click', close);
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      close();
    }
  });
  const submit = async (): Promise<void> => {
    fill(failed);
    const failure = await check();
    if (failure !== undefined) {
      fill(failed, failureLine(failure));
      return;
    }
    if (!isSame(current, base)) {
      base = current;
      fill(failed, conflict(current));
      return;
    }
    const refused = await change({ note: note.value.trim(), assignee: assignee.value.trim() });
    if (refused !== undefined) {
      fill(failed, failureLine(refused));
      return;
    }
    setText(said, 'Saved.');
    close();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!save.disabled) {
      save.disabled = true;
      void submit().finally(() => {
        save.disabled = false;
      });
    }
  });
  let drawn = '';
  return {
    element: el('div', {}, shown, form, el('div', { class: 'button-row' }, edit), said, failed),
    update(issue) {
      current = { note: issue.note ?? '', assignee: issue.assignee ?? '' };
      const key = JSON.stringify(current);
      if (key !== drawn) {
        drawn = key;
        fill(shown, ...textsOf(current));
      }
    },
  };
}

function textsOf({ note, assignee }: Texts): readonly Node[] {
  return [
    el('p', {}, el('span', { class: 'quiet' }, 'Looked after by '), assignee === '' ? 'nobody' : recordText(assignee)),
    note === '' ? el('p', { class: 'quiet' }, 'No note.') : recordLines(note),
  ];
}

function conflict(texts: Texts): HTMLElement {
  return el(
    'div',
    {},
    el('p', {}, 'Not saved: someone else has changed this meanwhile, to what stands here. Save again to replace it.'),
    ...textsOf(texts),
  );
}

function isSame(a: Texts, b: Texts): boolean {
  return a.note === b.note && a.assignee === b.assignee;
}

function field(title: string, input: HTMLElement): HTMLElement {
  return el('label', { class: 'field' }, el('span', { class: 'field-name' }, title), input);
}
