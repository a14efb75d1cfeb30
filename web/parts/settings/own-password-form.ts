// Another password for oneself. All other browsers are signed out by it; this one gets other cookies with the answer.
import { el, fill } from '../../dom/el.ts';
import { putJson } from '../../net/api-client.ts';
import { passwordField } from '../blocks/password-field.ts';
import { failureText } from '../blocks/states.ts';

export interface OwnPasswordForm {
  readonly element: HTMLDetailsElement;
  /** For password managers; undefined: whoever looks has no password. */
  setName(name: string | undefined): void;
}

export function createOwnPasswordForm(onChanged: () => void): OwnPasswordForm {
  const user = el('input', { type: 'text', autocomplete: 'username', hidden: true, tabindex: -1, readonly: true });
  const old = passwordField('Present password', 'current-password');
  const next = passwordField('New password', 'new-password');
  const button = el('button', { class: 'button button-main', type: 'submit' }, 'Change password');
  const said = el('p', { class: 'form-said', role: 'status' });
  const form = el(
    'form',
    { class: 'token-form', 'aria-label': 'Change your password' },
    user,
    old.element,
    next.element,
    el('div', {}, button),
    said,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(said);
    const change = { old_password: old.input.value, password: next.input.value };
    void putJson('/session/password', change).then((answer) => {
      button.disabled = false;
      old.clear();
      if (answer.ok) {
        next.clear();
        fill(said, 'Changed. Other browsers of yours are signed out.');
        onChanged();
      } else {
        fill(said, failureText(answer.failure));
        old.input.focus();
      }
    });
  });
  const element = el('details', { class: 'card-fold', hidden: true }, el('summary', {}, 'Change your password'), form);
  return {
    element,
    setName(name) {
      element.hidden = name === undefined;
      user.value = name ?? '';
    },
  };
}
