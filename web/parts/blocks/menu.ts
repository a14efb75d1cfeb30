// A button that opens a small panel below itself. The browser's popover closes it by Escape or a click elsewhere.
import { el } from '../../dom/el.ts';

export interface Menu {
  readonly element: HTMLElement;
  readonly panel: HTMLElement;
  close(): void;
}

const MARGIN_PX = 6;
let menus = 0;

export function createMenu(name: string, button: HTMLElement, ...content: readonly Node[]): Menu {
  menus += 1;
  const id = `menu-${menus}`;
  const panel = el('div', { class: 'menu-panel', popover: 'auto', id, role: 'group', 'aria-label': name }, ...content);
  button.setAttribute('popovertarget', id);
  button.setAttribute('aria-expanded', 'false');
  panel.addEventListener('toggle', (event) => {
    const isOpen = event instanceof ToggleEvent && event.newState === 'open';
    button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      place(panel, button);
    }
  });
  panel.addEventListener('beforetoggle', () => {
    panel.style.visibility = 'hidden';
  });
  return { element: el('div', { class: 'menu' }, button, panel), panel, close: () => panel.hidePopover() };
}

/** Below the button, beginning with it or, where there is no room for that, ending with it; within the window. */
function place(panel: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { width } = panel.getBoundingClientRect();
  const hasRoom = at.left + width <= document.documentElement.clientWidth - MARGIN_PX;
  const left = hasRoom ? at.left : Math.max(MARGIN_PX, at.right - width);
  panel.style.top = `${at.bottom + MARGIN_PX}px`;
  panel.style.left = `${left}px`;
  panel.style.visibility = '';
}
