// The head of the page of a domain: what it is, who made it, what became of it, and its numbers.
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import { type Child, el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { processText } from '../../state/denial-words.ts';
import { lifeOf, lifeWords } from '../../state/domain-life.ts';
import { STATUS_NOTES, unloggedWords } from '../../state/domain-words.ts';
import { depthWords } from '../../state/evidence-words.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { countOf, formatCount, formatShortCount } from '../../text/format-number.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { type Fact, factsList } from '../blocks/facts-list.ts';
import { numberTile } from '../charts/number-tile.ts';
import { type DomainName, domainLink } from './domain-link.ts';
import { domainStatus } from './domain-status.ts';
import { evidenceList, SENTENCE_MAX } from './family-table.ts';

export interface DomainHeadFacts {
  readonly view: View;
  readonly domain: DomainAnswer;
  /** Known ancestors and descendants. */
  readonly ancestors: number;
  readonly descendants: number;
  readonly formats: TimeFormats;
  readonly nowMs: number;
}

/** From the whole to the part: all domains, the host, the boot. */
export function domainTrail(view: View, domain: DomainAnswer | undefined): HTMLElement {
  const { host = '', boot = '', range } = view;
  return el(
    'nav',
    { class: 'trail', 'aria-label': 'Where this is' },
    el('a', { href: toAddress({ page: 'domains', range }) }, 'Domains'),
    el('a', { href: toAddress({ page: 'domains', range, host }) }, recordText(domain?.host.name ?? host)),
    el('a', { href: toAddress({ page: 'domains', range, host, boot }) }, 'boot ', recordText(boot.slice(0, 8))),
  );
}

export function domainTiles(facts: DomainHeadFacts): HTMLElement {
  const { domain, ancestors, descendants, nowMs } = facts;
  const { logged, total, unlogged } = domain.denials;
  const life = lifeOf(domain, nowMs);
  return el(
    'ul',
    { class: 'tiles', 'aria-label': 'Numbers' },
    numberTile(
      'logged',
      'Denials in the log',
      formatShortCount(logged),
      total === undefined ? 'until now' : `of ${formatCount(total)} in all`,
    ),
    numberTile(
      'unlogged',
      'Not in the log',
      unlogged === undefined ? '?' : formatShortCount(unlogged),
      unloggedWords(domain),
      (unlogged ?? 0) > 0,
    ),
    numberTile('life', 'Lifetime', lifeWords(life).replace(/^\D+/, '') || '?', STATUS_NOTES[domain.status]),
    numberTile('family', 'Family', formatShortCount(ancestors + descendants + 1), familyWords(ancestors, descendants)),
  );
}

function familyWords(ancestors: number, descendants: number): string {
  return ancestors + descendants === 0
    ? 'no relative is known'
    : `${countOf(ancestors, 'ancestor')}, ${countOf(descendants, 'descendant')} known`;
}

/** Everything else that is known of the domain, in two columns where there is room. */
export function domainFacts({ view, domain, formats }: DomainHeadFacts): HTMLElement {
  const { creator } = domain;
  const time = (at: string | undefined): Node | undefined =>
    at === undefined
      ? undefined
      : el('time', { datetime: at, title: formatUtc(Date.parse(at)) }, formats.full(Date.parse(at)));
  return el(
    'section',
    { class: 'card domain-facts', 'aria-label': 'Facts' },
    el(
      'div',
      { class: 'facts-column' },
      el('h2', {}, 'Made by'),
      creator === undefined
        ? el('p', { class: 'quiet' }, 'The record of its making was not received, so nobody knows.')
        : factsList([
            ['Process', cut(processText(creator.name, creator.pid))],
            ['Executable', cut(creator.executable)],
            ['User', creator.uid === undefined ? undefined : `uid ${creator.uid}`],
          ]),
    ),
    el(
      'div',
      { class: 'facts-column' },
      el('h2', {}, 'Life'),
      factsList([
        ['State', domainStatus(domain.status)],
        ['Mode', cut(domain.mode)],
        ['Created', time(domain.created_at)],
        ['First logged', time(domain.allocated_at)],
        ['First denial', time(domain.first_denial_at)],
        ['Last denial', time(domain.last_denial_at)],
        ['Ended', time(domain.deallocated_at)],
        ...rulesetFacts(domain),
      ]),
    ),
    el('div', { class: 'facts-column' }, el('h2', {}, 'Inside of'), ...descent(domain, view)),
  );
}

/** A text of which a page shows a part; the whole is in its tooltip. */
function cut(text: string | undefined, lengthMax = 240): Node | undefined {
  return text === undefined || text === ''
    ? undefined
    : el('span', { title: escapeOdd(text) }, recordText(shorten(text, lengthMax), { whole: true }));
}

/** What the domain was made from, where the kernel or an audit rule told. */
function rulesetFacts({ ruleset }: DomainAnswer): readonly Fact[] {
  const { fs = [], net = [], scopes = [] } = ruleset?.handled ?? {};
  return [
    ['Handles', cut([...fs, ...net, ...scopes].join(', '), SENTENCE_MAX)],
    ['Rules', ruleset?.rules === undefined ? undefined : `${countOf(ruleset.rules, 'rule')} seen to be added`],
  ];
}

function descent(domain: DomainAnswer, view: View): readonly Child[] {
  const place = { host: domain.host.id, boot: domain.boot };
  const { parent, evidence, other_ancestors: others = [], ruled_out: ruledOut = [] } = domain;
  return [
    parent === undefined
      ? el(
          'p',
          { class: 'quiet' },
          domain.traced === true
            ? 'Nothing: the kernel said when it made the domain that it has no parent.'
            : 'Nothing that was recorded says so. It may stand alone, or its parent left no trace.',
        )
      : el(
          'div',
          { class: 'descent' },
          el(
            'p',
            {},
            domainLink(view, { ...place, id: parent }),
            el('span', { class: 'quiet' }, ', or something in it that left no trace'),
          ),
          evidenceList(evidence, view),
        ),
    el('p', { class: 'quiet' }, depthWords(domain)),
    others.length > 0 && furtherOut(others, place, view),
    ruledOut.length > 0 && ruledOutList(ruledOut, place, view),
    domain.evidence_incomplete === true &&
      el(
        'p',
        { class: 'drawer-note' },
        'Its boot has too many records to look at all of them: there may be more evidence, for and against.',
      ),
  ];
}

type Place = Omit<DomainName, 'id'>;

function furtherOut(others: NonNullable<DomainAnswer['other_ancestors']>, place: Place, view: View): HTMLElement {
  return el(
    'details',
    { class: 'descent' },
    el('summary', {}, `${countOf(others.length, 'more ancestor')}, further out or instead`),
    ...others.map((other) =>
      el('div', { class: 'descent' }, domainLink(view, { ...place, id: other.id }), evidenceList(other.evidence, view)),
    ),
  );
}

function ruledOutList(ruledOut: NonNullable<DomainAnswer['ruled_out']>, place: Place, view: View): HTMLElement {
  return el(
    'details',
    { class: 'descent' },
    el('summary', {}, `${countOf(ruledOut.length, 'domain')} ruled out`),
    el(
      'ul',
      { class: 'evidence' },
      ...ruledOut.map((one) =>
        el(
          'li',
          {},
          domainLink(view, { ...place, id: one.id }),
          el('span', {}, recordText(shorten(one.text, SENTENCE_MAX), { whole: true })),
        ),
      ),
    ),
  );
}
