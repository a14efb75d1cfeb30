// One line on a terminal that says how far a long reading has come, how fast it goes and how long it will take.
// Nothing is shown for what is over at once, and nothing where there is no terminal.
import type { Writable } from 'node:stream';

const FIRST_SHOWN_MS = 500;
const REDRAWN_MS = 100;
const BAR_COLUMNS = 24;

export interface ProgressOptions {
  readonly stream: Writable;
  readonly isTty: boolean;
  /** `importing`. */
  readonly verb: string;
  /** Monotonic, for tests. */
  readonly nowMs?: () => number;
}

export class Progress {
  readonly #options: ProgressOptions;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #drawnMs = 0;
  #isShown = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#startMs = this.#nowMs();
  }

  /** Cheap to call often. `totalBytes` undefined: a pipe, of which nobody knows the length. */
  update(bytes: number, totalBytes: number | undefined, events: number): void {
    if (!this.#options.isTty) return;
    const nowMs = this.#nowMs();
    if (nowMs - this.#startMs < FIRST_SHOWN_MS || nowMs - this.#drawnMs < REDRAWN_MS) return;
    this.#drawnMs = nowMs;
    this.#isShown = true;
    const seconds = (nowMs - this.#startMs) / 1000;
    this.#options.stream.write(`\r${progressLine(this.#options.verb, bytes, totalBytes, events, seconds)}\x1b[K`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#options.stream.write('\r\x1b[K');
    this.#isShown = false;
  }
}

/** `importing [#####-----]  50 %  325 MB of 650 MB, 77 MB/s, 118k events/s, 4 s left` */
export function progressLine(
  verb: string,
  bytes: number,
  totalBytes: number | undefined,
  events: number,
  seconds: number,
): string {
  const rate = bytes / seconds;
  const speed = `${amount(rate, 'B')}/s, ${amount(events / seconds, '')} events/s`;
  if (totalBytes === undefined || totalBytes === 0) return `${verb} ${amount(bytes, 'B')}, ${speed}`;
  // A file may grow while it is read.
  const part = Math.min(bytes / totalBytes, 1);
  const filled = Math.round(part * BAR_COLUMNS);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_COLUMNS - filled);
  const percent = String(Math.floor(part * 100)).padStart(3);
  const left = duration(Math.max(0, totalBytes - bytes) / rate);
  return `${verb} [${bar}] ${percent} %  ${amount(bytes, 'B')} of ${amount(totalBytes, 'B')}, ${speed}, ${left} left`;
}

function amount(value: number, unit: string): string {
  const scales = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const [divisor, prefix] = scales.find(([size]) => value >= size) ?? [1, ''];
  const scaled = value / divisor;
  const digits = divisor !== 1 && scaled < 10 ? 1 : 0;
  return unit === '' ? `${scaled.toFixed(digits)}${prefix}` : `${scaled.toFixed(digits)} ${prefix}${unit}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 90) return `${whole} s`;
  if (whole < 5400) return `${Math.round(whole / 60)} min`;
  return `${(whole / 3600).toFixed(1)} h`;
}
