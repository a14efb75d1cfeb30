// The data of a page with one long list: loaded page by page, with the hosts and the server's state that its filters and
// empty states need.
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import { type Answer, type Failure, getJson, type Page, type Parameters } from '../net/api-client.ts';
import { ViewData } from './view-data.ts';

export abstract class ListedData<Row> extends ViewData {
  hosts: readonly HostAnswer[] = [];
  status: Status | undefined;
  hasStatus = false;
  isLoading = false;
  /** Whether anything was ever answered for this view. */
  isAnswered = false;
  failure: Failure | undefined;
  /** null: there are no more. */
  nextCursor: string | null = null;

  /** Rows that are known. */
  abstract get rows(): readonly Row[];
  /** More are not kept on the page: filters find them. */
  protected abstract get rowsMax(): number;
  protected abstract get path(): string;
  /** Without limit and cursor. */
  protected abstract parameters(): Parameters;
  protected abstract get pageRows(): number;
  protected abstract take(page: Page<Row>, isFirst: boolean): void;

  /** Whether `loadMore` would bring anything. */
  get hasMore(): boolean {
    return this.nextCursor !== null && this.rows.length < this.rowsMax;
  }

  start(): void {
    void this.loadPage(undefined);
    void this.#loadPlaces();
  }

  refresh(): void {
    this.start();
  }

  loadMore(): void {
    if (this.hasMore && !this.isLoading && this.nextCursor !== null) {
      void this.loadPage(this.nextCursor);
    }
  }

  protected forget(): void {
    this.nextCursor = null;
    this.isAnswered = false;
    this.failure = undefined;
  }

  protected async loadPage(cursor: string | undefined): Promise<void> {
    const { signal } = this;
    this.isLoading = true;
    this.options.onChange();
    const parameters: Parameters = [
      ...this.parameters(),
      ['limit', String(this.pageRows)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ];
    const answer = await getJson<Page<Row>>(this.path, parameters, signal);
    if (signal.aborted) {
      return;
    }
    this.isLoading = false;
    this.#settle(answer, cursor === undefined);
    this.options.onChange();
  }

  #settle(answer: Answer<Page<Row>>, isFirst: boolean): void {
    if (answer.ok) {
      this.take(answer.value, isFirst);
      this.isAnswered = true;
      this.failure = undefined;
      return;
    }
    this.failure = answer.failure;
    if (answer.failure.kind === 'signed-out') {
      this.options.onSignedOut();
    }
  }

  async #loadPlaces(): Promise<void> {
    const { signal } = this;
    const [hosts, status] = await Promise.all([
      getJson<Page<HostAnswer>>('/hosts', [['limit', '500']], signal),
      getJson<Status>('/status', [], signal),
    ]);
    if (signal.aborted) {
      return;
    }
    this.hasStatus = true;
    this.hosts = hosts.ok ? hosts.value.data : this.hosts;
    this.status = status.ok ? status.value : this.status;
    this.options.onChange();
  }
}
