// Lines of the tables of the settings: tokens, browsers, acts of administration.
import type { AdminAct } from '../../../src/api/schemas/admin-act.ts';
import type { OpenSession, Session } from '../../../src/api/schemas/session.ts';
import type { Token } from '../../../src/api/schemas/token.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { factsList } from '../blocks/facts-list.ts';
import type { Column } from '../blocks/plain-table.ts';
import { ago } from '../blocks/when.ts';

const DETAIL_MAX = 200;

export function sessionFacts(session: Session, formats: TimeFormats, nowMs: number): HTMLElement {
  const time = (at: string | undefined) => at && formats.short(Date.parse(at), nowMs);
  const list = factsList([
    ['Signed in as', session.name ?? (session.kind === 'session' ? 'the owner of a sign-in link' : session.kind)],
    ['Role', session.role],
    ['May', session.scopes.join(', ')],
    ['Until', time(session.expires_at)],
    ['If unused, until', time(session.idle_expires_at)],
  ]);
  list.classList.add('card-body');
  return list;
}

export function tokenColumns(nowMs: number, onRevoke: (token: Token) => void): readonly Column<Token>[] {
  return [
    {
      title: 'Name',
      cell: ({ name, state }) =>
        el(
          'span',
          { class: state !== 'in force' && 'is-past' },
          recordText(name),
          state !== 'in force' && el('span', { class: 'quiet' }, `, ${state}`),
        ),
    },
    { title: 'May', cell: ({ scopes }) => scopes.join(', ') },
    { title: 'Made', cell: (token) => ago(token.created_at, nowMs), isNumber: true, isExtra: true },
    { title: 'Used', cell: (token) => ago(token.used_at, nowMs), isNumber: true },
    {
      title: 'Expires',
      cell: ({ expires_at: at }) => (at === undefined ? 'never' : dayOf(at)),
      isNumber: true,
      isExtra: true,
    },
    {
      title: 'Action',
      cell: (token) =>
        token.state === 'in force' && endButton('Revoke', `Revoke the token ${token.name}`, () => onRevoke(token)),
      isNumber: true,
    },
  ];
}

export function sessionColumns(nowMs: number, onEnd: (session: OpenSession) => void): readonly Column<OpenSession>[] {
  return [
    {
      title: 'Who',
      cell: ({ user, current, role }) =>
        el(
          'span',
          {},
          recordText(user ?? 'sign-in link'),
          el('span', { class: 'quiet' }, ` ${role}${current ? ', this browser' : ''}`),
        ),
    },
    { title: 'From', cell: ({ address }) => recordText(address), isExtra: true },
    {
      title: 'Browser',
      cell: ({ agent }) =>
        el('span', { class: 'clip agent-name', title: escapeOdd(shorten(agent, 400)) }, recordText(agent)),
      isExtra: true,
    },
    { title: 'Begun', cell: (session) => ago(session.created_at, nowMs), isNumber: true, isExtra: true },
    { title: 'Used', cell: (session) => ago(session.used_at, nowMs), isNumber: true },
    {
      title: 'Action',
      cell: (session) =>
        !session.current &&
        endButton('End', `End the session of ${session.user ?? 'a sign-in link'} from ${session.address}`, () =>
          onEnd(session),
        ),
      isNumber: true,
    },
  ];
}

export function actColumns(formats: TimeFormats, nowMs: number): readonly Column<AdminAct>[] {
  return [
    {
      title: 'When',
      cell: ({ at }) =>
        el('time', { datetime: at, title: formatUtc(Date.parse(at)) }, formats.short(Date.parse(at), nowMs)),
    },
    {
      title: 'Who',
      cell: ({ actor }) =>
        el(
          'span',
          {},
          recordText(actor.name),
          el('span', { class: 'quiet' }, ` ${actor.kind}${actor.address === undefined ? '' : ' '}`),
          actor.address !== undefined && recordText(actor.address),
        ),
    },
    {
      title: 'What',
      cell: ({ action, outcome }) =>
        el('span', {}, recordText(action), outcome === 'refused' && el('span', { class: 'is-warning' }, ' refused')),
    },
    {
      title: 'To',
      cell: ({ target }) => target !== undefined && el('span', { class: 'clip act-target' }, recordText(target)),
      isExtra: true,
    },
    {
      title: 'Detail',
      cell: ({ detail }) =>
        detail && recordText(shorten(JSON.stringify(detail), DETAIL_MAX), { class: 'mono act-detail' }),
      isExtra: true,
    },
  ];
}

/** Asks once more before it does what cannot be undone. */
export function endButton(word: string, words: string, onConfirm: () => void): HTMLElement {
  const label = escapeOdd(shorten(words, DETAIL_MAX));
  const button = el('button', { class: 'button button-small', type: 'button', 'aria-label': label }, word);
  let isAsked = false;
  button.addEventListener('click', () => {
    if (isAsked) {
      button.disabled = true;
      onConfirm();
      return;
    }
    isAsked = true;
    button.textContent = `${word}: sure?`;
    button.setAttribute('aria-label', `${word}: sure? ${label}`);
    button.classList.add('button-danger');
  });
  button.addEventListener('blur', () => {
    isAsked = false;
    button.textContent = word;
    button.setAttribute('aria-label', label);
    button.classList.remove('button-danger');
  });
  return button;
}

export function dayOf(at: string): HTMLElement {
  return el('time', { datetime: at }, at.slice(0, 10));
}
