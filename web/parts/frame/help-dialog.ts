// What the keys do, and what the query language can say.
import { el } from '../../dom/el.ts';
import { icon } from '../../dom/icon.ts';
import { chooseKeys, hasKeys } from '../../dom/keyboard.ts';
import { GO_KEYS } from '../../state/go-keys.ts';
import { QUERY_FIELDS } from '../../state/query-terms.ts';

export interface HelpDialog {
  readonly element: HTMLElement;
  open(): void;
}

const KEYS: readonly (readonly [keys: readonly string[], words: string])[] = [
  [['/'], 'search'],
  [['j', 'k'], 'next and previous row'],
  [['Enter'], 'open the row'],
  [['Esc'], 'close what is open'],
  [['[', ']'], 'the one before and after: in an open denial its neighbours, otherwise the time'],
  [['?'], 'this help'],
];

const EXAMPLES = [
  ['path:/etc/*', 'everything below /etc'],
  ['blocker:net.* not port:443', 'network, but for one port'],
  ['program:"/usr/bin/foo bar" or comm:foo', 'one or the other; quotes around blanks'],
  ['uid>=1000 and host:web-*', 'people, on some hosts'],
  ['ssh', 'anywhere in path, program or process name'],
] as const;

export function createHelpDialog(): HelpDialog {
  const close = el('button', { class: 'button button-icon', type: 'button', 'aria-label': 'Close' }, icon('close'));
  const dialog = el(
    'dialog',
    { class: 'help', 'aria-labelledby': 'help-title' },
    el('div', { class: 'help-head' }, el('h2', { id: 'help-title' }, 'Keys and queries'), close),
    el(
      'div',
      { class: 'help-body' },
      el(
        'section',
        {},
        el('h3', {}, 'Keys'),
        list(KEYS.map(([keys, words]) => [keyRow(keys), words])),
        el('h3', {}, 'Go to'),
        list(GO_KEYS.map(([letter, , title]) => [keyRow(['g', letter]), title])),
        keysChoice(),
      ),
      el(
        'section',
        {},
        el('h3', {}, 'Queries'),
        list(EXAMPLES.map(([query, words]) => [el('code', {}, query), words])),
        el('h3', {}, 'Fields'),
        list(QUERY_FIELDS.map(([name, words]) => [el('code', {}, name), words])),
      ),
    ),
  );
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  return { element: dialog, open: () => dialog.open || dialog.showModal() };
}

function keyRow(keys: readonly string[]): HTMLElement {
  return el('span', { class: 'key-row' }, ...keys.map((key) => el('kbd', {}, key)));
}

function list(rows: readonly (readonly [HTMLElement, string])[]): HTMLElement {
  return el(
    'dl',
    { class: 'help-list' },
    ...rows.flatMap(([term, words]) => [el('dt', {}, term), el('dd', {}, words)]),
  );
}

function keysChoice(): HTMLElement {
  const box = el('input', { type: 'checkbox' });
  box.checked = hasKeys();
  box.addEventListener('change', () => chooseKeys(box.checked));
  return el('label', { class: 'field-check' }, box, 'Keys work');
}
