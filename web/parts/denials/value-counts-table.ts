// Values with their counts as a card's content, each leading to its denials.
import type { Top } from '../../../src/api/schemas/stats.ts';
import { denialsView, toAddress, type View } from '../../state/page-address.ts';
import { type QueryField, termOf } from '../../state/query-terms.ts';
import { nothingBox } from '../blocks/answer-card.ts';
import { countList } from '../blocks/count-list.ts';

/** Shares are those of the listed and the others together. */
export function topList(top: Top, field: QueryField, view: View): HTMLElement {
  if (top.data.length === 0) {
    return nothingBox('None in this time.');
  }
  const all = top.data.reduce((sum, one) => sum + one.denials, top.others);
  const rows = top.data.map(({ value, label, denials }) => ({
    name: label ?? value,
    count: denials,
    href: toAddress(denialsView(view, termOf(field, value))),
  }));
  const list = countList(rows, all, rows.length);
  list.classList.add('card-body', 'plain-counts');
  return list;
}
