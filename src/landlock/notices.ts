// What the kernel's log says between its records about records that never came, as gaps. Knows no time: a notice before
// the first record waits for it, since only records tell what time it is.
import { kernelNotice } from '../audit/kernel-notice.ts';
import { LostCounters } from '../audit/lost-counters.ts';
import { ownString } from '../audit/own-string.ts';

/** Notices that wait for the first record; further ones are told at once. */
const earlyMax = 1024;

export interface NoticedGap {
  readonly cause: 'rate-limit' | 'kernel-lost';
  readonly node: string;
  readonly count: number;
  /** The whole line. */
  readonly line: string;
}

export class Notices {
  readonly #onGap: (gap: NoticedGap) => void;
  readonly #counters = new LostCounters();
  #early: { readonly line: string; readonly node: string }[] = [];
  #isThinned = false;

  constructor(onGap: (gap: NoticedGap) => void) {
    this.#onGap = onGap;
  }

  /** The kernel left records out of its log, here and there. */
  get isThinned(): boolean {
    return this.#isThinned;
  }

  /** Whether any wait for {@link takeEarly}. */
  get areWaiting(): boolean {
    return this.#early.length > 0;
  }

  /** A line that is no record; most are no notice either. `hasTime`: a record was there before. */
  push(line: string, node: string, hasTime: boolean): void {
    if (kernelNotice(line) === undefined) return;
    if (hasTime || this.#early.length >= earlyMax) this.#take(line, node);
    else this.#early.push({ line: ownString(line), node });
  }

  /** The first record is there, or none will come. */
  takeEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const { line, node } of early) this.#take(line, node);
  }

  /** A boot of the node begins. */
  restart(node: string): void {
    this.#counters.restart(node);
  }

  #take(line: string, node: string): void {
    const notice = kernelNotice(line);
    if (notice === undefined) return;
    if (notice.kind === 'suppressed') {
      if (notice.count === 0) return;
      this.#isThinned = true;
      this.#onGap({ cause: 'rate-limit', node, count: notice.count, line });
      return;
    }
    const count = notice.kind === 'lost' ? this.#counters.lost(node, notice.total) : this.#counters.reason(node);
    if (count > 0) this.#onGap({ cause: 'kernel-lost', node, count, line });
  }
}
