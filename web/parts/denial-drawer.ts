// One denial in full, as a dialog at the side: the sentence, the object, the actor and the domain's creator apart,
// what happened around it, the records. Closing it goes back to the address without it.
import type { DenialContext } from '../../src/api/schemas/context.ts';
import type { DenialDetail } from '../../src/api/schemas/document.ts';
import type { DomainAnswer, DomainTree } from '../../src/api/schemas/domain.ts';
import type { Explanation } from '../../src/api/schemas/explanation.ts';
import type { SuggestionAnswer } from '../../src/api/schemas/suggestion.ts';
import { el, fill } from '../dom/el.ts';
import { icon } from '../dom/icon.ts';
import { recordLines, recordText } from '../dom/record-text.ts';
import { getJson, type Parameters } from '../net/api-client.ts';
import { denialTexts } from '../state/copy-texts.ts';
import { issueView, toAddress, type View, without } from '../state/page-address.ts';
import type { TimeFormats } from '../text/format-time.ts';
import { ancestorsSection } from './ancestors-section.ts';
import { CONTEXT_SECONDS, contextSection } from './context-section.ts';
import { actorSection, attributionSections, objectSection, overviewSection } from './denial-sections.ts';
import { domainSection } from './domain-section.ts';
import { explanationSections } from './explanation-section.ts';
import { copyButton, failedBox, loadingBox } from './states.ts';
import { suggestionSection } from './suggestion-section.ts';

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
    const answer = await getJson<DenialDetail>(`/denials/${encodeURIComponent(id)}`, [], signal);
    if (signal.aborted) {
      return;
    }
    if (!answer.ok) {
      fill(
        body,
        failedBox('This denial', answer.failure, () => void load(id, view)),
        view.page === 'domain' && answer.failure.kind === 'refused' && noDenialNote(),
      );
      return;
    }
    fill(title, recordText(answer.value.event.reason, { whole: true }));
    const boxes = {
      words: el('div', { class: 'drawer-part' }, loadingBox('what it means')),
      rules: el('div'),
      domain: el('div', {}, loadingBox('its domain')),
      family: el('div'),
      context: el('div', {}, loadingBox('what happened around it')),
    };
    fill(body, ...sections(answer.value, view, formats, boxes));
    await fillLater(answer.value, boxes, { view, formats, signal });
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

/** To the issue of a denial; from that issue's own page back to it. */
function issueLink({ issue }: DenialDetail, view: View): HTMLElement | undefined {
  if (issue === undefined) {
    return undefined;
  }
  return view.issue === issue
    ? el('a', { class: 'drawer-issue', href: toAddress(without(view, 'denial')) }, 'Back to its issue')
    : el('a', { class: 'drawer-issue', href: toAddress(issueView(view.range, issue)) }, 'All denials of this kind');
}

/** What is asked for after the denial itself. */
interface LaterBoxes {
  readonly rules: HTMLElement;
  readonly words: HTMLElement;
  readonly domain: HTMLElement;
  readonly family: HTMLElement;
  readonly context: HTMLElement;
}

function sections(denial: DenialDetail, view: View, formats: TimeFormats, boxes: LaterBoxes): readonly HTMLElement[] {
  const { original } = denial.event;
  return [
    overviewSection(denial, formats, issueLink(denial, view)),
    copyRow(denial, view),
    boxes.words,
    boxes.rules,
    objectSection(denial),
    actorSection(denial),
    ...attributionSections(denial),
    boxes.domain,
    boxes.family,
    boxes.context,
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

/** The same denial for someone else: a colleague, a script, a shell. */
function copyRow(denial: DenialDetail, view: View): HTMLElement {
  const texts = denialTexts(denial, view, location.origin);
  return el(
    'div',
    { class: 'drawer-copy', role: 'group', 'aria-label': 'Copy as' },
    el('span', { class: 'quiet' }, 'Copy as'),
    copyButton(() => texts.link, 'Link'),
    copyButton(() => texts.curl, 'curl'),
    copyButton(() => texts.command, 'Command'),
  );
}

function besideButton(sign: string, words: string, onClick: () => void): HTMLElement {
  const button = el('button', { class: 'button button-icon', type: 'button', 'aria-label': words, title: words }, sign);
  button.addEventListener('click', onClick);
  return button;
}

async function fillLater(
  denial: DenialDetail,
  boxes: LaterBoxes,
  { view, formats, signal }: { readonly view: View; readonly formats: TimeFormats; readonly signal: AbortSignal },
): Promise<void> {
  const path = [denial.host.id, denial.host.boot.id, denial.landlock.domain.id].map(encodeURIComponent).join('/');
  const ask = async <T>(what: string, parameters: Parameters, use: (value: T | undefined) => void): Promise<void> => {
    const answer = await getJson<T>(what, parameters, signal);
    if (!signal.aborted) {
      use(answer.ok ? answer.value : undefined);
    }
  };
  const fillBox = (box: HTMLElement, content: HTMLElement | undefined): void => {
    box.hidden = content === undefined;
    fill(box, content);
  };
  boxes.family.hidden = true;
  boxes.rules.hidden = true;
  await Promise.all([
    ask<Explanation>(`/denials/${encodeURIComponent(denial.event.id)}/explanation`, [], (explanation) => {
      boxes.words.hidden = explanation === undefined;
      fill(boxes.words, ...(explanation === undefined ? [] : explanationSections(explanation, view)));
    }),
    ask<SuggestionAnswer>('/suggestions', [['denial', denial.event.id]], (answer) =>
      fillBox(boxes.rules, answer && suggestionSection(answer, denial.event.id, signal)),
    ),
    ask<DomainAnswer>(`/domains/${path}`, [], (domain) =>
      fill(boxes.domain, domainSection(denial, domain, view, formats)),
    ),
    ask<DomainTree>(`/domains/${path}/tree`, [], (tree) =>
      fillBox(boxes.family, tree?.domains && ancestorsSection(tree, denial.landlock.domain.id, view)),
    ),
    ask<DenialContext>(
      `/denials/${encodeURIComponent(denial.event.id)}/context`,
      [['seconds', String(CONTEXT_SECONDS)]],
      (context) => fillBox(boxes.context, context?.data && contextSection(denial, context, view)),
    ),
  ]);
}

function section(title: string, content: HTMLElement, button?: HTMLElement): HTMLElement {
  return el(
    'section',
    { class: 'drawer-section' },
    el('div', { class: 'drawer-section-head' }, el('h3', {}, title), button),
    content,
  );
}
