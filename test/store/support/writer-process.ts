// The writer in a process of its own, given batches without a pause, as a busy server is. May be killed at any time.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Known } from './whole-database.ts';
import { linesOf } from './wire-batches.ts';

const durableChild = fileURLToPath(new URL('./durable-child.mjs', import.meta.url));
/** Batches under way at once, so that the writer never waits for the test. */
const UNDER_WAY = 3;

export function forkDurable(...argv: readonly string[]): ChildProcess {
  return fork(durableChild, argv, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

export class WriterProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #first: number;
  #acknowledged: number;
  #sent: number;
  #isStopping = false;

  /** Begins with batch `first`: all before are stored. */
  constructor(path: string, first: number) {
    this.#first = first;
    this.#acknowledged = first;
    this.#sent = first;
    this.#child = forkDurable('ingest', path);
    this.#closed = once(this.#child, 'close');
    this.#child.on('message', (message) => this.#onMessage(message));
    // A batch for a process that is gone.
    this.#child.on('error', () => {});
  }

  get known(): Known {
    return { acknowledged: this.#acknowledged, sent: this.#sent };
  }

  /** Resolves when it has written so many batches. */
  async wrote(batches: number): Promise<void> {
    while (this.#acknowledged < this.#first + batches) await once(this.#child, 'message');
  }

  /** Resolves with what is known of it when it is gone. */
  async kill(): Promise<Known> {
    this.#isStopping = true;
    this.#child.kill('SIGKILL');
    await this.#closed;
    if (this.#child.signalCode !== 'SIGKILL') throw new Error(`the writer ended with ${this.#child.exitCode}`);
    return this.known;
  }

  #onMessage(message: unknown): void {
    if (typeof message === 'object' && message !== null && 'batch' in message) {
      if (message.batch !== this.#acknowledged) throw new Error(`answered out of turn: ${JSON.stringify(message)}`);
      this.#acknowledged++;
    }
    while (!this.#isStopping && this.#sent < this.#acknowledged + UNDER_WAY) {
      this.#child.send({ batch: this.#sent, lines: linesOf(this.#sent) }, () => {});
      this.#sent++;
    }
  }
}
