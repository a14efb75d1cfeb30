// What the data of a page has in common: it belongs to a view, is asked for anew with another one, and tells its page
// of changes. Draws nothing.
import { type Failure, getJson, type Parameters } from '../net/api-client.ts';
import { asksTheSame, type View } from '../state/page-address.ts';
import type { Section } from './section.ts';

export interface ViewDataOptions {
  onChange(): void;
  onSignedOut(): void;
}

export abstract class ViewData {
  protected readonly options: ViewDataOptions;
  #view: View;
  #request = new AbortController();
  #newsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: View, options: ViewDataOptions) {
    this.#view = view;
    this.options = options;
  }

  get view(): View {
    return this.#view;
  }

  /** Of all requests for the present view. */
  protected get signal(): AbortSignal {
    return this.#request.signal;
  }

  /** Asks for what the view shows. */
  abstract start(): void;

  /** Forgets what belongs to another view. */
  protected abstract forget(): void;

  /** For good. */
  stop(): void {
    this.#drop();
  }

  setView(view: View): void {
    const isSame = asksTheSame(view, this.#view);
    this.#view = view;
    if (isSame) {
      return;
    }
    this.#drop();
    this.#request = new AbortController();
    this.#newsTimer = undefined;
    this.forget();
    this.start();
    this.options.onChange();
  }

  /** What was asked, or was about to be, for a view that nobody looks at any more. */
  #drop(): void {
    this.#request.abort();
    clearTimeout(this.#newsTimer);
  }

  /** Asks and keeps what became of it. `settle`: once the answer is there, whatever it is. */
  protected async load<T, V = T>(
    path: string,
    parameters: Parameters,
    section: Section<V>,
    use: (value: T) => V,
    settle?: () => void,
  ): Promise<void> {
    const { signal } = this;
    const answer = await getJson<T>(path, parameters, signal);
    if (signal.aborted) {
      return;
    }
    settle?.();
    if (!answer.ok) {
      this.settleFailure(answer.failure, section);
      return;
    }
    section.value = use(answer.value);
    delete section.failure;
    this.options.onChange();
  }

  /** What a failed question leads to; the last good answer stays. */
  protected settleFailure<V>(failure: Failure, section: Section<V>): void {
    if (failure.kind === 'signed-out') {
      this.options.onSignedOut();
      return;
    }
    section.failure = failure;
    this.options.onChange();
  }

  /** Does `work` after `delayMs`, once for all that asks for it until then. */
  protected soon(delayMs: number, work: () => void): void {
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = undefined;
      work();
    }, delayMs);
  }
}
