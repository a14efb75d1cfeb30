// Which issues the list shows: tabs, a search in the query language, the order. All of it changes the address.
import { el, fill } from '../../dom/el.ts';
import {
  ISSUE_ORDERS,
  ISSUE_TABS,
  type IssueOrder,
  type IssueTab,
  ORDER_TITLES,
  TAB_TITLES,
} from '../../state/issue-list.ts';
import { QUERY_LENGTH_MAX, toAddress, type View, without } from '../../state/page-address.ts';

export interface IssueFilters {
  readonly element: HTMLElement;
  update(view: View): void;
}

export function createIssueFilters(navigate: (view: View) => void): IssueFilters {
  let view: View | undefined;
  const tabs = el('nav', { class: 'tabs', 'aria-label': 'Issues by state' });
  const search = el('input', {
    class: 'field-input',
    type: 'search',
    placeholder: 'firefox, path:/etc/*, blocker:net.* …',
    maxlength: QUERY_LENGTH_MAX,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'none',
  });
  const order = el(
    'select',
    { class: 'field-input' },
    ...ISSUE_ORDERS.map((name) => el('option', { value: name }, ORDER_TITLES[name])),
  );
  const orderField = field('Sorted by', order);
  const form = el(
    'form',
    { class: 'filter-bar', role: 'search', 'aria-label': 'Find issues' },
    field('With a denial that has', search, 'field-wide'),
    orderField,
  );
  form.addEventListener('submit', (event) => event.preventDefault());
  search.addEventListener('change', () => {
    if (view !== undefined) {
      navigate(withQuery(view, search.value.trim()));
    }
  });
  order.addEventListener('change', () => {
    if (view !== undefined) {
      navigate(withOrder(view, ISSUE_ORDERS[order.selectedIndex] ?? 'last_seen'));
    }
  });
  return {
    element: el('div', { class: 'issue-filters' }, tabs, form),
    update(next) {
      view = next;
      fill(tabs, ...ISSUE_TABS.map((tab) => tabLink(tab, next)));
      if (document.activeElement !== search) {
        search.value = next.query ?? '';
      }
      orderField.hidden = next.tab === 'new';
      order.selectedIndex = ISSUE_ORDERS.indexOf(next.order ?? 'last_seen');
    },
  };
}

function field(title: string, input: HTMLElement, more = ''): HTMLElement {
  return el('label', { class: `field ${more}` }, el('span', { class: 'field-name' }, title), input);
}

function tabLink(tab: IssueTab, view: View): HTMLElement {
  const { tab: shown = 'open', denial: _denial, ...rest } = view;
  const href = toAddress(tab === 'open' ? rest : { ...rest, tab });
  return el('a', { class: 'tab', href, 'aria-current': tab === shown && 'page' }, TAB_TITLES[tab]);
}

function withQuery(view: View, query: string): View {
  const rest = without(view, 'query');
  return query === '' ? rest : { ...rest, query };
}

function withOrder(view: View, order: IssueOrder): View {
  const rest = without(view, 'order');
  return order === 'last_seen' ? rest : { ...rest, order };
}
