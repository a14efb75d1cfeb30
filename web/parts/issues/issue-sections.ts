// The parts of the page of an issue that only show: what it is, where, and who ran into it.
import type { Denial } from '../../../src/api/schemas/document.ts';
import type { IssueDetail } from '../../../src/api/schemas/issue.ts';
import { el } from '../../dom/el.ts';
import { recordPath, recordText } from '../../dom/record-text.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { type KnownUser, userName } from '../../state/user-names.ts';
import { countOf, formatCount, formatShortCount } from '../../text/format-number.ts';
import { formatAgo, formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { shorten } from '../../text/visible-text.ts';
import { type CountedName, countList } from '../blocks/count-list.ts';
import { factsList } from '../blocks/facts-list.ts';
import { numberTile } from '../charts/number-tile.ts';
import { blockerList } from '../denials/denial-row.ts';
import { packageLink } from '../denials/denial-sections.ts';

/** Of hosts, programs and users. */
const SHOWN_MAX = 10;
const HOUR_MS = 3_600_000;
/** An hour more or less is nothing beyond. */
const HOURS_TOLD = 36;
const TEXT_MAX = 600;

export function issueTrail(view: View): HTMLElement {
  return el(
    'nav',
    { class: 'trail', 'aria-label': 'Where this is' },
    el('a', { href: toAddress({ page: 'issues', range: view.range }) }, 'Issues'),
  );
}

export function issueTiles(issue: IssueDetail, formats: TimeFormats, nowMs: number): HTMLElement {
  const since = (at: string): readonly [string, string] => {
    const atMs = Date.parse(at);
    return [formatAgo(atMs, nowMs), formats.short(atMs, nowMs)];
  };
  return el(
    'ul',
    { class: 'tiles', 'aria-label': 'Numbers' },
    numberTile('denials', 'Denials', formatShortCount(issue.denials), 'over all time'),
    numberTile('hosts', 'Hosts', formatShortCount(issue.hosts), 'where it was ever seen'),
    numberTile('first', 'First seen', ...since(issue.first_seen)),
    numberTile('last', 'Last seen', ...since(issue.last_seen)),
  );
}

const OBJECT_WORDS = new Map([
  ['path', 'Path'],
  ['entry', 'Name'],
  ['abstract-socket', 'Abstract socket'],
  ['local-port', 'Local port'],
  ['remote-port', 'Remote port'],
  ['process', 'Process'],
  ['namespace', 'Namespace'],
  ['capability', 'Capability'],
]);

/** Whole ones stand in the denials. */
function cut(text: string): string {
  return shorten(text, TEXT_MAX);
}

/** What its denials have in common. */
export function issueFacts(issue: IssueDetail, view: View, formats: TimeFormats): HTMLElement {
  const { object } = issue;
  const packages = latestPackages(issue);
  const time = (at: string): Node =>
    el('time', { datetime: at, title: formatUtc(Date.parse(at)) }, formats.full(Date.parse(at)));
  const name = OBJECT_WORDS.get(object.class);
  return el(
    'section',
    { class: 'card', 'aria-label': 'What they share' },
    el('div', { class: 'card-head' }, el('h2', {}, 'What these denials share')),
    el(
      'div',
      { class: 'card-body' },
      factsList([
        ['Refused', blockerList(issue.blockers)],
        [issue.program_class === 'executable' ? 'Program' : 'Program name', cut(issue.program)],
        ...(issue.gathered === true
          ? [['Object', 'different ones: the program had too many issues of this kind'] as const]
          : name === undefined
            ? []
            : [[name, object.key === '' ? 'any' : cut(object.key)] as const]),
        ['Detail', object.detail && cut(object.detail)],
        [
          packages.length > 1 ? 'Packages, the latest' : 'Package',
          packages.length === 0
            ? undefined
            : el('span', { class: 'stack-small' }, ...packages.map((one) => packageLink(one, view))),
        ],
        ['First seen', time(issue.first_seen)],
        ['Last seen', time(issue.last_seen)],
        ['Issue', el('code', {}, recordText(issue.id))],
      ]),
    ),
  );
}

/** Of the latest denials: an update that broke something stands here. */
function latestPackages({ samples }: IssueDetail): readonly NonNullable<Denial['package']>[] {
  const owners = samples.flatMap((denial) => denial.package ?? []);
  return [...new Map(owners.map((owner) => [JSON.stringify([owner.name, owner.version]), owner])).values()];
}

export function issueHosts(issue: IssueDetail, view: View, nowMs: number): HTMLElement {
  const more = issue.hosts - issue.host_list.length;
  const rows = issue.host_list.map(
    (host): CountedName => ({
      name: host.name,
      count: host.denials,
      href: toAddress({ page: 'issues', range: view.range, host: host.id }),
      note: lastWords(Date.parse(host.last_seen), nowMs),
    }),
  );
  return countsCard('Hosts', more > 0 ? `the ${formatCount(rows.length)} with most denials` : '', rows, issue.denials);
}

/** The times of hosts are those of whole hours: it was somewhere in that one. */
function lastWords(hourMs: number, nowMs: number): string {
  const hours = Math.ceil((nowMs - hourMs) / HOUR_MS);
  if (hours <= 1) {
    return 'seen within the hour';
  }
  return hours <= HOURS_TOLD ? `seen within ${hours} hours` : `last seen ${formatAgo(hourMs, nowMs)}`;
}

export function issuePrograms(issue: IssueDetail): HTMLElement {
  const rows = issue.programs.map(({ program, denials }): CountedName => ({ name: program, count: denials }));
  return countsCard('Programs', sampledWords(issue), rows, issue.sampled);
}

export function issueUsers(issue: IssueDetail, known: readonly KnownUser[] | undefined): HTMLElement {
  const rows = issue.users.map(({ user, denials }): CountedName => ({ name: userName(user, known), count: denials }));
  return countsCard('Users', sampledWords(issue), rows, issue.sampled);
}

function sampledWords({ sampled, denials }: IssueDetail): string {
  return sampled < denials && sampled > 0 ? `of the last ${countOf(sampled, 'denial')}` : '';
}

function countsCard(title: string, note: string, rows: readonly CountedName[], all: number): HTMLElement {
  return el(
    'section',
    { class: 'card', 'aria-label': title },
    el('div', { class: 'card-head' }, el('h2', {}, title), el('span', { class: 'quiet' }, note)),
    el(
      'div',
      { class: 'card-body' },
      rows.length === 0 ? el('p', { class: 'quiet' }, 'The records do not say.') : countList(rows, all, SHOWN_MAX),
    ),
  );
}

/** The sentence as a heading, with the program as a path below it. */
export function issueTitle(issue: IssueDetail): HTMLElement {
  return el(
    'div',
    { class: 'page-title' },
    el('h1', { class: 'issue-title' }, recordText(issue.title)),
    issue.program_class === 'executable' && el('p', { class: 'quiet issue-path' }, recordPath(issue.program)),
  );
}
