// The family of a domain as a table: the same as the drawing, with all evidence in plain words.
import type { DomainAnswer, Evidence } from '../../../src/api/schemas/domain.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import type { DomainNode } from '../../state/domain-forest.ts';
import { lifeOf, lifeWords } from '../../state/domain-life.ts';
import { creatorText, denialsWords, STATUS_WORDS } from '../../state/domain-words.ts';
import { evidenceRecords, evidenceSentence, strengthOf } from '../../state/evidence-words.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { formatCount } from '../../text/format-number.ts';
import { shorten } from '../../text/visible-text.ts';
import { bareTable, type Column } from '../blocks/plain-table.ts';
import { domainLink } from './domain-link.ts';

/** Of one piece of evidence; the others are counted. */
const RECORDS_SHOWN_MAX = 4;
/** Of one sentence, which may name what records name. */
export const SENTENCE_MAX = 600;

export function familyTable(root: DomainNode, view: View, nowMs: number): HTMLElement {
  const rows = preorder(root).map((node) => node.data);
  const options = { name: 'family-table', isCurrent: ({ id }: DomainAnswer) => id === view.domain };
  return bareTable(
    'The family with the evidence for every edge, ancestors first',
    familyColumns(view, nowMs),
    rows,
    options,
  );
}

function preorder(root: DomainNode): readonly DomainNode[] {
  const nodes: DomainNode[] = [];
  root.eachBefore((node) => {
    nodes.push(node);
  });
  return nodes;
}

function familyColumns(view: View, nowMs: number): readonly Column<DomainAnswer>[] {
  const linkTo = ({ host, boot }: DomainAnswer, id: string) => domainLink(view, { host: host.id, boot, id });
  return [
    { title: 'Domain', cell: (domain) => linkTo(domain, domain.id) },
    { title: 'Made by', cell: (domain) => recordText(creatorText(domain)) },
    { title: 'Inside', cell: (domain) => (domain.parent === undefined ? '–' : linkTo(domain, domain.parent)) },
    {
      title: 'How that is known',
      cell: ({ parent, evidence }) => (parent === undefined ? '–' : evidenceList(evidence, view)),
    },
    { title: 'State', cell: ({ status }) => STATUS_WORDS[status] },
    { title: 'Denials', cell: (domain) => denialsWords(domain) },
    { title: 'Lifetime', cell: (domain) => lifeWords(lifeOf(domain, nowMs)) },
  ];
}

/** Every piece of evidence of an edge: how sure, the sentence, the records it rests on. */
export function evidenceList(evidence: readonly Evidence[], view: View): HTMLElement {
  return el(
    'ul',
    { class: 'evidence' },
    ...evidence.map((one) =>
      el(
        'li',
        {},
        el('span', { class: 'strength', 'data-strength': one.strength }, one.strength),
        el(
          'span',
          {},
          recordText(shorten(evidenceSentence(one), SENTENCE_MAX), { whole: true }),
          ...recordLinks(one, view),
        ),
      ),
    ),
    evidence.length === 0 &&
      el('li', {}, el('span', { class: 'strength', 'data-strength': 'unknown' }, strengthOf([]))),
  );
}

/** The records, each opening in the drawer. */
function recordLinks(evidence: Evidence, view: View): readonly (Node | string)[] {
  const records = evidenceRecords(evidence);
  const rest = records.length - RECORDS_SHOWN_MAX;
  const links = records.slice(0, RECORDS_SHOWN_MAX).flatMap((id, index) => [
    ' ',
    el(
      'a',
      {
        class: 'record-link',
        href: toAddress({ ...view, denial: id }),
        'aria-label': `Record ${index + 1} of this evidence`,
      },
      `record ${index + 1}`,
    ),
  ]);
  return rest > 0 ? [...links, ` and ${formatCount(rest)} more`] : links;
}
