// A domain in plain words: whose sandbox it is, what became of it, how much it refused and how much of that is known.
import type { DomainAllocated } from '../document.ts';
import { shown } from '../phrase.ts';
import { userText } from './explain.ts';

/** What is known of a domain. */
export interface DomainFacts {
  readonly id: string;
  readonly host: string;
  readonly status: 'live' | 'gone' | 'presumed-gone';
  readonly creator?: DomainAllocated['landlock']['domain']['creator'];
  readonly denials: { readonly logged: number; readonly total?: number; readonly unlogged?: number };
  readonly endedAt?: string;
  /** Sentences on why denials are not in the log. */
  readonly unloggedBecause: readonly string[];
}

function ownerText({ id, creator }: DomainFacts): string {
  const name = creator?.executable ?? creator?.name;
  const details = [`domain ${shown(id)}`];
  if (creator?.pid !== undefined) details.push(`pid ${creator.pid}`);
  if (creator?.uid !== undefined) details.push(userText(String(creator.uid)));
  const whose = name === undefined ? 'A sandbox' : `The sandbox that ${shown(name)} set up`;
  return `${whose} (${details.join(', ')})`;
}

function accesses(count: number): string {
  return count === 1 ? '1 access' : `${count} accesses`;
}

function refusedText({ denials: { logged, total, unlogged = 0 } }: DomainFacts): string {
  const all = total ?? logged;
  if (unlogged === 0) return `refused ${accesses(all)}`;
  return `refused ${accesses(all)}, ${unlogged} of which ${unlogged === 1 ? 'is' : 'are'} not in the log`;
}

function endText({ status, endedAt }: DomainFacts): string {
  switch (status) {
    case 'gone':
      return endedAt === undefined ? 'it has ended' : `it ended at ${endedAt}`;
    case 'presumed-gone':
      return 'it must have ended, since its host has booted again';
    case 'live':
      return 'nothing says that it has ended';
  }
}

/** The sentence. */
export function domainSentence(facts: DomainFacts): string {
  return `${ownerText(facts)} on ${shown(facts.host)} ${refusedText(facts)}; ${endText(facts)}.`;
}

/** What cannot be known of it, besides what its single denials leave open. */
export function domainUnknowns({ creator, status, denials, unloggedBecause }: DomainFacts): readonly string[] {
  const unknown: string[] = [];
  if (creator === undefined) unknown.push('Who set up the sandbox: the record about the domain was not seen.');
  if (status !== 'gone')
    unknown.push('How many accesses were refused without being logged: the kernel tells the sum when the domain ends.');
  if ((denials.unlogged ?? 0) > 0) {
    unknown.push(
      unloggedBecause.length === 0
        ? 'What the accesses were that are not in the log.'
        : `What the accesses were that are not in the log. ${unloggedBecause.join(' ')}`,
    );
  }
  unknown.push('What the policy allows: the kernel does not log rules.');
  return unknown;
}
