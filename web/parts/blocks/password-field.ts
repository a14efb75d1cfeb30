// A field for a password, which may be shown while it is typed. What is typed goes to the server alone.
import { el } from '../../dom/el.ts';

/** The server takes no shorter ones. */
export const PASSWORD_LEAST = 12;
const PASSWORD_MAX = 1_024;

export interface PasswordField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** Forgets what was typed, and hides it again. */
  clear(): void;
}

/** `kind` tells password managers what it is. */
export function passwordField(title: string, kind: 'current-password' | 'new-password'): PasswordField {
  const isNew = kind === 'new-password';
  const input = el('input', {
    class: 'field-input',
    type: 'password',
    autocomplete: kind,
    maxlength: PASSWORD_MAX,
    minlength: isNew && PASSWORD_LEAST,
    required: true,
  });
  const show = el('button', { class: 'button button-small', type: 'button', 'aria-pressed': 'false' }, 'Show');
  show.setAttribute('aria-label', `Show: ${title}`);
  const reveal = (isShown: boolean): void => {
    input.type = isShown ? 'text' : 'password';
    show.setAttribute('aria-pressed', String(isShown));
  };
  show.addEventListener('click', () => reveal(input.type === 'password'));
  const words = isNew ? `${title}, at least ${PASSWORD_LEAST} characters` : title;
  return {
    element: el(
      'div',
      { class: 'password-field' },
      el('label', { class: 'field' }, el('span', { class: 'field-name' }, words), input),
      show,
    ),
    input,
    clear() {
      input.value = '';
      reveal(false);
    },
  };
}
