// Errors that the person who runs the program can mend. Everything else is a bug and may crash.

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, nothing: 3, permission: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Prints as one line: `trespass: WHAT (WHERE): MEND`. */
export class OperatingError extends Error {
  /** Stable, kebab-case, for tests and logs: `port-in-use`, `audit-locked`, … */
  readonly code: string;
  /** What the reader should do now; one sentence. */
  readonly mend: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, mend: string, options: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'OperatingError';
    this.code = code;
    this.mend = mend;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}
