// People who sign in with a password: who they are, what each may, and another one. For administrators.
import type { Account, AccountChange } from '../../../src/api/schemas/account.ts';
import { el, fill } from '../../dom/el.ts';
import { type Answer, deleteAt, type Failure, patchJson, postJson, putJson } from '../../net/api-client.ts';
import { countOf } from '../../text/format-number.ts';
import { escapeOdd } from '../../text/visible-text.ts';
import { createAnswerCard, nothingBox } from '../blocks/answer-card.ts';
import { passwordField } from '../blocks/password-field.ts';
import { plainTable } from '../blocks/plain-table.ts';
import { failureText } from '../blocks/states.ts';
import { accountColumns, ROLES } from './account-columns.ts';

export interface AccountsPanel {
  readonly element: HTMLElement;
  update(accounts: { readonly value?: readonly Account[]; readonly failure?: Failure }, nowMs: number): void;
}

const NAME_MAX = 64;

/** `onChanged`: the accounts are to be asked for again. */
export function createAccountsPanel(onChanged: () => void): AccountsPanel {
  const said = el('p', { class: 'form-said', role: 'status' });
  const say = (answer: Answer<unknown>, words: string): void => {
    fill(said, answer.ok ? words : failureText(answer.failure));
    changes += 1;
    onChanged();
  };
  /** Counts what was done here: the table shows it even where the focus is in it. */
  let changes = 0;
  const passwordForm = createPasswordForm(say);
  const addForm = createAddForm(say);
  const card = createAnswerCard<readonly Account[]>({
    title: 'Accounts of people',
    what: 'The accounts',
    onRetry: onChanged,
    foot: el('div', {}, el('div', { class: 'card-said' }, said), passwordForm.element, addForm),
  });
  card.element.classList.add('accounts');
  const actions = {
    change: ({ name }: Account, change: AccountChange) =>
      void patchJson(pathOf(name), change).then((answer) => say(answer, changedWords(name, change))),
    askPassword: ({ name }: Account) => passwordForm.ask(name),
    remove: ({ name }: Account) =>
      void deleteAt(pathOf(name)).then((answer) => say(answer, `The account ${escapeOdd(name)} is removed.`)),
  };
  return {
    element: card.element,
    update(accounts, nowMs) {
      const count = accounts.value?.length;
      card.setNote(count === undefined ? '' : countOf(count, 'account'));
      const focus = focusIn(card.element);
      card.update(accounts, [Math.floor(nowMs / 60_000), changes], (all) =>
        all.length === 0
          ? nothingBox('None yet: people sign in by links that root makes.')
          : plainTable('Accounts', accountColumns(nowMs, actions), all),
      );
      focus.restore();
    },
  };
}

/** Where the focus is in a table that is made anew, it goes to the same field of the same row. */
function focusIn(element: HTMLElement): { restore(): void } {
  const field = document.activeElement;
  const row = field?.closest('tbody tr');
  const of = field instanceof HTMLElement ? field.dataset.of : undefined;
  const index = row === null || row === undefined ? -1 : [...(row.parentElement?.children ?? [])].indexOf(row);
  return {
    restore() {
      if (index >= 0 && of !== undefined && element.contains(field) === false) {
        const rows = element.querySelectorAll('tbody tr');
        rows[index]?.querySelector<HTMLElement>(`[data-of="${of}"]`)?.focus();
      }
    },
  };
}

function pathOf(name: string): string {
  return `/accounts/${encodeURIComponent(name)}`;
}

function changedWords(name: string, { role, disabled }: AccountChange): string {
  const words = role !== undefined ? `has the role ${role} now` : disabled === true ? 'is disabled' : 'is enabled';
  return `${escapeOdd(name)} ${words}, and is signed out everywhere.`;
}

type Say = (answer: Answer<unknown>, words: string) => void;

function createPasswordForm(say: Say): { readonly element: HTMLElement; ask(name: string): void } {
  let name = '';
  const title = el('p', { class: 'form-title' });
  const password = passwordField('New password', 'new-password');
  const button = el('button', { class: 'button button-main', type: 'submit' }, 'Set password');
  const leave = el('button', { class: 'button', type: 'button' }, 'Leave it');
  const form = el(
    'form',
    { class: 'token-form', 'aria-label': 'Set a password', hidden: true },
    title,
    password.element,
    el('div', { class: 'button-row' }, button, leave),
  );
  const close = (): void => {
    password.clear();
    form.hidden = true;
  };
  leave.addEventListener('click', close);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    void putJson(`${pathOf(name)}/password`, { password: password.input.value }).then((answer) => {
      button.disabled = false;
      if (answer.ok) close();
      say(answer, `${escapeOdd(name)} has another password, and is signed out everywhere.`);
    });
  });
  return {
    element: form,
    ask(next) {
      name = next;
      fill(title, `Another password for ${escapeOdd(next)}`);
      password.clear();
      form.hidden = false;
      password.input.focus();
    },
  };
}

function createAddForm(say: Say): HTMLElement {
  const name = el('input', {
    class: 'field-input',
    type: 'text',
    maxlength: NAME_MAX,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    required: true,
  });
  const role = el(
    'select',
    { class: 'field-input' },
    ...ROLES.map(([value, words]) => el('option', { value }, `${value}: ${words}`)),
  );
  const password = passwordField('Password', 'new-password');
  const button = el('button', { class: 'button button-main', type: 'submit' }, 'Add the account');
  const form = el(
    'form',
    { class: 'token-form', 'aria-label': 'Add an account' },
    el(
      'div',
      { class: 'filter-bar' },
      el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'Name'), name),
      el('label', { class: 'field field-wide' }, el('span', { class: 'field-name' }, 'Role'), role),
    ),
    password.element,
    el('div', {}, button),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    const account = { name: name.value.trim(), role: ROLES[role.selectedIndex]?.[0], password: password.input.value };
    void postJson('/accounts', account).then((answer) => {
      button.disabled = false;
      if (answer.ok) {
        name.value = '';
        password.clear();
      }
      say(answer, `${escapeOdd(account.name)} may sign in.`);
    });
  });
  return el('details', { class: 'card-fold' }, el('summary', {}, 'Add an account'), form);
}
