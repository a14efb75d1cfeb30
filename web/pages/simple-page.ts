// A page of several independent questions: each answer is drawn where it belongs as it comes, and all are asked again
// from time to time.
import { el } from '../dom/el.ts';
import { onceAFrame } from '../dom/once-a-frame.ts';
import type { View } from '../state/page-address.ts';
import type { TimeFormats } from '../text/format-time.ts';
import type { Page, PageOptions } from './page.ts';
import { ViewData } from './view-data.ts';

const REFRESH_EVERY_MS = 30_000;
const NEWS_DELAY_MS = 5_000;
/** How long ago things were moves on. */
const TICK_MS = 10_000;

export abstract class SimplePage extends ViewData implements Page {
  readonly element = el('main', { class: 'page-main', id: 'content', tabindex: -1 });
  protected readonly formats: TimeFormats;
  protected readonly navigate: (view: View) => void;
  readonly #drawSoon: () => void;
  #timers: readonly ReturnType<typeof setInterval>[] = [];

  constructor(view: View, { formats, navigate, onSignedOut }: PageOptions) {
    const changed = { draw: (): void => undefined };
    const drawSoon = onceAFrame(() => changed.draw());
    super(view, { onChange: drawSoon, onSignedOut });
    this.formats = formats;
    this.navigate = navigate;
    this.#drawSoon = drawSoon;
    changed.draw = () => this.draw(Date.now());
  }

  /** Asks for everything that the view shows. */
  protected abstract ask(): void;
  protected abstract draw(nowMs: number): void;

  /** Also with each other view. */
  start(): void {
    this.#stopTimers();
    this.ask();
    this.#timers = [
      setInterval(() => document.hidden || this.ask(), REFRESH_EVERY_MS),
      setInterval(this.#drawSoon, TICK_MS),
    ];
    this.draw(Date.now());
  }

  override stop(): void {
    super.stop();
    this.#stopTimers();
  }

  #stopTimers(): void {
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
  }

  refresh(): void {
    this.ask();
  }

  addDenial(): void {
    this.soon(NEWS_DELAY_MS, () => this.ask());
  }

  addDomain(): void {
    this.addDenial();
  }
}
