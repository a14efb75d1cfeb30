// One child process that is kept alive: started again after an unexpected end with a growing pause, ended by SIGTERM
// and, when that is ignored, by SIGKILL. Knows nothing of what the child does.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { siblingModule } from '../runtime/sibling-module.ts';
import type { ChildMessage, StopOrder, SupervisionNews } from '../runtime/supervision.ts';

/** The pause before starting again: doubles from the first to the last. */
export const BACKOFF_FIRST_MS = 100;
export const BACKOFF_LAST_MS = 10_000;
/** A child that ran this long has proved itself: the next pause is the first one again. */
const HEALTHY_AFTER_MS = 60_000;
/** The last words of a child may be read a moment after its end is known. */
const LAST_WORDS_MS = 50;

export interface ChildSpec {
  readonly name: 'server' | 'collector';
  /** Arguments of `trespass` for the child. */
  readonly argv: readonly string[];
  onMessage(message: ChildMessage): void;
  /** After an unexpected end; it starts again in `againInMs` unless `stop` is called before. */
  onEnd(how: string, againInMs: number): void;
  onStart(): void;
}

/** Pause before the `attempt`th start in a row (from 1), in milliseconds. */
export function backoffMs(attempt: number): number {
  return Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt - 1, 20));
}

export class SupervisedChild {
  readonly #spec: ChildSpec;
  #process: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = 0;
  #attempts = 0;
  #isStopping = false;
  /** How often it was started again. */
  restarts = 0;

  constructor(spec: ChildSpec) {
    this.#spec = spec;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    const main = siblingModule('./main', import.meta.url);
    const child = fork(fileURLToPath(main.url), this.#spec.argv, {
      execArgv: [...main.execArgv],
      // Input too: the source auditd-plugin reads it.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    this.#process = child;
    this.#startedAtMs = performance.now();
    child.on('message', (message) => {
      if (isChildMessage(message)) {
        this.#spec.onMessage(message);
      }
    });
    child.on('error', () => {
      // A message to a child that just ended, or a failed spawn: `exit` tells the rest.
    });
    child.once('exit', (code, signal) => {
      this.#process = undefined;
      this.#timer = setTimeout(() => this.#startAgain(signal ?? `exit code ${code}`), LAST_WORDS_MS);
    });
    this.#spec.onStart();
  }

  /** Ignored when the child is not there; it is told the news again when it is. */
  send(news: SupervisionNews): void {
    this.#send(news);
  }

  /** The order to stop and SIGTERM, then SIGKILL after `graceMs`. Resolves when the process is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === undefined) {
      return;
    }
    await new Promise<void>((resolve) => {
      const killTimer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.once('exit', () => {
        clearTimeout(killTimer);
        resolve();
      });
      this.#send({ kind: 'stop' });
      child.kill('SIGTERM');
    });
    clearTimeout(this.#timer);
  }

  #send(message: SupervisionNews | StopOrder): void {
    if (this.#process?.connected) {
      this.#process.send(message);
    }
  }

  #startAgain(how: string): void {
    if (this.#isStopping) {
      return;
    }
    this.#attempts = performance.now() - this.#startedAtMs > HEALTHY_AFTER_MS ? 1 : this.#attempts + 1;
    const pauseMs = backoffMs(this.#attempts);
    this.restarts += 1;
    this.#timer = setTimeout(() => this.start(), pauseMs);
    this.#spec.onEnd(how, pauseMs);
  }
}

const KINDS: readonly string[] = ['server-ready', 'collector-ready', 'canary', 'fatal'];

/** The children are ours; this only keeps Node's own and future messages apart. */
function isChildMessage(message: unknown): message is ChildMessage {
  return typeof message === 'object' && message !== null && 'kind' in message && KINDS.includes(String(message.kind));
}
