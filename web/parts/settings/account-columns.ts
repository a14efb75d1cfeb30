// Lines of the table of accounts.
import type { Account, AccountChange } from '../../../src/api/schemas/account.ts';
import type { Role } from '../../../src/api/schemas/session.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { escapeOdd } from '../../text/visible-text.ts';
import type { Column } from '../blocks/plain-table.ts';
import { ago } from '../blocks/when.ts';
import { endButton } from './settings-tables.ts';

export const ROLES: readonly (readonly [Role, string])[] = [
  ['viewer', 'sees denials, without arguments, records and names of users'],
  ['analyst', 'sees these too'],
  ['operator', 'also says what becomes of issues'],
  ['admin', 'also tokens, accounts, agents and the audit log'],
];

export interface AccountActions {
  change(account: Account, change: AccountChange): void;
  /** Another password is to be typed. */
  askPassword(account: Account): void;
  remove(account: Account): void;
}

export function accountColumns(nowMs: number, actions: AccountActions): readonly Column<Account>[] {
  return [
    {
      title: 'Name',
      cell: ({ name, disabled_at: at }) =>
        el(
          'span',
          { class: at !== undefined && 'is-past' },
          recordText(name),
          at !== undefined && el('span', { class: 'quiet' }, ', disabled'),
        ),
    },
    { title: 'Role', cell: (account) => roleSelect(account, actions) },
    { title: 'Signed in', cell: (account) => ago(account.signed_in_at, nowMs, 'never'), isNumber: true, isExtra: true },
    {
      title: 'Password set',
      cell: (account) => ago(account.password_changed_at, nowMs),
      isNumber: true,
      isExtra: true,
    },
    { title: 'Action', cell: (account) => accountButtons(account, actions), isNumber: true },
  ];
}

function roleSelect(account: Account, actions: AccountActions): HTMLElement {
  const select = el(
    'select',
    { class: 'field-input', 'aria-label': `Role of ${escapeOdd(account.name)}`, 'data-of': 'role' },
    ...ROLES.map(([role]) => el('option', { value: role }, role)),
  );
  select.value = account.role;
  select.addEventListener('change', () => {
    const role = ROLES[select.selectedIndex]?.[0];
    if (role !== undefined) actions.change(account, { role });
  });
  return select;
}

function accountButtons(account: Account, actions: AccountActions): HTMLElement {
  const isDisabled = account.disabled_at !== undefined;
  const name = escapeOdd(account.name);
  const able = smallButton(isDisabled ? 'Enable' : 'Disable', name, () =>
    actions.change(account, { disabled: !isDisabled }),
  );
  able.dataset.of = 'able';
  return el(
    'span',
    { class: 'button-row' },
    able,
    smallButton('Set password', name, () => actions.askPassword(account)),
    endButton('Remove', `Remove the account ${account.name}`, () => actions.remove(account)),
  );
}

function smallButton(word: string, name: string, onClick: () => void): HTMLButtonElement {
  const label = `${word}: ${name}`;
  const button = el('button', { class: 'button button-small', type: 'button', 'aria-label': label }, word);
  button.addEventListener('click', onClick);
  return button;
}
