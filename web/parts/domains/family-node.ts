// One domain in the drawing of a family: a row with its lines, its id and program, how sure its edge is, its denials
// and its life. Texts are text nodes; what odd characters there are is shown as escapes.
import { svg } from '../../dom/el.ts';
import { lifeOf, lifeWords, placeOf, type Span } from '../../state/domain-life.ts';
import { denialsWords, edgeWords, STATUS_WORDS, strengthWords } from '../../state/domain-words.ts';
import { strengthOf } from '../../state/evidence-words.ts';
import type { View } from '../../state/page-address.ts';
import type { DomainRow } from '../../state/tree-rows.ts';
import { formatShortCount } from '../../text/format-number.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { domainHref } from './domain-link.ts';
import { INDENT, INDENT_NARROW, indentOf, railLines } from './tree-rails.ts';

export interface FamilyLayout {
  readonly width: number;
  readonly isNarrow: boolean;
  readonly rowHeight: number;
  /** Of one level. */
  readonly indent: number;
  /** Of the line with the id, from the top of a row. */
  readonly middle: number;
  /** Where the text of the edge begins, and how much room it has; 0 where there is none. */
  readonly edgeX: number;
  readonly edgeWidth: number;
  /** The right end of the counts. */
  readonly countX: number;
  readonly barX: number;
  readonly barWidth: number;
  readonly span: Span | undefined;
}

export interface NodeFacts {
  readonly layout: FamilyLayout;
  readonly y: number;
  readonly view: View;
  readonly self: string;
  readonly isActive: boolean;
  readonly nowMs: number;
}

const MARGIN = 14;
/** Of one character of an id, in pixels. */
const ID_CHARACTER = 7.9;
/** Of one character of a proportional text, wide ones taken into account. */
const CHARACTER = 7.1;
const COUNT_WIDTH = 92;
const BAR_HEIGHT = 8;

/** Where things are, for a drawing `width` pixels wide. */
export function familyLayout(width: number, rows: readonly DomainRow[], span: Span | undefined): FamilyLayout {
  const deepest = rows.reduce((most, row) => Math.max(most, indentOf(row.rails, INDENT)), 0);
  if (width < 720) {
    const barX = MARGIN + 6;
    return {
      width,
      isNarrow: true,
      rowHeight: 62,
      indent: INDENT_NARROW,
      middle: 17,
      edgeX: 0,
      edgeWidth: 0,
      countX: width - MARGIN,
      barX,
      barWidth: width - barX - MARGIN,
      span,
    };
  }
  const treeWidth = Math.min(Math.max(300, deepest + 280), width * 0.42);
  const edgeWidth = width < 1_000 ? 76 : 250;
  const edgeX = treeWidth + MARGIN;
  const countX = edgeX + edgeWidth + COUNT_WIDTH;
  const barX = countX + 28;
  return {
    width,
    isNarrow: false,
    rowHeight: 32,
    indent: INDENT,
    middle: 16,
    edgeX,
    edgeWidth,
    countX,
    barX,
    barWidth: Math.max(40, width - barX - MARGIN),
    span,
  };
}

export interface FamilyNode {
  readonly element: SVGElement;
  /** What takes the focus and is followed. */
  readonly link: SVGElement;
}

/** The drawing is for eyes alone; the link over it says the same in one sentence. */
export function familyNode(row: DomainRow, facts: NodeFacts): FamilyNode {
  const { layout, y, self } = facts;
  const room = { x: 2, y: 1, width: layout.width - 4, height: layout.rowHeight - 2, rx: 4 };
  const link = nodeLink(row, facts, svg('rect', { class: 'family-room', ...room }));
  const element = svg(
    'g',
    {
      class: `family-row${row.node.data.id === self ? ' is-self' : ''}`,
      transform: `translate(0 ${y})`,
    },
    svg(
      'g',
      { 'aria-hidden': 'true' },
      svg('rect', { class: 'family-back', ...room }),
      ...treePart(row, layout),
      ...textPart(row, facts),
      ...countPart(row, layout),
      ...barPart(row, facts),
    ),
    link,
    twistPart(row, layout),
  );
  return { element, link };
}

