// Who, and when: a name or number, a moment, and how much around it.
import type { UserAnswer } from '../../../src/api/schemas/user.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { choosesUtc } from '../../dom/time-zone.ts';
import { type View, without } from '../../state/page-address.ts';
import { parseTime, typedTime } from '../../state/typed-time.ts';
import { nameOf, uidOf } from '../../state/user-names.ts';
import { escapeOdd } from '../../text/visible-text.ts';

export interface PersonForm {
  readonly element: HTMLElement;
  update(view: View, users: readonly UserAnswer[]): void;
}

const MINUTE_MS = 60_000;
const AROUND: readonly (readonly [minutes: number, words: string])[] = [
  [2, '2 minutes around'],
  [10, '10 minutes around'],
  [60, 'an hour around'],
  [720, 'the day around'],
];
const AROUND_AT_FIRST = 1;

export function createPersonForm(navigate: (view: View) => void): PersonForm {
  let view: View | undefined;
  let users: readonly UserAnswer[] = [];
  const names = el('datalist', { id: 'known-users' });
  const user = el('input', {
    class: 'field-input',
    type: 'text',
    list: 'known-users',
    placeholder: 'alice, or 1000',
    'data-search': true,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'none',
  });
  const time = el('input', {
    class: 'field-input',
    type: 'text',
    placeholder: '14:05, yesterday 9:30',
    spellcheck: 'false',
    autocomplete: 'off',
  });
  const around = el(
    'select',
    { class: 'field-input' },
    ...AROUND.map(([minutes, words]) => el('option', { value: minutes }, words)),
  );
  around.selectedIndex = AROUND_AT_FIRST;
  const said = el('p', { class: 'query-mistake', role: 'alert' });
  const form = el(
    'form',
    { class: 'filter-bar', role: 'search', 'aria-label': 'Why was somebody refused?' },
    field('Who', user),
    field('When (empty: the time above)', time),
    field('How much of it', around),
    el('button', { class: 'button button-main', type: 'submit' }, 'Why?'),
    names,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const uid = uidOf(user.value, users);
    const atMs = time.value.trim() === '' ? undefined : parseTime(time.value, Date.now());
    if (view === undefined || uid === undefined) {
      setText(
        said,
        'Nobody of that name was refused anything in this time. Type the number of the user, or take a longer time.',
      );
      return;
    }
    if (atMs === undefined && time.value.trim() !== '') {
      setText(said, 'The time is not understood. Try 14:05, yesterday 9:30 or 2026-03-01 10:00.');
      return;
    }
    setText(said, '');
    const halfMs = (AROUND[around.selectedIndex]?.[0] ?? 0) * MINUTE_MS;
    const range =
      atMs === undefined ? view.range : ({ kind: 'fixed', fromMs: atMs - halfMs, toMs: atMs + halfMs } as const);
    navigate({ ...without(view, 'denial'), range, user: uid });
  });
  return {
    element: el('div', {}, form, said),
    update(next, known) {
      if (view?.user !== next.user && next.user !== undefined && document.activeElement !== user) {
        user.value = next.user;
      }
      // By the name, once it is known: that is how people were asked for.
      if (user.value === next.user && document.activeElement !== user) {
        const name = nameOf(next.user, known) ?? user.value;
        user.value = escapeOdd(name) === name ? name : user.value;
      }
      if (next.range.kind === 'fixed' && view?.range !== next.range && document.activeElement !== time) {
        time.value = typedTime((next.range.fromMs + next.range.toMs) / 2, choosesUtc());
      }
      view = next;
      if (users !== known) {
        users = known;
        fill(
          names,
          ...known.flatMap(({ uid, names: called = [] }) =>
            called.map(({ name }) => el('option', { value: escapeOdd(name) }, `uid ${uid}`)),
          ),
        );
      }
    },
  };
}

function field(title: string, input: HTMLElement): HTMLElement {
  return el('label', { class: 'field' }, el('span', { class: 'field-name' }, title), input);
}
