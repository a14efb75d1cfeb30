// What the list of domains knows: pages of it as far as they were asked for, the hosts, and the state of the server.
// Draws nothing; says `onChange` and leaves the rest to the page.
import type { DomainEvent } from '../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import { type Answer, type Failure, getJson, type Page } from '../net/api-client.ts';
import { domainKey } from '../state/domain-forest.ts';
import { withEnd } from '../state/domain-life.ts';
import { asksTheSame, domainParameters, type View } from '../state/page-address.ts';

export interface DomainsDataOptions {
  onChange(): void;
  onSignedOut(): void;
}

/** Of one answer. */
const PAGE_ROWS = 200;
/** More domains are not kept on the page: filters find them. */
export const DOMAINS_MAX = 10_000;
/** News are asked for together, not faster than this. */
const NEWS_DELAY_MS = 3_000;

export class DomainsData {
  /** The last to become known first. */
  domains: readonly DomainAnswer[] = [];
  hosts: readonly HostAnswer[] = [];
  status: Status | undefined;
  hasStatus = false;
  isLoading = false;
  /** Whether anything was ever answered for this view. */
  isAnswered = false;
  failure: Failure | undefined;
  /** null: there are no more. */
  nextCursor: string | null = null;

  readonly #options: DomainsDataOptions;
  #view: View;
  #request = new AbortController();
  #newsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: View, options: DomainsDataOptions) {
    this.#view = view;
    this.#options = options;
  }

  get view(): View {
    return this.#view;
  }

  /** Whether `loadMore` would bring anything. */
  get hasMore(): boolean {
    return this.nextCursor !== null && this.domains.length < DOMAINS_MAX;
  }

  start(): void {
    void this.#loadPage(undefined);
    void this.#loadPlaces();
  }

  stop(): void {
    this.#request.abort();
    clearTimeout(this.#newsTimer);
  }

  setView(view: View): void {
    const isSame = asksTheSame(view, this.#view);
    this.#view = view;
    if (isSame) {
      return;
    }
    this.stop();
    this.#request = new AbortController();
    this.#newsTimer = undefined;
    this.domains = [];
    this.nextCursor = null;
    this.isAnswered = false;
    this.failure = undefined;
    this.start();
    this.#options.onChange();
  }

  /** The first page anew; what was loaded beyond it stays. */
  refresh(): void {
    void this.#loadPage(undefined);
    void this.#loadPlaces();
  }

  loadMore(): void {
    if (this.hasMore && !this.isLoading && this.nextCursor !== null) {
      void this.#loadPage(this.nextCursor);
    }
  }

  /** Something arrived that changes the list: its end at once, the rest with the next answer. */
  hear(event?: DomainEvent): void {
    if (event?.kind === 'domain-deallocated') {
      this.domains = this.domains.map((domain) => withEnd(domain, event));
      this.#options.onChange();
    }
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = undefined;
      void this.#loadPage(undefined);
    }, NEWS_DELAY_MS);
  }

  async #loadPage(cursor: string | undefined): Promise<void> {
    const { signal } = this.#request;
    this.isLoading = true;
    this.#options.onChange();
    const answer = await getJson<Page<DomainAnswer>>(
      '/domains',
      [
        ...domainParameters(this.#view),
        ['limit', String(PAGE_ROWS)],
        ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
      ],
      signal,
    );
    if (signal.aborted) {
      return;
    }
    this.isLoading = false;
    this.#take(answer, cursor === undefined);
    this.#options.onChange();
  }

  #take(answer: Answer<Page<DomainAnswer>>, isFirst: boolean): void {
    if (!answer.ok) {
      if (answer.failure.kind === 'signed-out') {
        this.#options.onSignedOut();
      }
      this.failure = answer.failure;
      return;
    }
    const { data, next_cursor: nextCursor } = answer.value;
    const known = new Set(this.domains.map(domainKey));
    // Where a whole page is news, there may be others between it and what is known: begin anew.
    const isAnew = isFirst && !data.some((domain) => known.has(domainKey(domain)));
    const merged = isAnew ? data : isFirst ? merge(data, this.domains) : merge(this.domains, data);
    this.domains = merged.slice(0, DOMAINS_MAX);
    if (isAnew || !isFirst || !this.isAnswered) {
      this.nextCursor = nextCursor;
    }
    this.isAnswered = true;
    this.failure = undefined;
  }

  async #loadPlaces(): Promise<void> {
    const { signal } = this.#request;
    const [hosts, status] = await Promise.all([
      getJson<Page<HostAnswer>>('/hosts', [['limit', '500']], signal),
      getJson<Status>('/status', [], signal),
    ]);
    if (signal.aborted) {
      return;
    }
    this.hasStatus = true;
    if (hosts.ok) {
      this.hosts = hosts.value.data;
    }
    if (status.ok) {
      this.status = status.value;
    }
    this.#options.onChange();
  }
}

/** Each domain once, as the first list that has it says. */
function merge(first: readonly DomainAnswer[], then: readonly DomainAnswer[]): readonly DomainAnswer[] {
  const known = new Set(first.map(domainKey));
  return [...first, ...then.filter((domain) => !known.has(domainKey(domain)))];
}