function nodeLink(row: DomainRow, facts: NodeFacts, room: SVGElement): SVGElement {
  const { view, self, isActive } = facts;
  const { host, boot, id } = row.node.data;
  const isSelf = id === self;
  const name = nodeName(row, facts);
  return svg(
    'a',
    {
      class: `family-node${isSelf ? ' is-self' : ''}`,
      href: domainHref(view, { host: host.id, boot, id }),
      role: 'treeitem',
      tabindex: isActive ? 0 : -1,
      'aria-level': row.rails.length + 1,
      'aria-posinset': row.position,
      'aria-setsize': row.siblings,
      'aria-expanded': row.node.children !== undefined && String(row.isOpen),
      'aria-current': isSelf && 'true',
      'aria-selected': String(isSelf),
      'aria-label': name,
    },
    svg('title', {}, name),
    room,
  );
}

function nodeName({ node }: DomainRow, { nowMs }: NodeFacts): string {
  const domain = node.data;
  const creator = programWords(domain);
  const parts = [
    `Domain ${domain.id}`,
    creator === '' ? undefined : `made by ${creator}`,
    domain.parent === undefined ? undefined : `inside ${domain.parent}, ${edgeWords(domain)}`,
    STATUS_WORDS[domain.status],
    denialsWords(domain),
    lifeWords(lifeOf(domain, nowMs)),
  ];
  return escapeOdd(shorten(parts.filter((part) => part !== undefined).join(', '), 400));
}

function treePart(row: DomainRow, { middle, rowHeight, indent }: FamilyLayout): readonly SVGElement[] {
  const hasChildren = row.node.children !== undefined;
  const lines = railLines({
    rails: row.rails,
    strength: strengthOf(row.node.data.evidence),
    height: rowHeight,
    indent,
    middle,
    hasBelow: hasChildren && row.isOpen,
  });
  const x = indentOf(row.rails, indent) + indent / 2;
  const knot = !hasChildren && svg('circle', { class: 'family-knot', cx: x, cy: middle, r: 3.5 });
  return [svg('g', { transform: `translate(${MARGIN - 8} 0)` }, ...lines, knot)];
}

/** The sign that opens and closes what is below: for the mouse, as the keyboard has the arrow keys. */
function twistPart(row: DomainRow, { middle, indent }: FamilyLayout): SVGElement | undefined {
  if (row.node.children === undefined) {
    return undefined;
  }
  const x = MARGIN - 8 + indentOf(row.rails, indent) + indent / 2;
  return svg(
    'g',
    { class: 'family-twist', 'aria-hidden': 'true' },
    svg('rect', { class: 'twist-room', x: x - 12, y: middle - 12, width: 24, height: 24 }),
    svg('rect', { class: 'twist-box', x: x - 5.5, y: middle - 5.5, width: 11, height: 11, rx: 2.5 }),
    svg('path', { class: 'twist-sign', d: `M${x - 3} ${middle}h6${row.isOpen ? '' : `M${x} ${middle - 3}v6`}` }),
  );
}

function textPart({ node, rails }: DomainRow, { layout }: NodeFacts): readonly SVGElement[] {
  const domain = node.data;
  const { middle, isNarrow, indent, edgeX, edgeWidth, countX, width, rowHeight } = layout;
  const x = MARGIN + indentOf(rails, indent) + indent - 4 + (isNarrow ? 4 : 0);
  const right = (isNarrow ? countX - COUNT_WIDTH : edgeX) - 8;
  const id = svg('text', { class: 'family-id', x, y: middle + 4.5 }, escapeOdd(domain.id));
  const programX = x + domain.id.length * ID_CHARACTER + 10;
  const parts: SVGElement[] = [id];
  if (right > programX) {
    const words = fitted(domain, Math.floor((right - programX) / CHARACTER));
    parts.push(clipped(programX, right - programX, rowHeight, words, middle, 'family-program'));
  }
  if (domain.parent !== undefined) {
    const words = strengthWords(domain, !isNarrow && edgeWidth < 100);
    parts.push(
      isNarrow
        ? clipped(x, width - x - MARGIN, rowHeight, words, middle + 17, 'family-edge')
        : clipped(edgeX, edgeWidth, rowHeight, words, middle, 'family-edge'),
    );
  }
  return parts;
}

