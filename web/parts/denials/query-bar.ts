// The filter bar: each term of the query as a pill, and a field that takes the next one, with suggestions of fields and
// of the values that there are. All of it ends up in the address.
import type { Values } from '../../../src/api/schemas/stats.ts';
import { el, fill } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { getJson, type Parameters } from '../../net/api-client.ts';
import { QUERY_LENGTH_MAX, toAddress, type View, without } from '../../state/page-address.ts';
import { pillParts, type Wanted, wantedAt, withValue } from '../../state/query-suggest.ts';
import { opposite, queryOfTerms, termsOf, withTerm } from '../../state/query-terms.ts';
import { scopeParameters, streamParameters } from '../../state/request-parameters.ts';
import { countOf, formatCount } from '../../text/format-number.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { withCode } from '../blocks/notices.ts';
import { createSuggestionList, type Suggestion } from './suggestion-list.ts';

export interface QueryBar {
  readonly element: HTMLElement;
  update(view: View): void;
}

const VALUES_SHOWN = 12;
/** Nobody types that fast and waits for suggestions. */
const TYPING_MS = 120;
const PLACEHOLDER = 'path:/etc/*, program:…, or any text';

export function createQueryBar(navigate: (view: View) => void): QueryBar {
  return new Bar(navigate);
}

