// The domains of all hosts as a forest, narrowed by the filters in the address.
import type { DomainEvent } from '../../src/api/schemas/document.ts';
import { el, fill } from '../dom/el.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { createNotices } from '../parts/blocks/notices.ts';
import { emptyBox, failedBox, loadingBox } from '../parts/blocks/states.ts';
import { createDomainFilters } from '../parts/domains/domain-filters.ts';
import { DomainForest } from '../parts/domains/domain-forest.ts';
import { emptyReason } from '../state/empty-reason.ts';
import { forestNote } from '../state/forest-facts.ts';
import type { View } from '../state/page-address.ts';
import { countOf } from '../text/format-number.ts';
import { DataPage } from './data-page.ts';
import { DOMAINS_MAX, DomainsData } from './domains-data.ts';
import type { PageOptions } from './page.ts';

export class DomainsPage extends DataPage<DomainsData> {
  readonly #filters;
  readonly #notices = createNotices();
  readonly #forest: DomainForest;
  readonly #foot = createListFoot(() => this.data.loadMore());

  constructor(view: View, options: PageOptions) {
    super(options, (changes) => new DomainsData(view, changes));
    const { formats, navigate } = options;
    this.#filters = createDomainFilters(navigate);
    this.#forest = new DomainForest(formats, this.#foot.element);
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Domains'),
        el(
          'p',
          { class: 'quiet' },
          'Every sandbox that Landlock refused something to, and which one it was made inside of.',
        ),
      ),
      this.#filters.element,
      this.#notices.element,
      this.#forest.element,
    );
  }

  override stop(): void {
    super.stop();
    this.#forest.stop();
  }

  override addDenial(): void {
    this.data.hear();
  }

  override addDomain(event: DomainEvent): void {
    this.data.hear(event);
  }

  protected draw(): void {
    const { view, domains, hosts, failure, isAnswered } = this.data;
    const nowMs = Date.now();
    this.#filters.update(view, hosts, domains);
    this.#foot.element.hidden = true;
    if (!isAnswered) {
      this.#forest.showInstead(
        failure === undefined
          ? loadingBox('the domains')
          : failedBox('The domains', failure, () => this.data.refresh()),
      );
      return;
    }
    if (domains.length === 0) {
      this.#drawEmpty(nowMs);
      return;
    }
    this.#notices.update(
      failure === undefined
        ? []
        : [{ key: 'domains-failed', level: 'warn', text: `More domains could not be loaded. ${failure.message}` }],
    );
    this.#forest.update({ view, domains, note: forestNote(domains, this.data.nextCursor !== null), nowMs });
    this.#drawFoot();
  }

  #drawEmpty(nowMs: number): void {
    const { view, hosts, status, hasStatus } = this.data;
    if (!hasStatus) {
      this.#forest.showInstead(loadingBox('the domains'));
      return;
    }
    const reason = emptyReason({ view, nowMs, hosts, ...(status === undefined ? {} : { status }) });
    this.#forest.showInstead(emptyBox(reason, view, nowMs, 'domain'));
  }

  #drawFoot(): void {
    const { hasMore, isLoading, nextCursor, domains } = this.data;
    const note = hasMore
      ? `${countOf(domains.length, 'domain')} so far, the last to be heard of first`
      : `The first ${countOf(DOMAINS_MAX, 'domain')}; narrow the list by a filter or the time to see others`;
    this.#foot.update({ hasMore, isLoading, note: nextCursor === null ? '' : note });
  }
}