function programWords({ creator }: DomainRow['node']['data']): string {
  const name = creator?.executable ?? creator?.name ?? '';
  return creator?.pid === undefined ? name : `${name} (${creator.pid})`;
}

/** The program in so many characters: where its path is too long the folders go first, and the last name stays. */
function fitted(domain: DomainRow['node']['data'], room: number): string {
  const whole = programWords(domain);
  if (whole.length <= room) {
    return whole;
  }
  const name = whole.slice(whole.lastIndexOf('/') + 1);
  const short = name.length < whole.length && name.length + 2 <= room ? `…/${name}` : name;
  return short.length <= room ? short : `${short.slice(0, Math.max(1, room - 1))}…`;
}

/** Text that is cut where its room ends; the whole is in the row's tooltip. */
function clipped(x: number, width: number, height: number, text: string, middle: number, name: string): SVGElement {
  const shown = svg('text', { class: name, x: 0, y: middle + 4.5 }, escapeOdd(shorten(text, 160)));
  return svg('svg', { x, y: 0, width: Math.max(0, width), height, overflow: 'hidden' }, shown);
}

function countPart({ node }: DomainRow, { countX, middle }: FamilyLayout): readonly SVGElement[] {
  const { logged, unlogged } = node.data.denials;
  const text = svg(
    'text',
    { class: 'family-count', x: countX, y: middle + 4.5, 'text-anchor': 'end' },
    formatShortCount(logged),
  );
  if (unlogged !== undefined && unlogged > 0) {
    text.append(svg('tspan', { class: 'family-unlogged' }, ` + ${formatShortCount(unlogged)}`));
  }
  return [text];
}

function barPart({ node }: DomainRow, { layout, nowMs }: NodeFacts): readonly SVGElement[] {
  const life = lifeOf(node.data, nowMs);
  const { span, barX, barWidth, middle, rowHeight, isNarrow } = layout;
  if (life === undefined || span === undefined) {
    return [];
  }
  const { from, width } = placeOf(life, span);
  const barLength = Math.max(3, width * barWidth);
  const x = barX + Math.min(from * barWidth, barWidth - barLength);
  const y = isNarrow ? rowHeight - BAR_HEIGHT - 6 : middle - BAR_HEIGHT / 2;
  const bar = svg('rect', {
    class: 'family-bar',
    'data-end': life.end,
    x,
    y,
    width: barLength,
    height: BAR_HEIGHT,
    rx: 2,
  });
  const end =
    life.end === 'open' &&
    svg('path', {
      class: 'family-open',
      d: `M${x + barLength - 1} ${y - 2}l5 ${BAR_HEIGHT / 2 + 2}l-5 ${BAR_HEIGHT / 2 + 2}z`,
    });
  return [bar, ...(end === false ? [] : [end]), ...ticks(node.data, layout, y)];
}

/** The first and the last denial, as strokes across the bar. */
function ticks(
  { first_denial_at: first, last_denial_at: last }: DomainRow['node']['data'],
  { span, barX, barWidth }: FamilyLayout,
  y: number,
): readonly SVGElement[] {
  return [...new Set([first, last])].flatMap((at) => {
    const atMs = Date.parse(at ?? '');
    if (Number.isNaN(atMs) || span === undefined) {
      return [];
    }
    const { from } = placeOf({ fromMs: atMs, toMs: atMs, end: 'known' }, span);
    return [svg('path', { class: 'family-tick', d: `M${barX + from * barWidth} ${y - 3}v${BAR_HEIGHT + 6}` })];
  });
}
