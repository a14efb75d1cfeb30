// The tracepoints of Linux 7.3 beside any other source: who a domain's parent is, denials that audit does not log, and
// how many there were in all. On by itself where the kernel has them and lets us; otherwise it says why not, and
// everything else goes on without it.
import type { HostFields } from '../../landlock/document.ts';
import { parseTraceLine } from '../../landlock/trace/parse-trace-line.ts';
import { type TracedDocument, TraceInterpreter } from '../../landlock/trace/trace-interpreter.ts';
import { codeOf, type InstanceFolders, removeInstance, TraceInstance, wantedEvents } from './trace-instance.ts';

/** Where the kernel's tracing files are. */
export const TRACEFS = '/sys/kernel/tracing';
const READ_EVERY_MS = 100;
/** Read in one turn (some 6,000 events); the rest waits in the kernel, which counts what it overwrites. */
const TURN_BYTES_MAX = 1024 * 1024;
/** A line that does not end is given up. */
const LINE_BYTES_MAX = 64 * 1024;

/**
 * For the heartbeat. `absent`: this kernel or mount has no such events. `denied`: we may not. `off`: not wanted, or
 * stopped. `failed`: see `reason`.
 */
export interface TracepointState {
  readonly state: 'on' | 'absent' | 'denied' | 'failed' | 'off';
  /** Why it is not on, one sentence, and what can be done about it. */
  readonly reason?: string;
  /** Enabled ones. */
  readonly events?: readonly string[];
  /** Since the start. */
  readonly counts: { readonly events: number; readonly lost: number; readonly malformed: number };
}

export interface TracefsOptions {
  /** This machine and its present boot. */
  readonly host: HostFields;
  onDocument(doc: TracedDocument): void;
  /** `false`: touches nothing of tracing, but for what a collector of ours that was killed left there. */
  readonly isWanted?: boolean;
  /** Where tracefs is mounted. */
  readonly root?: string;
  readonly readEveryMs?: number;
  /** For tests. */
  readonly folders?: InstanceFolders;
}

export class TracefsSource {
  readonly #options: TracefsOptions;
  readonly #interpreter: TraceInterpreter;
  #instance: TraceInstance | undefined;
  #timer: NodeJS.Timeout | undefined;
  #kind: TracepointState['state'] = 'off';
  #reason: string | undefined;
  #offsetMs = 0;
  #rest = '';
  #events = 0;
  #lost = 0;
  #malformed = 0;

  constructor(options: TracefsOptions) {
    this.#options = options;
    this.#interpreter = new TraceInterpreter({ host: options.host, wallOffsetMs: () => this.#offsetMs });
  }

  get state(): TracepointState {
    return {
      state: this.#kind,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      ...(this.#instance !== undefined && { events: this.#instance.events }),
      counts: { events: this.#events, lost: this.#lost, malformed: this.#malformed },
    };
  }

  /** Never throws: what stands in the way is in the state that it returns. */
  start(): TracepointState {
    const { root = TRACEFS, folders, readEveryMs = READ_EVERY_MS, isWanted = true } = this.#options;
    if (!isWanted) return this.#unwanted(root, folders);
    try {
      if (wantedEvents(root).length === 0) return this.#isOff('absent', 'the kernel has no tracepoints of Landlock');
      this.#instance = folders === undefined ? new TraceInstance(root) : new TraceInstance(root, folders);
    } catch (error) {
      return this.#refused(error, root);
    }
    if (this.#instance.events.length === 0) {
      this.#close();
      return this.#isOff('failed', 'none of the tracepoints could be enabled');
    }
    this.#kind = 'on';
    this.#reason = undefined;
    this.#timer = setInterval(() => this.#turn(), readEveryMs);
    return this.state;
  }

  #unwanted(root: string, folders: InstanceFolders | undefined): TracepointState {
    try {
      removeInstance(root, folders);
    } catch {
      // No tracefs, none of our business there, or a collector that is still reading it.
    }
    return this.#isOff('off', 'the configuration does not want them (collector.tracefs)');
  }

  /** Takes what was recorded, and removes every trace of us from the kernel. May be called twice. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#instance === undefined) return;
    this.#instance.disable();
    this.#turn();
    this.#close();
    if (this.#kind === 'on') this.#isOff('off', undefined);
  }

  #turn(): void {
    try {
      // Anew each time: the machine's time may be corrected, the trace's clock never is.
      this.#offsetMs = Date.now() - Number(process.hrtime.bigint()) / 1e6;
      for (let bytes = 0; bytes < TURN_BYTES_MAX; ) {
        const text = this.#instance?.read();
        if (text === undefined) return;
        bytes += text.length;
        this.#take(text);
      }
    } catch (error) {
      clearInterval(this.#timer);
      this.#isOff('failed', `the trace cannot be read any more (${codeOf(error)})`);
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length > LINE_BYTES_MAX) {
      this.#line(this.#rest);
      this.#rest = '';
    }
  }

  #line(line: string): void {
    const parsed = parseTraceLine(line);
    if (parsed === null) return;
    if (parsed.kind === 'trace-event') this.#events++;
    if (parsed.kind === 'trace-lost') this.#lost += parsed.count;
    const doc = this.#interpreter.interpret(parsed);
    if (doc === undefined) return;
    if (doc.kind === 'malformed') this.#malformed++;
    this.#options.onDocument(doc);
  }

  #close(): void {
    try {
      this.#instance?.close();
    } catch (error) {
      this.#isOff('failed', `the tracing instance was not removed (${codeOf(error)}): the next start does it`);
    }
    this.#instance = undefined;
  }

  #isOff(state: TracepointState['state'], reason: string | undefined): TracepointState {
    this.#kind = state;
    this.#reason = reason;
    return this.state;
  }

  #refused(error: unknown, root: string): TracepointState {
    const code = codeOf(error);
    switch (code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return this.#isOff(
          'absent',
          `no tracepoints of Landlock below ${root}: they came with Linux 7.3, and tracefs must be mounted there`,
        );
      case 'EACCES':
      case 'EPERM':
        return this.#isOff('denied', `${root} may not be used (${code}): run the collector as root, not locked down`);
      case 'EROFS':
        return this.#isOff(
          'denied',
          `${root} is read-only here (EROFS): allow it in the unit (ProtectKernelTunables=no)`,
        );
      case 'EBUSY':
        return this.#isOff('failed', 'another collector of this machine reads the tracepoints');
      default: {
        const detail = error instanceof Error ? error.message : String(error);
        return this.#isOff('failed', `the tracepoints cannot be used: ${code === '' ? detail : code}`);
      }
    }
  }
}
