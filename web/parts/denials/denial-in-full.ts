// What the drawer says of one denial: the sentence, the object, the actor and the domain's creator apart, what happened
// around it, the records. What has to be worked out follows as it is answered.
import type { DenialContext } from '../../../src/api/schemas/context.ts';
import type { DenialDetail } from '../../../src/api/schemas/document.ts';
import type { DomainAnswer, DomainTree } from '../../../src/api/schemas/domain.ts';
import type { Explanation } from '../../../src/api/schemas/explanation.ts';
import type { SuggestionAnswer } from '../../../src/api/schemas/suggestion.ts';
import type { UserAnswer } from '../../../src/api/schemas/user.ts';
import { el, fill } from '../../dom/el.ts';
import { recordLines } from '../../dom/record-text.ts';
import { getJson, type Page, type Parameters } from '../../net/api-client.ts';
import { denialTexts } from '../../state/copy-texts.ts';
import { issueView, toAddress, type View, without } from '../../state/page-address.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { copyButton, loadingBox } from '../blocks/states.ts';
import { ancestorsSection } from './ancestors-section.ts';
import { CONTEXT_SECONDS, contextSection } from './context-section.ts';
import { actorSection, attributionSections, objectSection, overviewSection, titled } from './denial-sections.ts';
import { domainSection } from './domain-section.ts';
import { explanationSections } from './explanation-section.ts';
import { suggestionBox } from './suggestion-section.ts';

/** Whoever logged in, and became another user who was refused something, is often refused something, too. */
const USERS_BEFORE_MS = 7 * 86_400_000;

export interface DenialInFullContext {
  readonly view: View;
  readonly formats: TimeFormats;
  /** Aborted when something else is shown. */
  readonly signal: AbortSignal;
}

/** Fills `body`; resolves when all that follows is there. */
export async function fillWithDenial(
  body: HTMLElement,
  denial: DenialDetail,
  context: DenialInFullContext,
): Promise<void> {
  const boxes = {
    words: el('div', { class: 'drawer-part' }, loadingBox('what it means')),
    rules: el('div'),
    actor: el('div', {}, actorSection(denial, [])),
    domain: el('div', {}, loadingBox('its domain')),
    family: el('div'),
    context: el('div', {}, loadingBox('what happened around it')),
  };
  fill(body, ...sections(denial, context.view, context.formats, boxes));
  await fillLater(denial, boxes, context);
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
  readonly actor: HTMLElement;
  readonly domain: HTMLElement;
  readonly family: HTMLElement;
  readonly context: HTMLElement;
}

function sections(denial: DenialDetail, view: View, formats: TimeFormats, boxes: LaterBoxes): readonly HTMLElement[] {
  const { original } = denial.event;
  return [
    overviewSection(denial, view, formats, issueLink(denial, view)),
    copyRow(denial, view),
    boxes.words,
    boxes.rules,
    objectSection(denial),
    boxes.actor,
    ...attributionSections(denial, view),
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

async function fillLater(
  denial: DenialDetail,
  boxes: LaterBoxes,
  { view, formats, signal }: DenialInFullContext,
): Promise<void> {
  const path = [denial.host.id, denial.host.boot.id, denial.landlock.domain.id].map(encodeURIComponent).join('/');
  const ask = async <T>(
    what: string,
    parameters: Parameters,
    use: (value: T | undefined) => void | Promise<void>,
  ): Promise<void> => {
    const answer = await getJson<T>(what, parameters, signal);
    if (!signal.aborted) {
      await use(answer.ok ? answer.value : undefined);
    }
  };
  const fillBox = (box: HTMLElement, content: HTMLElement | undefined): void => {
    box.hidden = content === undefined;
    fill(box, content);
  };
  const known = askUsers(denial, signal);
  const selection: Parameters = [['denial', denial.event.id]];
  boxes.family.hidden = true;
  boxes.rules.hidden = true;
  await Promise.all([
    ask<Explanation>(`/denials/${encodeURIComponent(denial.event.id)}/explanation`, [], (explanation) => {
      boxes.words.hidden = explanation === undefined;
      fill(boxes.words, ...(explanation === undefined ? [] : explanationSections(explanation, view)));
    }),
    ask<SuggestionAnswer>('/suggestions', selection, (answer) =>
      fillBox(boxes.rules, answer && titled('What would allow it', suggestionBox(answer, selection, signal))),
    ),
    known.then((users) => signal.aborted || fill(boxes.actor, actorSection(denial, users))),
    ask<DomainAnswer>(`/domains/${path}`, [], (domain) =>
      known.then((users) => fill(boxes.domain, domainSection(denial, domain, users, view, formats))),
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

/** What users are called on the host of a denial, as far as it was denied something to them in the days before. */
async function askUsers(denial: DenialDetail, signal: AbortSignal): Promise<readonly UserAnswer[]> {
  const atMs = Date.parse(denial['@timestamp']);
  const parameters: Parameters = [
    ['host', denial.host.id],
    ['from', new Date(atMs - USERS_BEFORE_MS).toISOString()],
    ['to', new Date(atMs + 1).toISOString()],
    ['include', 'canary'],
    ['limit', '200'],
  ];
  const answer = await getJson<Page<UserAnswer>>('/users', parameters, signal);
  return answer.ok ? answer.value.data : [];
}

function section(title: string, content: HTMLElement, button?: HTMLElement): HTMLElement {
  return el(
    'section',
    { class: 'drawer-section' },
    el('div', { class: 'drawer-section-head' }, el('h3', {}, title), button),
    content,
  );
}