class Bar implements QueryBar {
  readonly element: HTMLElement;
  readonly #navigate: (view: View) => void;
  readonly #pills = el('div', { class: 'query-pills' });
  readonly #mistake = el('p', { class: 'query-mistake', id: 'query-mistake', role: 'alert' });
  readonly #input = el('input', {
    class: 'query-input',
    type: 'text',
    role: 'combobox',
    'aria-label': 'Filter: a term of a query',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': 'suggestions',
    'data-search': true,
    maxlength: QUERY_LENGTH_MAX,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'none',
    placeholder: PLACEHOLDER,
  });
  readonly #list = createSuggestionList(this.#input);
  #view: View | undefined;
  #drawn: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request = new AbortController();

  constructor(navigate: (view: View) => void) {
    this.#navigate = navigate;
    const box = el('div', { class: 'query-box' }, this.#pills, this.#input, el('kbd', { class: 'query-key' }, '/'));
    const form = el(
      'form',
      { class: 'query-bar', role: 'search', 'aria-label': 'Filter denials' },
      box,
      this.#list.element,
      this.#mistake,
    );
    this.element = form;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit();
    });
    box.addEventListener('click', (event) => event.target === box && this.#input.focus());
    this.#input.addEventListener('input', () => {
      this.#say('');
      this.#suggestSoon();
    });
    this.#input.addEventListener('focus', () => this.#suggestSoon());
    this.#input.addEventListener('blur', () => this.#list.hide());
    this.#input.addEventListener('keydown', (event) => this.#onKey(event));
  }

  update(view: View): void {
    this.#view = view;
    const key = toAddress(without(view, 'denial'));
    if (key !== this.#drawn) {
      this.#drawn = key;
      const terms = termsOf(view.query ?? '');
      fill(this.#pills, ...terms.map((term, at) => this.#pill(term, at, terms, view)));
      this.#input.placeholder = terms.length === 0 ? PLACEHOLDER : 'and …';
      this.#say('');
    }
  }

  #pill(term: string, at: number, terms: readonly string[], view: View): HTMLElement {
    const { negated, text } = pillParts(term);
    const others = terms.filter((_, index) => index !== at);
    const words = escapeOdd(shorten(term, 200));
    const turned = queryOfTerms(terms.with(at, opposite(term)));
    const edit = el('button', { class: 'pill-text mono', type: 'button', title: `Edit ${words}` }, recordText(text));
    edit.addEventListener('click', () => this.#edit(term, others));
    return el(
      'span',
      { class: 'pill pill-term', 'data-negated': negated },
      el(
        'a',
        {
          class: 'pill-not',
          href: toAddress(withQuery(view, turned)),
          title: negated ? 'Show only these instead' : 'Leave these out instead',
        },
        negated ? 'not' : 'is',
        el('span', { class: 'off-screen' }, ` ${escapeOdd(shorten(text, 200))}: turn around`),
      ),
      edit,
      el(
        'a',
        {
          class: 'pill-remove',
          href: toAddress(withQuery(view, queryOfTerms(others))),
          'aria-label': `Remove the filter ${words}`,
        },
        '×',
      ),
    );
  }

  /** Takes a term back into the field; the list is filtered anew when it is entered again. */
  #edit(term: string, others: readonly string[]): void {
    if (this.#view !== undefined) {
      this.#navigate(withQuery(this.#view, queryOfTerms(others)));
      this.#input.value = term;
      this.#input.focus();
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (this.#list.onKey(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const terms = termsOf(this.#view?.query ?? '');
    const last = terms.at(-1);
    if (event.key === 'Backspace' && this.#input.value === '' && last !== undefined) {
      event.preventDefault();
      this.#edit(last, terms.slice(0, -1));
    } else if (event.key === 'Escape') {
      this.#input.blur();
    }
  }

  #suggestSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#suggest(), TYPING_MS);
  }

  async #suggest(): Promise<void> {
    this.#request.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    const wanted = wantedAt(this.#input.value);
    if (document.activeElement !== this.#input || this.#view === undefined) {
      return;
    }
    if (wanted.kind === 'fields') {
      this.#list.show(
        wanted.fields.map(([name, note]) => this.#fieldSuggestion(name, note, wanted.start)),
        'Fields',
      );
      return;
    }
    const parameters: Parameters = [
      ...scopeParameters(this.#view),
      ['field', wanted.field],
      ['limit', String(VALUES_SHOWN)],
      ...(wanted.prefix === '' ? [] : [['prefix', wanted.prefix] as const]),
    ];
    const answer = await getJson<Values>('/stats/values', parameters, signal);
    if (!signal.aborted && answer.ok) {
      const { data, values } = answer.value;
      const heading =
        data.length === 0
          ? `No such ${wanted.field} in this time`
          : countOf(values, `${wanted.field} in this time`, `values of ${wanted.field} in this time`);
      this.#list.show(
        data.map(({ value, label, denials }) => this.#valueSuggestion(wanted, value, label, denials)),
        heading,
      );
    }
  }

  #fieldSuggestion(name: string, note: string, start: number): Suggestion {
    return {
      text: `${name}:`,
      note,
      choose: () => {
        this.#input.value = `${this.#input.value.slice(0, start)}${name}:`;
        void this.#suggest();
      },
    };
  }

  #valueSuggestion(
    wanted: Wanted & { readonly kind: 'values' },
    value: string,
    label: string | undefined,
    denials: number,
  ): Suggestion {
    return {
      text: label === undefined ? value : `${label} (${value})`,
      note: formatCount(denials),
      choose: () => {
        this.#input.value = withValue(this.#input.value, wanted, value);
        void this.#submit();
      },
    };
  }

  async #submit(): Promise<void> {
    const text = this.#input.value.trim();
    if (this.#view === undefined || text === '') {
      return;
    }
    const query = withTerm(this.#view.query, text);
    if (query === undefined) {
      this.#say(`A query has ${formatCount(QUERY_LENGTH_MAX)} characters at most.`);
      return;
    }
    // The server knows the language; a minute of denials is enough to hear whether it understands.
    const asked = streamParameters({ ...this.#view, query });
    const answer = await getJson<Values>('/stats/values', [...asked, ['field', 'kind'], ['from', 'now-1m']]);
    if (!answer.ok && answer.failure.kind === 'refused') {
      const { message, hint } = answer.failure;
      this.#say(hint === undefined ? message : `${message}: ${hint}`);
      return;
    }
    this.#list.hide();
    this.#input.value = '';
    this.#navigate(withQuery(without(this.#view, 'denial'), query));
  }

  #say(mistake: string): void {
    fill(this.#mistake, ...withCode(mistake));
    this.#input.setAttribute('aria-invalid', String(mistake !== ''));
    if (mistake === '') {
      this.#input.removeAttribute('aria-describedby');
    } else {
      this.#input.setAttribute('aria-describedby', 'query-mistake');
    }
  }
}

/** The view with another query, or without one. */
export function withQuery(view: View, query: string | undefined): View {
  const rest = without(view, 'query');
  return query === undefined || query === '' ? rest : { ...rest, query };
}
