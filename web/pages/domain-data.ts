// What the page of one domain knows: the domain with its family, and its denials as far as they were asked for.
import type { Denial } from '../../src/api/schemas/document.ts';
import type { DomainAnswer, DomainTree } from '../../src/api/schemas/domain.ts';
import { type Answer, type Failure, getJson, type Page, type Parameters } from '../net/api-client.ts';
import { domainTreePath } from '../state/first-question.ts';
import { ViewData } from './view-data.ts';

/** Of one answer, and on the page. */
const DENIAL_ROWS = 50;
const DENIALS_MAX = 1_000;
const NEWS_DELAY_MS = 1_500;

export class DomainData extends ViewData {
  tree: DomainTree | undefined;
  treeFailure: Failure | undefined;
  denials: readonly Denial[] | undefined;
  denialsFailure: Failure | undefined;
  nextCursor: string | null = null;
  isLoadingMore = false;

  /** The domain itself. */
  get domain(): DomainAnswer | undefined {
    return this.tree?.domains.find((domain) => domain.id === this.view.domain);
  }

  get hasMore(): boolean {
    return this.nextCursor !== null && (this.denials?.length ?? 0) < DENIALS_MAX;
  }

  start(): void {
    void this.#loadTree();
    void this.#loadDenials(undefined);
  }

  protected forget(): void {
    this.tree = undefined;
    this.treeFailure = undefined;
    this.denials = undefined;
    this.denialsFailure = undefined;
    this.nextCursor = null;
    this.isLoadingMore = false;
  }

  refresh(): void {
    this.start();
  }

  loadMore(): void {
    if (this.hasMore && !this.isLoadingMore && this.nextCursor !== null) {
      this.isLoadingMore = true;
      this.options.onChange();
      void this.#loadDenials(this.nextCursor);
    }
  }

  /** Something happened in this boot: asked for together, soon. */
  hear(host: string, boot: string): void {
    if (host === this.view.host && boot === this.view.boot) {
      this.soon(NEWS_DELAY_MS, () => this.start());
    }
  }

  async #loadTree(): Promise<void> {
    const { signal } = this;
    const answer = await getJson<DomainTree>(domainTreePath(this.view), [], signal);
    if (this.#isOver(answer, signal)) {
      return;
    }
    if (answer.ok) {
      this.tree = answer.value;
    }
    this.treeFailure = answer.ok ? undefined : answer.failure;
    this.options.onChange();
  }

  async #loadDenials(cursor: string | undefined): Promise<void> {
    const { signal } = this;
    const { host = '', boot = '', domain = '' } = this.view;
    const parameters: Parameters = [
      ['host', host],
      ['q', `domain:${domain}`],
      ['include', 'canary'],
      ['limit', String(DENIAL_ROWS)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ];
    const answer = await getJson<Page<Denial>>('/denials', parameters, signal);
    if (this.#isOver(answer, signal)) {
      return;
    }
    this.isLoadingMore = false;
    if (answer.ok) {
      // Another boot of the host may have had a domain of the same number.
      const own = answer.value.data.filter((denial) => denial.host.boot.id === boot);
      const known = this.denials ?? [];
      const ids = new Set((cursor === undefined ? own : known).map((denial) => denial.event.id));
      const others = (cursor === undefined ? known : own).filter((denial) => !ids.has(denial.event.id));
      const isFirst = cursor === undefined;
      this.denials = isFirst ? [...own, ...others] : [...known, ...others];
      if (!isFirst || known.length === 0) {
        this.nextCursor = answer.value.next_cursor;
      }
    }
    this.denialsFailure = answer.ok ? undefined : answer.failure;
    this.options.onChange();
  }

  #isOver(answer: Answer<unknown>, signal: AbortSignal): boolean {
    if (!signal.aborted && !answer.ok && answer.failure.kind === 'signed-out') {
      this.options.onSignedOut();
      return true;
    }
    return signal.aborted;
  }
}
