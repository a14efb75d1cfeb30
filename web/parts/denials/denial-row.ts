// One denial as a row of a table. Everything that comes from records goes through recordText.
import type { Denial } from '../../../src/api/schemas/document.ts';
import { el } from '../../dom/el.ts';
import { recordPath, recordText } from '../../dom/record-text.ts';
import { classOfBlocker } from '../../state/blocker-class.ts';
import { hostText, isCanary, isReplay, objectText, programText, userText } from '../../state/denial-words.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { formatCount } from '../../text/format-number.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { type DomainName, domainLink } from '../domains/domain-link.ts';

/** More blockers of one denial are counted, not listed. */
const BLOCKERS_SHOWN_MAX = 4;
/** Those that the kernel has today are shorter. */
const BLOCKER_LENGTH_MAX = 64;

export interface DenialRowContext {
  readonly view: View;
  readonly nowMs: number;
  readonly formats: TimeFormats;
}

const COLUMNS = [
  ['at', 'Time'],
  ['blocker', 'Blocker'],
  ['object', 'Object'],
  ['program', 'Program'],
  ['domain', 'Domain'],
  ['user', 'User'],
  ['host', 'Host'],
] as const;

/** The head of every table of denials. */
export function denialsHead(): HTMLElement {
  return el(
    'thead',
    {},
    el('tr', {}, ...COLUMNS.map(([name, title]) => el('th', { scope: 'col', class: name }, title))),
  );
}

export function denialId(denial: Denial): string {
  return denial.event.id;
}

/** Lets a row that has just arrived be seen for a moment. */
export function markNew(row: HTMLElement): void {
  row.classList.add('is-new');
  row.addEventListener('animationend', () => row.classList.remove('is-new'), { once: true });
}

export function denialRow(denial: Denial, { view, nowMs, formats }: DenialRowContext): HTMLTableRowElement {
  const atMs = Date.parse(denial['@timestamp']);
  const object = objectText(denial);
  const reason = escapeOdd(shorten(denial.event.reason, 400));
  const executable = denial.process?.executable;
  const href = toAddress({ ...view, denial: denial.event.id });
  return el(
    'tr',
    { 'data-id': denial.event.id, title: reason },
    el(
      'td',
      { class: 'at' },
      el('time', { datetime: denial['@timestamp'], title: formatUtc(atMs) }, formats.short(atMs, nowMs)),
    ),
    el('td', { class: 'blocker' }, blockerList(denial.landlock.blockers)),
    el(
      'td',
      { class: 'object' },
      el(
        'a',
        { class: 'row-link clip', href },
        object === '' ? el('span', { class: 'quiet' }, denial.landlock.object.kind) : recordPath(object),
      ),
      repeatsOf(denial),
    ),
    el(
      'td',
      { class: 'program' },
      el(
        'span',
        { class: 'clip', ...(executable === undefined ? {} : { title: escapeOdd(shorten(executable, 400)) }) },
        recordText(programText(denial)),
        denial.process?.pid !== undefined && el('span', { class: 'quiet' }, ` ${denial.process.pid}`),
      ),
    ),
    el('td', { class: 'domain' }, domainLink(view, domainOf(denial))),
    el('td', { class: 'user' }, el('span', { class: 'clip' }, recordText(userText(denial)))),
    el('td', { class: 'host' }, el('span', { class: 'clip' }, ...tagsOf(denial), recordText(hostText(denial.host)))),
  );
}

function domainOf({ host, landlock }: Denial): DomainName {
  return { host: host.id, boot: host.boot.id, id: landlock.domain.id };
}

/** Every blocker with the colour of its class. */
export function blockerList(blockers: readonly string[]): HTMLElement {
  const rest = blockers.length - BLOCKERS_SHOWN_MAX;
  return el(
    'span',
    { class: 'blocker-list' },
    ...blockers
      .slice(0, BLOCKERS_SHOWN_MAX)
      .map((blocker) =>
        el(
          'span',
          { class: 'blocker-name' },
          el('span', { class: 'swatch', 'data-class': classOfBlocker(blocker) }),
          recordText(shorten(blocker, BLOCKER_LENGTH_MAX)),
        ),
      ),
    rest > 0 && el('span', { class: 'quiet' }, `+${rest}`),
  );
}

/** Of a flood, one row stands for many. */
function repeatsOf({ landlock }: Denial): HTMLElement | undefined {
  const { repeated } = landlock;
  if (repeated === undefined) return undefined;
  const title = `A flood: ${formatCount(repeated.count)} identical denials of a second, kept as one`;
  return el('span', { class: 'tag repeats', title }, `× ${formatCount(repeated.count)}`);
}

/** `replay` and `canary` as small labels: such a denial says nothing about what happens on this host now. */
export function tagsOf(denial: Denial): readonly Node[] {
  const tags: Node[] = [];
  if (isReplay(denial)) {
    tags.push(
      el('span', { class: 'tag', title: 'Read from a shipped recording, not from this kernel' }, 'replay'),
      space(),
    );
  }
  if (isCanary(denial)) {
    tags.push(el('span', { class: 'tag', title: 'Provoked by Trespass itself, as a test' }, 'canary'), space());
  }
  return tags;
}

function space(): Text {
  return document.createTextNode(' ');
}
