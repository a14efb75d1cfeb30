// Makes a key for a program, and shows it this once.
import type { CreatedToken, Token } from '../../../src/api/schemas/token.ts';
import { el, fill } from '../../dom/el.ts';
import { postJson } from '../../net/api-client.ts';
import { copyButton, failureText } from '../blocks/states.ts';

export interface TokenForm {
  readonly element: HTMLElement;
}

const NAME_MAX = 100;
const SCOPES: readonly (readonly [Token['scopes'][number], string])[] = [
  ['read', 'see denials, without arguments and records'],
  ['read-sensitive', 'see these too'],
  ['write', 'say what becomes of issues'],
  ['admin', 'make tokens, end sessions, read the audit log'],
  ['ingest', 'deliver records'],
];
const DAYS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'a year'],
  ['', 'for good'],
] as const;

export function createTokenForm(onMade: () => void): TokenForm {
  const name = el('input', {
    class: 'field-input',
    type: 'text',
    maxlength: NAME_MAX,
    autocomplete: 'off',
    required: true,
  });
  const days = el('select', { class: 'field-input' }, ...DAYS.map(([value, words]) => el('option', { value }, words)));
  days.selectedIndex = 1;
  const boxes = SCOPES.map(([scope, words]) => {
    const box = el('input', { type: 'checkbox', value: scope });
    box.checked = scope === 'read';
    return {
      scope,
      box,
      element: el(
        'label',
        { class: 'field-check' },
        box,
        el('span', {}, scope, el('span', { class: 'quiet' }, ` ${words}`)),
      ),
    };
  });
  const button = el('button', { class: 'button button-main', type: 'submit' }, 'Make a token');
  const said = el('div', { class: 'token-said', role: 'status' });
  const form = el(
    'form',
    { class: 'token-form', 'aria-label': 'Make a token' },
    el(
      'div',
      { class: 'filter-bar' },
      el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'Name: who will use it'), name),
      el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'In force'), days),
    ),
    el(
      'fieldset',
      { class: 'token-scopes' },
      el('legend', { class: 'field-name' }, 'May'),
      ...boxes.map((one) => one.element),
    ),
    el('div', {}, button),
    said,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const scopes = boxes.filter(({ box }) => box.checked).map(({ scope }) => scope);
    if (name.value.trim() === '' || scopes.length === 0) {
      fill(said, 'A token needs a name, and something that it may do.');
      return;
    }
    button.disabled = true;
    const expires = days.value === '' ? {} : { expires_in_days: Number(days.value) };
    void postJson<CreatedToken>('/tokens', { name: name.value.trim(), scopes, ...expires }).then((answer) => {
      button.disabled = false;
      if (answer.ok) {
        name.value = '';
        fill(said, ...madeWords(answer.value.token));
        onMade();
      } else {
        fill(said, failureText(answer.failure));
      }
    });
  });
  return { element: form };
}

function madeWords(token: string): readonly HTMLElement[] {
  return [
    el('p', {}, 'Keep it now: it is shown this once.'),
    el(
      'div',
      { class: 'command' },
      el('code', {}, token),
      copyButton(() => token, 'Copy'),
    ),
  ];
}
