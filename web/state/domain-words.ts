// What is known of a domain, as short texts. Pure; texts that come from records go through record-text.ts on their
// way to the page.
import type { DomainAnswer, DomainStatus } from '../../src/api/schemas/domain.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import { shortEvidence, strengthOf } from './evidence-words.ts';

export const STATUS_WORDS: Readonly<Record<DomainStatus, string>> = {
  live: 'live',
  gone: 'ended',
  'presumed-gone': 'ended, presumably',
};

export const STATUS_NOTES: Readonly<Record<DomainStatus, string>> = {
  live: 'No record says that it has ended.',
  gone: 'The kernel told of its end.',
  'presumed-gone': 'Its host has started anew since, so it cannot be there any more.',
};

/** The program that made the domain: the last part of its path, its name, or nothing. */
export function creatorText({ creator }: DomainAnswer): string {
  return creator?.executable?.split('/').at(-1) || creator?.name || '';
}

/** `3 denials logged, 2 more not`. */
export function denialsWords({ denials }: DomainAnswer): string {
  const logged = `${countOf(denials.logged, 'denial')} logged`;
  return denials.unlogged === undefined || denials.unlogged === 0
    ? logged
    : `${logged}, ${formatCount(denials.unlogged)} more not`;
}

/** Why denials of a domain are not in the log, as far as that can be said. */
export function unloggedWords(domain: DomainAnswer): string {
  const { denials, status } = domain;
  if (denials.unlogged === undefined) {
    return status === 'live'
      ? 'The kernel tells the total when the domain ends.'
      : 'The record of its end, which has the total, was not received.';
  }
  if (denials.unlogged === 0) {
    return 'All denials are in the log.';
  }
  const said = domain.unlogged_because?.map((one) => one.text).join(' ');
  return said || 'Counted by the kernel but not logged: log flags, quiet rules or a loss on the way.';
}

/** `strong: its process was born inside`; empty for a domain without a known parent. */
export function edgeWords({ parent, evidence }: DomainAnswer): string {
  if (parent === undefined) {
    return '';
  }
  const short = shortEvidence(evidence);
  return short === '' ? strengthOf(evidence) : `${strengthOf(evidence)}: ${short}`;
}

/** The same for little room: `strong` alone where `isShort`. */
export function strengthWords(domain: DomainAnswer, isShort: boolean): string {
  return isShort ? strengthOf(domain.evidence) : edgeWords(domain);
}
