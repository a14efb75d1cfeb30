// Gathers the denials of an input into issues, each explained by its first denial. Bounded: what comes after the bounds
// is counted, not kept.
import type { Denial, Document, DomainAllocated } from '../landlock/document.ts';
import { type ExplainContext, type Explanation, explain } from '../landlock/explain/explain.ts';
import { type Fingerprint, fingerprintOf } from '../landlock/fingerprint.ts';
import { issueTitle } from '../landlock/issue-title.ts';

/** Issues that are kept. */
export const issuesMax = 10_000;
/** Domains whose creators are kept. */
export const creatorsMax = 100_000;

/** One issue of an input, and its first denial explained. */
export interface ExplainedIssue extends Explanation {
  readonly issue: {
    readonly fingerprint: string;
    readonly title: string;
    /** Denials of this input. */
    readonly count: number;
    /** The earliest and the latest. */
    readonly first: string;
    readonly last: string;
  };
  /** The denial that is explained. */
  readonly event: { readonly id: string };
}

interface Gathered {
  readonly fingerprint: Fingerprint;
  readonly denial: Denial;
  count: number;
  first: string;
  last: string;
}

type Creator = NonNullable<ExplainContext['creator']>;

function domainKey({ host, landlock }: Denial | DomainAllocated): string {
  return JSON.stringify([host.id, host.boot.id, landlock.domain.id]);
}

export class IssueTally {
  readonly #issues = new Map<string, Gathered>();
  readonly #creators = new Map<string, Creator>();
  #beyond = 0;

  /** Denials of issues beyond {@link issuesMax}. */
  get beyond(): number {
    return this.#beyond;
  }

  add(document: Document): void {
    if (document.kind === 'domain-allocated') {
      const key = domainKey(document);
      if (this.#creators.size < creatorsMax) this.#creators.set(key, document.landlock.domain.creator);
    } else if (document.kind === 'denial') this.#addDenial(document);
  }

  #addDenial(denial: Denial): void {
    const fingerprint = fingerprintOf(denial);
    const time = denial['@timestamp'];
    const known = this.#issues.get(fingerprint.fingerprint);
    if (known !== undefined) {
      known.count++;
      if (time < known.first) known.first = time;
      if (time > known.last) known.last = time;
    } else if (this.#issues.size < issuesMax) {
      this.#issues.set(fingerprint.fingerprint, { fingerprint, denial, count: 1, first: time, last: time });
    } else this.#beyond++;
  }

  /** The most frequent first; the creator of a domain may have come after its denials. */
  explained(): readonly ExplainedIssue[] {
    const issues = [...this.#issues.values()].sort((one, other) => other.count - one.count);
    return issues.map(({ fingerprint, denial, count, first, last }) => {
      const creator = this.#creators.get(domainKey(denial));
      return {
        issue: {
          fingerprint: fingerprint.fingerprint,
          title: issueTitle(fingerprint),
          count,
          first,
          last,
        },
        event: { id: denial.event.id },
        ...explain(denial, creator === undefined ? {} : { creator }),
      };
    });
  }
}
