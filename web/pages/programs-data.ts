// What the page of programs knows: the list as far as it was asked for, and the state of the server.
import type { HostAnswer } from '../../src/api/schemas/host.ts';
import type { ProgramAnswer } from '../../src/api/schemas/program.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import { type Failure, getJson, type Page, type Parameters } from '../net/api-client.ts';
import { asksTheSame, programParameters, type View } from '../state/page-address.ts';

export interface ProgramsDataOptions {
  onChange(): void;
  onSignedOut(): void;
}

/** Of one answer, and on the page. */
const PAGE_ROWS = 100;
export const PROGRAMS_MAX = 2_000;
const NEWS_DELAY_MS = 5_000;

export class ProgramsData {
  programs: readonly ProgramAnswer[] = [];
  hosts: readonly HostAnswer[] = [];
  status: Status | undefined;
  hasStatus = false;
  isAnswered = false;
  isLoading = false;
  failure: Failure | undefined;
  nextCursor: string | null = null;

  readonly #options: ProgramsDataOptions;
  #view: View;
  #request = new AbortController();
  #newsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: View, options: ProgramsDataOptions) {
    this.#view = view;
    this.#options = options;
  }

  get view(): View {
    return this.#view;
  }

  get hasMore(): boolean {
    return this.nextCursor !== null && this.programs.length < PROGRAMS_MAX;
  }

  start(): void {
    void this.#load(undefined);
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
    this.programs = [];
    this.nextCursor = null;
    this.isAnswered = false;
    this.failure = undefined;
    this.start();
    this.#options.onChange();
  }

  /** From the beginning: counts change the order, so parts of different times do not fit together. */
  refresh(): void {
    this.start();
  }

  loadMore(): void {
    if (this.hasMore && !this.isLoading && this.nextCursor !== null) {
      void this.#load(this.nextCursor);
    }
  }

  /** Something arrived. Whoever has gone further down the list is not thrown back to its beginning. */
  hear(): void {
    if (this.programs.length <= PAGE_ROWS) {
      this.#newsTimer ??= setTimeout(() => {
        this.#newsTimer = undefined;
        void this.#load(undefined);
      }, NEWS_DELAY_MS);
    }
  }

  async #load(cursor: string | undefined): Promise<void> {
    const { signal } = this.#request;
    this.isLoading = true;
    this.#options.onChange();
    const parameters: Parameters = [
      ...programParameters(this.#view),
      ['limit', String(PAGE_ROWS)],
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ];
    const answer = await getJson<Page<ProgramAnswer>>('/programs', parameters, signal);
    if (signal.aborted) {
      return;
    }
    this.isLoading = false;
    if (answer.ok) {
      const { data, next_cursor: nextCursor } = answer.value;
      this.programs = cursor === undefined ? data : [...this.programs, ...data];
      this.nextCursor = nextCursor;
      this.isAnswered = true;
      this.failure = undefined;
    } else if (answer.failure.kind === 'signed-out') {
      this.#options.onSignedOut();
      return;
    } else {
      this.failure = answer.failure;
    }
    this.#options.onChange();
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
    this.hosts = hosts.ok ? hosts.value.data : this.hosts;
    this.status = status.ok ? status.value : this.status;
    this.#options.onChange();
  }
}
