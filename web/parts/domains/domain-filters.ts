// What narrows the list of domains: choices that change the address, which changes the list.
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import type { HostAnswer } from '../../../src/api/schemas/host.ts';
import { el, fill } from '../../dom/el.ts';
import { STATUS_WORDS } from '../../state/domain-words.ts';
import { DOMAIN_STATUSES, isNarrowed, toAddress, toPage, type View, without } from '../../state/page-address.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';

export interface DomainFilters {
  readonly element: HTMLElement;
  update(view: View, hosts: readonly HostAnswer[], domains: readonly DomainAnswer[]): void;
}

interface Choice {
  readonly value: string;
  readonly text: string;
}

/** Of hosts and of boots in a list to choose from. */
const CHOICES_MAX = 500;
const TEXT_MAX = 60;

export function createDomainFilters(navigate: (view: View) => void): DomainFilters {
  let view: View | undefined;
  const go = (change: (view: View) => View): void => {
    if (view !== undefined) {
      navigate(change(view));
    }
  };
  const host = createSelect('Host', 'all hosts', (value) =>
    go((old) => withFilter(without(old, 'boot'), 'host', value)),
  );
  const boot = createSelect('Boot', 'all boots', (value) => go((old) => withBoot(old, value)));
  const status = createSelect('State', 'any state', (value) => go((old) => withFilter(old, 'status', value)));
  const program = createInput('Program', (value) => go((old) => withFilter(old, 'program', value)));
  const has = createCheckbox('with denials that are not logged', (isOn) =>
    go((old) => withFilter(old, 'has', isOn ? 'unlogged' : '')),
  );
  const clear = el('a', { class: 'button button-bare', href: '/domains' }, 'Remove the filters');
  const element = el(
    'form',
    { class: 'filter-bar', role: 'search', 'aria-label': 'Filter the domains' },
    ...[host, boot, program, status, has].map((field) => field.element),
    clear,
  );
  element.addEventListener('submit', (event) => event.preventDefault());
  status.setChoices(DOMAIN_STATUSES.map((value) => ({ value, text: STATUS_WORDS[value] })));
  return {
    element,
    update(next, hosts, domains) {
      view = next;
      host.setChoices(hosts.slice(0, CHOICES_MAX).map((one) => ({ value: one.id, text: one.name })));
      host.set(next.host ?? '');
      boot.setChoices(bootChoices(domains, next.host !== undefined));
      boot.set(next.boot === undefined ? '' : bootValue(next.host ?? '', next.boot));
      status.set(next.status ?? '');
      program.set(next.program ?? '');
      has.set(next.has === 'unlogged');
      clear.hidden = !isNarrowed(next);
      clear.href = toAddress({ page: 'domains', range: toPage(next, 'domains').range });
    },
  };
}

function withFilter(view: View, key: 'host' | 'status' | 'program' | 'has', value: string): View {
  const rest = without(view, key);
  return value === '' ? rest : ({ ...rest, [key]: value } as View);
}

/** A boot is of one host, so choosing it chooses that too. */
function withBoot(view: View, value: string): View {
  const rest = without(view, 'boot');
  const [host, boot] = value === '' ? [] : (JSON.parse(value) as readonly string[]);
  return host === undefined || boot === undefined ? rest : { ...rest, host, boot };
}

function bootValue(host: string, boot: string): string {
  return JSON.stringify([host, boot]);
}

/** A host that is chosen needs no name. */
function bootChoices(domains: readonly DomainAnswer[], isOneHost: boolean): readonly Choice[] {
  const seen = new Map<string, Choice>();
  for (const { host, boot } of domains) {
    const value = bootValue(host.id, boot);
    if (!seen.has(value) && seen.size < CHOICES_MAX) {
      seen.set(value, {
        value,
        text: isOneHost ? boot.slice(0, 8) : `${shorten(host.name, TEXT_MAX)} · ${boot.slice(0, 8)}`,
      });
    }
  }
  return [...seen.values()];
}

function createSelect(title: string, none: string, onChange: (value: string) => void) {
  const select = el('select', { class: 'field-input' });
  // What is chosen stays out of the document: it may hold what records hold.
  let values: readonly string[] = [];
  select.addEventListener('change', () => onChange(values[select.selectedIndex] ?? ''));
  let last = '';
  const show = (choices: readonly Choice[], value: string): void => {
    const isMissing = value !== '' && !choices.some((choice) => choice.value === value);
    const all = isMissing ? [...choices, { value, text: readable(value) }] : choices;
    const key = JSON.stringify([all, value]);
    // A list that is open closes when its choices are exchanged.
    if (key !== last) {
      last = key;
      values = ['', ...all.map((choice) => choice.value)];
      fill(
        select,
        el('option', { value: '' }, none),
        ...all.map((choice) => el('option', {}, escapeOdd(shorten(choice.text, TEXT_MAX)))),
      );
      select.selectedIndex = Math.max(0, values.indexOf(value));
    }
  };
  let choices: readonly Choice[] = [];
  let value = '';
  return {
    element: el('label', { class: 'field' }, el('span', { class: 'field-name' }, title), select),
    setChoices(next: readonly Choice[]) {
      choices = next;
      show(choices, value);
    },
    set(next: string) {
      value = next;
      show(choices, value);
    },
  };
}

/** A boot that is not in the list, by its beginning; anything else as it is. */
function readable(value: string): string {
  return value.startsWith('["') ? ((JSON.parse(value) as readonly string[])[1]?.slice(0, 8) ?? value) : value;
}

function createInput(title: string, onChange: (value: string) => void) {
  const input = el('input', {
    class: 'field-input',
    type: 'search',
    placeholder: '/usr/bin/…',
    maxlength: 512,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'none',
  });
  input.addEventListener('change', () => onChange(input.value.trim()));
  return {
    element: el('label', { class: 'field field-wide' }, el('span', { class: 'field-name' }, title), input),
    set(value: string) {
      if (document.activeElement !== input) {
        input.value = value;
      }
    },
  };
}

function createCheckbox(title: string, onChange: (isOn: boolean) => void) {
  const input = el('input', { type: 'checkbox' });
  input.addEventListener('change', () => onChange(input.checked));
  return {
    element: el('label', { class: 'field field-check' }, input, el('span', {}, title)),
    set(isOn: boolean) {
      input.checked = isOn;
    },
  };
}
