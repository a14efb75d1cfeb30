// What someone without a session sees: how to get one. Nothing here needs the server.
import { el } from '../dom/el.ts';
import { mark } from '../dom/icon.ts';
import { commandLine } from '../parts/states.ts';

export function signedOutPage(): HTMLElement {
  return el(
    'main',
    { class: 'door', id: 'content' },
    el(
      'div',
      { class: 'card door-card' },
      el('div', { class: 'brand' }, mark(), el('span', { class: 'brand-name' }, 'Trespass')),
      el('h1', {}, 'You are not signed in'),
      el(
        'p',
        {},
        'Denials tell what people and programs do on a machine, so this page is not for everyone who can reach it, on the same machine neither. There is no password: a link that works once signs you in.',
      ),
      el(
        'ul',
        { class: 'door-ways' },
        el('li', {}, 'Make a new link, as root on the server’s machine, and open it:', commandLine('trespass link')),
        el('li', {}, 'The first link is printed when the server starts:', commandLine('trespass run')),
      ),
    ),
  );
}
