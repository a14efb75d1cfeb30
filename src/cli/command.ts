// What a command is, and what it may touch. Commands never reach for `process` on their own: streams, environment
// and working directory come in as `Io`, so that a test runs a command in its own process and reads what it wrote.
import type { Readable, Writable } from 'node:stream';

/** Everything outside that a command may use. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Decides between a table and plain lines, and whether a progress bar makes sense. */
  readonly isStdinTty: boolean;
  readonly isStdoutTty: boolean;
  readonly isStderrTty: boolean;
  /** Columns of the terminal behind stdout; absent where it is none. */
  readonly columns?: number;
  /** Aborts on SIGINT and SIGTERM: a command that runs on (`--follow`, `run`) ends in order. */
  readonly signal: AbortSignal;
}

/** One subcommand of `trespass`. The file `decode.ts` exports it as `decodeCommand`, and so on. */
export interface Command {
  readonly name: string;
  /** One line for `trespass --help`. */
  readonly summary: string;
  /** The whole text of `trespass NAME --help`. */
  readonly usage: string;
  /**
   * `argv` is what follows the command's name.
   * Answers the exit code: one of EXIT, or that of a command which it ran.
   * Throws OperatingError for what the user can mend; `node:util` parseArgs errors count as wrong usage.
   */
  run(argv: readonly string[], io: Io): Promise<number>;
}

/** What the table of commands has of each; the rest is loaded when it is asked for. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Goes on when nobody reads its output any more. */
  readonly isDaemon?: true;
  /** SIGHUP asks it to read files anew, unless it is the end of its terminal. */
  readonly isReloadable?: true;
  load(): Promise<Command>;
}
