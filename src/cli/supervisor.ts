// Keeps server and collector alive until a signal or a mistake that starting again will not mend. The server comes
// first and goes last: nothing about the kernel is changed before there is somebody to deliver to, and what the
// collector drains at its end still finds its reader.
import type { ExitCode } from '../runtime/operating-error.ts';
import { EXIT } from '../runtime/operating-error.ts';
import type { ChildMessage, FatalReport, SupervisionNews } from '../runtime/supervision.ts';
import { Announcement } from './announcement.ts';
import type { Io } from './command.ts';
import { errorLine } from './error-line.ts';
import { SupervisedChild } from './supervised-child.ts';

/** Both together end within 5 seconds. */
const COLLECTOR_GRACE_MS = 2_500;
const SERVER_GRACE_MS = 2_000;
/** What may pass by itself: where it keeps a server from starting again, the collector goes on into its spool. */
const PASSING_FAILURES: readonly string[] = ['disk-full', 'database-locked'];

export interface SupervisorOptions {
  /** The whole effective configuration as arguments of `serve` and `collect`. */
  readonly childArguments: readonly string[];
  readonly isCanaryExpected: boolean;
  /** Puts audit back as it was, in case the collector could not. Called once both children are gone. */
  restoreAudit(): Promise<void>;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #io: Io;
  readonly #announcement: Announcement;
  readonly #server: SupervisedChild;
  readonly #collector: SupervisedChild;
  #isCollectorStarted = false;
  #collectorState: SupervisionNews['collector']['state'] = 'starting';
  #collectorLastExit: string | undefined;
  #fail: (fatal: FatalReport) => void = () => {};

  constructor(options: SupervisorOptions, io: Io) {
    this.#options = options;
    this.#io = io;
    this.#announcement = new Announcement(io.stdout, options.isCanaryExpected);
    this.#server = this.#child('server', 'serve');
    this.#collector = this.#child('collector', 'collect');
  }

  /** Resolves after everything has ended and audit is as it was. */
  async run(): Promise<ExitCode> {
    const fatal = new Promise<FatalReport>((resolve) => {
      this.#fail = resolve;
    });
    const signalled = new Promise<undefined>((resolve) => {
      if (this.#io.signal.aborted) {
        resolve(undefined);
      }
      this.#io.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    this.#server.start();
    const failure = await Promise.race([signalled, fatal]);
    if (failure !== undefined) {
      this.#io.stderr.write(errorLine(failure));
    }
    await this.#stop();
    return failure === undefined ? EXIT.done : exitCodeOf(failure);
  }

  async #stop(): Promise<void> {
    this.#announcement.stop();
    this.#collectorState = 'stopped';
    await this.#collector.stop(COLLECTOR_GRACE_MS);
    await this.#server.stop(SERVER_GRACE_MS);
    await this.#options.restoreAudit();
  }

  #child(name: 'server' | 'collector', command: string): SupervisedChild {
    return new SupervisedChild({
      name,
      argv: [command, '--supervised', ...this.#options.childArguments],
      onMessage: (message) => this.#onMessage(message),
      onStart: () => {
        if (name === 'collector') {
          this.#setCollectorState('starting');
        }
      },
      onEnd: (how, againInMs) => {
        this.#io.stderr.write(`trespass: the ${name} ended (${how}): starting it again in ${againInMs} ms\n`);
        if (name === 'collector') {
          this.#collectorLastExit = how;
          this.#setCollectorState('restarting');
        }
      },
    });
  }

  #onMessage(message: ChildMessage): void {
    switch (message.kind) {
      case 'server-ready':
        this.#announcement.serverReady(message);
        if (!this.#isCollectorStarted) {
          this.#isCollectorStarted = true;
          this.#collector.start();
        }
        this.#tellServer();
        break;
      case 'collector-ready':
        this.#announcement.collectorReady(message);
        this.#setCollectorState('running');
        break;
      case 'canary':
        this.#announcement.canary(message);
        break;
      case 'fatal':
        if (this.#isCollectorStarted && PASSING_FAILURES.includes(message.code)) {
          this.#io.stderr.write(errorLine(message));
        } else {
          this.#fail(message);
        }
        break;
    }
  }

  #setCollectorState(state: SupervisionNews['collector']['state']): void {
    this.#collectorState = state;
    this.#tellServer();
  }

  #tellServer(): void {
    this.#server.send({
      kind: 'supervision',
      collector: {
        state: this.#collectorState,
        restarts: this.#collector.restarts,
        ...(this.#collectorLastExit !== undefined && { lastExit: this.#collectorLastExit }),
      },
      server: { restarts: this.#server.restarts },
    });
  }
}

function exitCodeOf(fatal: FatalReport): ExitCode {
  return Object.values(EXIT).find((code) => code === fatal.exitCode) ?? EXIT.failed;
}
