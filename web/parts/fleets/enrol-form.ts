// Makes an enrolment token and shows, once, the command that a host has to run.
import type { Status } from '../../../src/api/schemas/status.ts';
import type { CreatedToken } from '../../../src/api/schemas/token.ts';
import { el, fill } from '../../dom/el.ts';
import { postJson } from '../../net/api-client.ts';
import { enrolCommand, enrolNote, type Label, parseLabels } from '../../state/enrol-command.ts';
import { withCode } from '../blocks/notices.ts';
import { commandLine, failureText } from '../blocks/states.ts';

export interface EnrolForm {
  readonly element: HTMLFormElement;
  /** Of the server: what hosts can know it by. */
  setCertificate(certificate: Status['certificate']): void;
}

const FLEET = '[a-z0-9][a-z0-9._\\-]{0,62}';
const USES_MAX = 1_000_000;
const DAYS = [
  ['1', 'a day'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['365', 'a year'],
] as const;

export function createEnrolForm(onMade: () => void): EnrolForm {
  let certificate: Status['certificate'];
  const fleet = textField({ required: true, pattern: FLEET, maxlength: 63, placeholder: 'default' });
  fleet.value = 'default';
  const labels = textField({ maxlength: 2_000, placeholder: 'role=web rack=4' });
  const uses = el('input', { class: 'field-input', type: 'number', min: 1, max: USES_MAX, value: '1' });
  const days = el('select', { class: 'field-input' }, ...DAYS.map(([value, words]) => el('option', { value }, words)));
  days.selectedIndex = 1;
  const approval = el('input', { type: 'checkbox' });
  const said = el('div', { class: 'token-said', role: 'status' });
  const button = el('button', { class: 'button button-main', type: 'submit' }, 'Make the command');
  const element = el(
    'form',
    { class: 'token-form', 'aria-label': 'Add hosts' },
    el(
      'div',
      { class: 'filter-bar' },
      named('Fleet', fleet),
      named('How many hosts (empty: any)', uses),
      named('Within', days),
      named('Labels', labels, 'field-wide'),
    ),
    el('label', { class: 'field-check' }, approval, 'Each host waits until somebody approves it'),
    el('div', {}, button),
    said,
  );
  const show = (token: string, chosen: readonly Label[]): void => {
    const facts = { origin: location.origin, token, labels: chosen, certificate };
    fill(
      said,
      el('p', {}, 'Run this on each host, as root. The token in it is shown this once.'),
      commandLine(enrolCommand(facts)),
      el('p', { class: 'quiet' }, ...withCode(enrolNote(facts))),
    );
  };
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = parseLabels(labels.value);
    if (typeof chosen === 'string') {
      fill(said, chosen);
      return;
    }
    button.disabled = true;
    const body = {
      name: `hosts of ${fleet.value}`,
      scopes: ['enroll'],
      expires_in_days: Number(days.value),
      enrolment: {
        fleet: fleet.value,
        needs_approval: approval.checked,
        ...(uses.value === '' ? {} : { uses_max: Number(uses.value) }),
      },
    };
    void postJson<CreatedToken>('/tokens', body).then((answer) => {
      button.disabled = false;
      if (answer.ok) {
        show(answer.value.token, chosen);
        onMade();
      } else {
        fill(said, failureText(answer.failure));
      }
    });
  });
  return {
    element,
    setCertificate(next) {
      certificate = next;
    },
  };
}

function textField(attributes: Parameters<typeof el>[1]): HTMLInputElement {
  return el('input', { class: 'field-input', type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes });
}

function named(name: string, field: HTMLElement, also = ''): HTMLElement {
  return el('label', { class: `field ${also}` }, el('span', { class: 'field-name' }, name), field);
}
