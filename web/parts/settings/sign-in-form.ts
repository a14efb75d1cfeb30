// Name and password of whoever has an account. What is typed goes to the server alone and is kept nowhere.
import { el, fill } from '../../dom/el.ts';
import { signIn } from '../../net/api-client.ts';
import { sentences } from '../../text/sentences.ts';

/** `onSignedIn`: the browser has its session now. */
export function signInForm(onSignedIn: () => void): HTMLFormElement {
  const user = el('input', {
    id: 'sign-in-user',
    class: 'field-input',
    name: 'username',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: 64,
    required: true,
  });
  const password = el('input', {
    id: 'sign-in-password',
    class: 'field-input',
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    maxlength: 1_024,
    required: true,
  });
  const button = el('button', { type: 'submit', class: 'button button-main' }, 'Sign in');
  const said = el('p', { class: 'door-said', role: 'alert' });
  const form = el(
    'form',
    { class: 'door-form', 'aria-label': 'Sign in' },
    el('label', { for: 'sign-in-user' }, 'User'),
    user,
    el('label', { for: 'sign-in-password' }, 'Password'),
    password,
    button,
    said,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(said);
    void signIn(user.value, password.value).then((answer) => {
      button.disabled = false;
      password.value = '';
      if (answer.ok) {
        onSignedIn();
        return;
      }
      fill(said, sentences(answer.failure.message, answer.failure.hint));
      password.focus();
    });
  });
  return form;
}
