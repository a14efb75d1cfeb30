// One row of the forest: a boot, or a domain with its place in the tree. Everything that comes from records goes
// through recordText.
import { el, svg } from '../../dom/el.ts';
import { recordPath, recordText } from '../../dom/record-text.ts';
import { type Life, lifeOf, lifeWords, type Span, spanEndWords } from '../../state/domain-life.ts';
import { creatorText, denialsWords, STATUS_WORDS } from '../../state/domain-words.ts';
import { shortEvidence, strengthOf } from '../../state/evidence-words.ts';
import type { View } from '../../state/page-address.ts';
import { type BootRow, type DomainRow, levelOf } from '../../state/tree-rows.ts';
import { countOf, formatCount } from '../../text/format-number.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { domainHref, domainLink } from './domain-link.ts';
import { domainStatus } from './domain-status.ts';
import { lifeBar } from './life-bar.ts';
import { indentOf, railLines } from './tree-rails.ts';

export interface RowContext {
  readonly view: View;
  readonly formats: TimeFormats;
  readonly nowMs: number;
  /** Of a row, in pixels, and where its first line of text is. */
  readonly height: number;
  readonly middle: number;
  /** Of one level of the tree. */
  readonly indent: number;
  /** The axis of each boot, by its key. */
  readonly spans: ReadonlyMap<string, Span>;
}

export function bootRow(row: BootRow, isOpen: boolean, context: RowContext): HTMLElement {
  const { host, boot, count, key } = row.forest;
  const span = context.spans.get(key);
  return el(
    'div',
    {
      class: 'forest-row forest-boot',
      role: 'row',
      'aria-level': 1,
      'aria-expanded': String(isOpen),
      tabindex: -1,
    },
    el(
      'div',
      { class: 'forest-place', role: 'gridcell' },
      el('span', { class: 'twist', 'data-open': String(isOpen), 'aria-hidden': 'true' }),
      el('strong', {}, recordText(host.name)),
      el(
        'span',
        { class: 'quiet boot-id', title: escapeOdd(shorten(boot, 80)) },
        'boot ',
        recordText(boot.slice(0, 8)),
      ),
      el('span', { class: 'quiet' }, countOf(count, 'domain')),
    ),
    el('div', { class: 'forest-axis', role: 'gridcell' }, span && axisWords(span, context)),
  );
}

function axisWords(span: Span, { formats, nowMs }: RowContext): HTMLElement {
  return el(
    'span',
    { class: 'axis-words' },
    el(
      'time',
      { datetime: new Date(span.fromMs).toISOString(), title: formatUtc(span.fromMs) },
      formats.short(span.fromMs, nowMs),
    ),
    el('span', {}, spanEndWords(span)),
  );
}

export function domainRow(row: DomainRow, bootKey: string, context: RowContext): HTMLElement {
  const domain = row.node.data;
  const life = lifeOf(domain, context.nowMs);
  const hasChildren = row.node.children !== undefined;
  const element = el(
    'div',
    {
      class: 'forest-row forest-domain',
      role: 'row',
      'aria-level': levelOf(row),
      'aria-posinset': row.position,
      'aria-setsize': row.siblings,
      'aria-expanded': hasChildren && String(row.isOpen),
      'aria-label': rowName(row, life),
      tabindex: -1,
    },
    treeCell(row, context),
    edgeCell(row, context),
    el('div', { class: 'forest-status', role: 'gridcell' }, domainStatus(domain.status)),
    countCell('forest-logged', domain.denials.logged, 'logged'),
    countCell('forest-unlogged', domain.denials.unlogged, 'not logged'),
    el(
      'div',
      { class: 'forest-life', role: 'gridcell' },
      el('span', { class: 'life-words' }, lifeWords(life)),
      lifeBar(life, context.spans.get(bootKey)),
    ),
  );
  element.style.setProperty('--indent', `${indentOf(row.rails, context.indent)}px`);
  return element;
}

function rowName({ node }: DomainRow, life: Life | undefined): string {
  const domain = node.data;
  const creator = creatorText(domain);
  const parts = [
    `Domain ${domain.id}`,
    creator === '' ? undefined : `made by ${creator}`,
    domain.parent === undefined ? undefined : `inside ${domain.parent}, ${strengthOf(domain.evidence)}`,
    STATUS_WORDS[domain.status],
    denialsWords(domain),
    lifeWords(life),
  ];
  return escapeOdd(shorten(parts.filter((part) => part !== undefined).join(', '), 400));
}

function treeCell(row: DomainRow, { view, height, middle, indent }: RowContext): HTMLElement {
  const domain = row.node.data;
  const width = indentOf(row.rails, indent) + indent;
  const hasChildren = row.node.children !== undefined;
  const lines = railLines({
    rails: row.rails,
    strength: strengthOf(domain.evidence),
    height,
    indent,
    middle,
    hasBelow: hasChildren && row.isOpen,
  });
  const link = domainLink(view, { host: domain.host.id, boot: domain.boot, id: domain.id });
  link.tabIndex = -1;
  const program = domain.creator?.executable ?? creatorText(domain);
  return el(
    'div',
    { class: 'forest-tree', role: 'gridcell' },
    svg('svg', { class: 'rails', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' }, ...lines),
    hasChildren
      ? el('span', { class: 'twist', 'data-open': String(row.isOpen), 'aria-hidden': 'true' })
      : el('span', { class: 'knot', 'aria-hidden': 'true' }),
    link,
    el(
      'span',
      { class: 'forest-program', title: escapeOdd(shorten(program, 400)) },
      recordPath(program),
      domain.creator?.pid !== undefined && el('span', { class: 'quiet' }, domain.creator.pid),
    ),
  );
}

function edgeCell({ node }: DomainRow, { view }: RowContext): HTMLElement {
  const { parent, evidence, host, boot } = node.data;
  if (parent === undefined) {
    return el('div', { class: 'forest-edge', role: 'gridcell' });
  }
  const strength = strengthOf(evidence);
  const short = shortEvidence(evidence);
  const isShown = node.parent !== null;
  return el(
    'div',
    { class: 'forest-edge', role: 'gridcell' },
    el('span', { class: 'strength', 'data-strength': strength }, strength),
    isShown
      ? el('span', { class: 'clip quiet', title: escapeOdd(shorten(short, 200)) }, recordText(short))
      : el(
          'span',
          { class: 'clip quiet' },
          'in ',
          el('a', { href: domainHref(view, { host: host.id, boot, id: parent }), tabindex: -1 }, recordText(parent)),
        ),
  );
}

function countCell(name: string, count: number | undefined, words: string): HTMLElement {
  const isOdd = name === 'forest-unlogged' && (count ?? 0) > 0;
  return el(
    'div',
    { class: `forest-count ${name}`, role: 'gridcell', 'data-level': isOdd ? 'warn' : (count ?? 0) === 0 && 'none' },
    count === undefined ? el('span', { title: 'Not known' }, '–') : formatCount(count),
    el('span', { class: 'narrow-word' }, ` ${words}`),
  );
}
