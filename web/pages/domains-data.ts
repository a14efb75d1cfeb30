// What the list of domains knows: pages of it as far as they were asked for.
import type { DomainEvent } from '../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import type { Page, Parameters } from '../net/api-client.ts';
import { domainKey } from '../state/domain-forest.ts';
import { withEnd } from '../state/domain-life.ts';
import { FIRST_ROWS } from '../state/first-question.ts';
import { domainParameters } from '../state/request-parameters.ts';
import { ListedData } from './listed-data.ts';

/** On the page. */
export const DOMAINS_MAX = 10_000;
/** News are asked for together, not faster than this. */
const NEWS_DELAY_MS = 3_000;

export class DomainsData extends ListedData<DomainAnswer> {
  /** The last to become known first. */
  domains: readonly DomainAnswer[] = [];
  protected readonly path = '/domains';
  protected readonly pageRows = FIRST_ROWS.domains;
  protected readonly rowsMax = DOMAINS_MAX;

  get rows(): readonly DomainAnswer[] {
    return this.domains;
  }

  /** Something arrived that changes the list: its end at once, the rest with the next answer. */
  hear(event?: DomainEvent): void {
    if (event?.kind === 'domain-deallocated') {
      this.domains = this.domains.map((domain) => withEnd(domain, event));
      this.options.onChange();
    }
    this.soon(NEWS_DELAY_MS, () => void this.loadPage(undefined));
  }

  protected parameters(): Parameters {
    return domainParameters(this.view);
  }

  protected override forget(): void {
    super.forget();
    this.domains = [];
  }

  /** What was loaded beyond the first page stays when that one comes anew. */
  protected take({ data, next_cursor: nextCursor }: Page<DomainAnswer>, isFirst: boolean): void {
    const known = new Set(this.domains.map(domainKey));
    // Where a whole page is news, there may be others between it and what is known: begin anew.
    const isAnew = isFirst && !data.some((domain) => known.has(domainKey(domain)));
    const merged = isAnew ? data : isFirst ? merge(data, this.domains) : merge(this.domains, data);
    this.domains = merged.slice(0, DOMAINS_MAX);
    if (isAnew || !isFirst || !this.isAnswered) {
      this.nextCursor = nextCursor;
    }
  }
}

/** Each domain once, as the first list that has it says. */
function merge(first: readonly DomainAnswer[], then: readonly DomainAnswer[]): readonly DomainAnswer[] {
  const known = new Set(first.map(domainKey));
  return [...first, ...then.filter((domain) => !known.has(domainKey(domain)))];
}
