// The views that somebody keeps of a page: open one, keep what is shown under a name, forget one.
import type { SavedView } from '../../../src/api/schemas/view.ts';
import { el, fill } from '../../dom/el.ts';
import { type Answer, deleteAt, getJson, type Page, postJson } from '../../net/api-client.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { fromSaved, toSaved } from '../../state/saved-view.ts';
import { escapeOdd } from '../../text/visible-text.ts';
import { createMenu } from '../blocks/menu.ts';
import { failureText } from '../blocks/states.ts';

export interface ViewsMenu {
  readonly element: HTMLElement;
  update(view: View): void;
}

const NAME_MAX = 100;
/** Of one request. */
const LISTED_MAX = 500;

export function createViewsMenu(): ViewsMenu {
  let view: View | undefined;
  const items = el('ul', { class: 'menu-list views-list' });
  const name = el('input', {
    class: 'field-input',
    type: 'text',
    maxlength: NAME_MAX,
    autocomplete: 'off',
    required: true,
  });
  const shared = el('input', { type: 'checkbox' });
  const said = el('p', { class: 'quiet views-said', role: 'status' });
  const form = el(
    'form',
    { class: 'views-form', 'aria-label': 'Save this view' },
    el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'Save this view as'), name),
    el('label', { class: 'field-check' }, shared, el('span', {}, 'for everybody')),
    el('button', { class: 'button button-main', type: 'submit' }, 'Save'),
  );
  const button = el('button', { class: 'button', type: 'button' }, 'Views');
  const menu = createMenu('Views', button, el('p', { class: 'menu-title' }, 'Saved views'), items, form, said);

  const load = async (): Promise<void> => {
    const parameters = [['page', 'denials'] as const, ['limit', String(LISTED_MAX)] as const];
    const answer = await getJson<Page<SavedView>>('/views', parameters);
    if (answer.ok) {
      const views = [...answer.value.data].sort((a, b) => a.name.localeCompare(b.name));
      const none = el('li', { class: 'quiet views-none' }, 'None yet');
      fill(items, ...(views.length === 0 ? [none] : views.map((saved) => viewItem(saved, menu.close, forget))));
    } else {
      fill(said, failureText(answer.failure));
    }
  };
  /** Says what came of it, and shows what there is now. */
  const done = async (answer: Answer<unknown>, words: string): Promise<void> => {
    fill(said, answer.ok ? words : failureText(answer.failure));
    await load();
  };
  const forget = (saved: SavedView): void => {
    void deleteAt(`/views/${saved.id}`).then((answer) => done(answer, `${escapeOdd(saved.name)} is deleted.`));
  };
  menu.panel.addEventListener('toggle', (event) => {
    if (event instanceof ToggleEvent && event.newState === 'open') {
      fill(said);
      void load();
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (view === undefined) {
      return;
    }
    void postJson('/views', toSaved(view, name.value, shared.checked)).then((answer) => {
      if (answer.ok) {
        name.value = '';
      }
      return done(answer, 'Saved.');
    });
  });
  return {
    element: menu.element,
    update(next) {
      view = next;
    },
  };
}

function viewItem(saved: SavedView, onOpen: () => void, onForget: (saved: SavedView) => void): HTMLElement {
  const view = fromSaved(saved, Date.now());
  const name = escapeOdd(saved.name);
  const words = [
    el('span', { class: 'menu-name' }, name),
    el('span', { class: 'quiet' }, saved.shared ? `for everybody, by ${escapeOdd(saved.owner)}` : 'yours alone'),
  ];
  const link =
    view === undefined
      ? el('span', { class: 'menu-item', title: 'Its query is too long for the dashboard' }, ...words)
      : el('a', { class: 'menu-item', href: toAddress(view) }, ...words);
  link.addEventListener('click', onOpen);
  if (!saved.can_change) {
    return el('li', { class: 'views-item' }, link);
  }
  const forget = el('button', { class: 'button', type: 'button', 'aria-label': `Delete the view ${name}` }, '×');
  forget.addEventListener('click', () => onForget(saved));
  return el('li', { class: 'views-item' }, link, forget);
}
