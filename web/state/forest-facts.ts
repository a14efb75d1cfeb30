// What the forest of domains says of its rows as a whole.
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { countOf } from '../text/format-number.ts';
import type { BootForest } from './domain-forest.ts';
import { lifeOf, type Span, spanOf } from './domain-life.ts';
import { type EdgeStrength, STRENGTHS, strengthOf } from './evidence-words.ts';
import type { ForestRow } from './tree-rows.ts';

/** Of each row the key of the boot that it stands under. */
export function bootsOf(rows: readonly ForestRow[]): readonly string[] {
  let boot = '';
  return rows.map((row) => {
    boot = row.kind === 'boot' ? row.key : boot;
    return boot;
  });
}

/** By boot: from the first life to the last end. */
export function spansOf(forests: readonly BootForest[], nowMs: number): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  for (const forest of forests) {
    const lives = forest.roots.flatMap((root) => root.descendants().flatMap((node) => lifeOf(node.data, nowMs) ?? []));
    const span = spanOf(lives);
    if (span !== undefined) {
      spans.set(forest.key, span);
    }
  }
  return spans;
}

/** The strengths that edges have, the surest first. */
export function strengthsAmong(domains: readonly DomainAnswer[]): readonly EdgeStrength[] {
  const seen = new Set(domains.flatMap((one) => (one.parent === undefined ? [] : strengthOf(one.evidence))));
  return STRENGTHS.filter((strength) => seen.has(strength));
}

/** `1,204 domains of 3 boots`. */
export function forestNote(domains: readonly DomainAnswer[], hasMore: boolean): string {
  const boots = new Set(domains.map((domain) => `${domain.host.id} ${domain.boot}`)).size;
  return `${hasMore ? 'the last ' : ''}${countOf(domains.length, 'domain')} of ${countOf(boots, 'boot')}`;
}
