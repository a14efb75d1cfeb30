// What someone without a session sees: how to get one. Apart from the form nothing here needs the server.
import { el } from '../dom/el.ts';
import { mark } from '../dom/icon.ts';
import { commandLine } from '../parts/blocks/states.ts';
import { signInForm } from '../parts/settings/sign-in-form.ts';

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
        'Denials tell what people and programs do on a machine, so this page is not for everyone who can reach it, on the same machine neither.',
      ),
      signInForm(() => location.reload()),
      el(
        'ul',
        { class: 'door-ways' },
        el(
          'li',
          {},
          'No account, but root on the server’s machine? A link signs in once:',
          commandLine('trespass link'),
        ),
        el('li', {}, 'An account for somebody:', commandLine('trespass user add NAME --role viewer')),
      ),
    ),
  );
}
