// The few calm lines of `trespass run`, in a fixed order whoever is ready first: kernel, canary, database, address,
// sign-in link. What comes later (a new link after a restart) is a line of its own.
import type { Writable } from 'node:stream';
import type { CanaryReport, CollectorReady, ServerReady } from '../runtime/supervision.ts';
import { describeCanary, describeKernel } from './collect.ts';

/** The server's lines do not wait longer for kernel and canary. */
const WAIT_MAX_MS = 15_000;

export class Announcement {
  readonly #stdout: Writable;
  readonly #isCanaryExpected: boolean;
  readonly #timer: NodeJS.Timeout;
  #server: ServerReady | undefined;
  #collector: CollectorReady | undefined;
  #canary: CanaryReport | undefined;
  #isMade = false;

  constructor(stdout: Writable, isCanaryExpected: boolean) {
    this.#stdout = stdout;
    this.#isCanaryExpected = isCanaryExpected;
    this.#timer = setTimeout(() => this.#make(), WAIT_MAX_MS);
    this.#timer.unref();
  }

  serverReady(ready: ServerReady): void {
    this.#server = ready;
    if (this.#isMade) {
      this.#print([`the server is back; sign in once, within 15 minutes: ${ready.signInUrl}`]);
    }
    this.#makeWhenComplete();
  }

  collectorReady(ready: CollectorReady): void {
    const isFirst = this.#collector === undefined;
    this.#collector = ready;
    if (this.#isMade && isFirst) {
      this.#print(describeKernel(ready));
    } else if (this.#isMade) {
      this.#print(['the collector is back']);
    }
    this.#makeWhenComplete();
  }

  canary(report: CanaryReport): void {
    this.#canary = report;
    if (this.#isMade) {
      this.#print([describeCanary(report)]);
    }
    this.#makeWhenComplete();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #makeWhenComplete(): void {
    const isCanarySettled = this.#canary !== undefined || !this.#isCanaryExpected;
    if (this.#server !== undefined && this.#collector !== undefined && isCanarySettled) {
      this.#make();
    }
  }

  #make(): void {
    if (this.#isMade || this.#server === undefined) {
      return;
    }
    this.#isMade = true;
    clearTimeout(this.#timer);
    this.#print([
      ...(this.#collector === undefined ? ['the collector is not ready yet'] : describeKernel(this.#collector)),
      ...(this.#canary === undefined ? [] : [describeCanary(this.#canary)]),
      `database ${this.#server.databasePath}`,
      `dashboard ${this.#server.address}`,
      `sign in once, within 15 minutes: ${this.#server.signInUrl}`,
    ]);
  }

  #print(lines: readonly string[]): void {
    this.#stdout.write(`${lines.join('\n')}\n`);
  }
}
