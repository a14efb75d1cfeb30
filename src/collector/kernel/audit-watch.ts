// Looks at the kernel's audit status each second: how many records it dropped (they leave no other trace), and
// whether somebody has turned audit off meanwhile. Reports; changes nothing.
import type { AuditStatus } from '../netlink/audit-status.ts';
import type { AuditControl } from '../netlink/control.ts';
import type { SourceLoss } from '../sources/source.ts';

const EVERY_MS = 1_000;
const COUNTER_SIZE = 2 ** 32;
/** A difference beyond this is a counter that was reset, not four billion records. */
const GROWTH_MAX = 2 ** 31;

export class AuditWatch {
  readonly #control: AuditControl;
  #onLost: (loss: SourceLoss) => void = () => {};
  #status: AuditStatus;
  #lost = 0;
  #lookedAtMs = Date.now();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /** `first`: the status from which `lost` is counted. */
  constructor(control: AuditControl, first: AuditStatus) {
    this.#control = control;
    this.#status = first;
  }

  /** Who is told about dropped records; before `start`. */
  onLost(take: (loss: SourceLoss) => void): void {
    this.#onLost = take;
  }

  /** As of the last second. */
  get status(): AuditStatus {
    return this.#status;
  }

  /** Growth of the kernel's counter since the start. */
  get lost(): number {
    return this.#lost;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look().finally(() => {
        this.#looking = undefined;
      });
    }, EVERY_MS);
  }

  /** With a last look, so that nothing up to here is missed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.look();
  }

  /** Never rejects: a question that the kernel does not answer is asked again. */
  async look(): Promise<void> {
    const sinceMs = this.#lookedAtMs;
    let status: AuditStatus;
    try {
      status = await this.#control.status();
    } catch {
      return;
    }
    this.#lookedAtMs = Date.now();
    const count = lostGrowth(this.#status.lost, status.lost);
    this.#status = status;
    if (count === 0) return;
    this.#lost += count;
    this.#onLost({ cause: 'kernel-lost', count, sinceMs, untilMs: this.#lookedAtMs });
  }
}

/** From one reading of the u32 counter to the next; after a reset by somebody, what was counted since. */
export function lostGrowth(before: number, after: number): number {
  const growth = (after - before + COUNTER_SIZE) % COUNTER_SIZE;
  return growth <= GROWTH_MAX ? growth : after;
}
