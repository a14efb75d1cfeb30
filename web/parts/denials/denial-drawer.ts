// One denial in full, as a dialog at the side. Closing it goes back to the address without it. What is said of the denial
// is another file, which is loaded with the first one that is opened.
import type { DenialDetail } from '../../../src/api/schemas/document.ts';
import { el, fill } from '../../dom/el.ts';
import { icon } from '../../dom/icon.ts';
import { recordText } from '../../dom/record-text.ts';
import { getJson } from '../../net/api-client.ts';
import { CODE_NOT_LOADED, loadCode } from '../../net/load-code.ts';
import type { View } from '../../state/page-address.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { failedBox, loadingBox } from '../blocks/states.ts';

export interface DenialDrawer {
  readonly element: HTMLElement;
  /** Opens, changes or, for an address without a denial, closes. */
  show(view: View): void;
}

export interface DenialDrawerOptions {
  readonly formats: TimeFormats;
  onClose(): void;
  /** To its neighbour in the list: -1 is the one above. */
  onBeside(step: 1 | -1): void;
}

export function createDenialDrawer({ formats, onClose, onBeside }: DenialDrawerOptions): DenialDrawer {
  const title = el('h2', { class: 'drawer-title', id: 'drawer-title' });
  const body = el('div', { class: 'drawer-body' });
  const close = el(
    'button',
    { class: 'button button-icon', type: 'button', 'aria-label': 'Close', autofocus: true },
    icon('close'),
  );
  const dialog = el(
    'dialog',
    { class: 'drawer', 'aria-labelledby': 'drawer-title' },
    el(
      'div',
      { class: 'drawer-head' },
      title,
      el(
        'div',
        { class: 'drawer-tools' },
        besideButton('↑', 'The denial above: [', () => onBeside(-1)),
        besideButton('↓', 'The denial below: ]', () => onBeside(1)),
        close,
      ),
    ),
    body,
  );
  let shown: string | undefined;
  let request: AbortController | undefined;
  const load = async (id: string, view: View): Promise<void> => {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    fill(title, 'Denial');
    fill(body, loadingBox('the denial'));
    const [answer, parts] = await Promise.all([
      getJson<DenialDetail>(`/denials/${encodeURIComponent(id)}`, [], signal),
      loadCode(() => import('./denial-in-full.ts')),
    ]);
    if (signal.aborted) {
      return;
    }
    if (!answer.ok || parts === undefined) {
      const failure = answer.ok ? CODE_NOT_LOADED : answer.failure;
      fill(
        body,
        failedBox('This denial', failure, () => void load(id, view)),
        view.page === 'domain' && failure.kind === 'missing' && noDenialNote(),
      );
      return;
    }
    fill(title, recordText(answer.value.event.reason, { whole: true }));
    await parts.fillWithDenial(body, answer.value, { view, formats, signal });
  };
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    request?.abort();
    if (shown !== undefined) {
      shown = undefined;
      onClose();
    }
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  return {
    element: dialog,
    show(view) {
      const id = view.denial;
      if (id === shown) {
        return;
      }
      shown = id;
      if (id === undefined) {
        dialog.close();
        return;
      }
      if (!dialog.open) {
        dialog.showModal();
      }
      void load(id, view);
    },
  };
}

/** Of an id that evidence names. */
function noDenialNote(): HTMLElement {
  return el(
    'p',
    { class: 'drawer-note' },
    'Evidence also rests on records of how a domain was made. Those are no denials, and stand on the page of that domain.',
  );
}

function besideButton(sign: string, words: string, onClick: () => void): HTMLElement {
  const button = el('button', { class: 'button button-icon', type: 'button', 'aria-label': words, title: words }, sign);
  button.addEventListener('click', onClick);
  return button;
}
