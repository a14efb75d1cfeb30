// One denial in full, as a dialog at the side: the sentence, the object, the actor and the domain's creator apart,
// the records. Closing it goes back to the address without it.
import type { DenialDetail } from '../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { el, fill } from '../dom/el.ts';
import { icon } from '../dom/icon.ts';
import { recordLines, recordText } from '../dom/record-text.ts';
import { getJson } from '../net/api-client.ts';
import { issueView, toAddress, type View, without } from '../state/page-address.ts';
import type { TimeFormats } from '../text/format-time.ts';
import { actorSection, objectSection, overviewSection } from './denial-sections.ts';
import { domainSection } from './domain-section.ts';
import { copyButton, failedBox, loadingBox } from './states.ts';

export interface DenialDrawer {
  readonly element: HTMLElement;
  /** Opens, changes or, for an address without a denial, closes. */
  show(view: View): void;
}

export function createDenialDrawer(formats: TimeFormats, onClose: () => void): DenialDrawer {
  const title = el('h2', { class: 'drawer-title', id: 'drawer-title' });
  const body = el('div', { class: 'drawer-body' });
  const close = el('button', { class: 'button button-icon', type: 'button', 'aria-label': 'Close' }, icon('close'));
  const dialog = el(
    'dialog',
    { class: 'drawer', 'aria-labelledby': 'drawer-title' },
    el('div', { class: 'drawer-head' }, title, close),
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
    const answer = await getJson<DenialDetail>(`/denials/${encodeURIComponent(id)}`, [], signal);
    if (signal.aborted) {
      return;
    }
    if (!answer.ok) {
      fill(
        body,
        failedBox('This denial', answer.failure, () => void load(id, view)),
        view.page === 'domain' &&
          answer.failure.kind === 'refused' &&
          el(
            'p',
            { class: 'drawer-note' },
            'Evidence also rests on records of how a domain was made. Those are no denials, and stand on the page of that domain.',
          ),
      );
      return;
    }
    fill(title, recordText(answer.value.event.reason, { whole: true }));
    const domainBox = el('div', {}, loadingBox('its domain'));
    fill(body, ...sections(answer.value, formats, issueLink(answer.value, view), domainBox));
    await fillDomain(answer.value, domainBox, { view, formats, signal });
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

/** To the issue of a denial; from that issue's own page back to it. */
function issueLink({ issue }: DenialDetail, view: View): HTMLElement | undefined {
  if (issue === undefined) {
    return undefined;
  }
  return view.issue === issue
    ? el('a', { class: 'drawer-issue', href: toAddress(without(view, 'denial')) }, 'Back to its issue')
    : el('a', { class: 'drawer-issue', href: toAddress(issueView(view.range, issue)) }, 'All denials of this kind');
}

function sections(
  denial: DenialDetail,
  formats: TimeFormats,
  issue: HTMLElement | undefined,
  domainBox: HTMLElement,
): readonly HTMLElement[] {
  const { original } = denial.event;
  return [
    overviewSection(denial, formats, issue),
    objectSection(denial),
    actorSection(denial),
    domainBox,
    section(
      'Records',
      original === undefined
        ? el('p', { class: 'quiet' }, 'Not kept, or this sign-in may not see them.')
        : recordLines(original),
      original === undefined ? undefined : copyButton(() => original, 'Copy'),
    ),
    section(
      'JSON',
      el('details', {}, el('summary', {}, 'Show'), recordLines(JSON.stringify(denial, undefined, 2))),
      copyButton(() => JSON.stringify(denial, undefined, 2), 'Copy'),
    ),
  ];
}

async function fillDomain(
  denial: DenialDetail,
  box: HTMLElement,
  { view, formats, signal }: { readonly view: View; readonly formats: TimeFormats; readonly signal: AbortSignal },
): Promise<void> {
  const path = [denial.host.id, denial.host.boot.id, denial.landlock.domain.id].map(encodeURIComponent).join('/');
  const answer = await getJson<DomainAnswer>(`/domains/${path}`, [], signal);
  if (!signal.aborted) {
    fill(box, domainSection(denial, answer.ok ? answer.value : undefined, view, formats));
  }
}

function section(title: string, content: HTMLElement, button?: HTMLElement): HTMLElement {
  return el(
    'section',
    { class: 'drawer-section' },
    el('div', { class: 'drawer-section-head' }, el('h3', {}, title), button),
    content,
  );
}
