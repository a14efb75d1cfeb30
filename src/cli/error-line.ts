// How an error reaches the person: one line that says what went wrong and what to do.
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { escapeTerminal } from '../runtime/terminal-text.ts';

/** What a failed command leaves behind. */
export interface Failure {
  /** Stable, kebab-case; `unexpected` for what is a mistake of ours. */
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  readonly exitCode: ExitCode;
}

/** Understands OperatingError and the store's own errors, which carry `code` and `mend` too. */
export function toFailure(error: unknown): Failure {
  if (error instanceof OperatingError) {
    return { code: error.code, message: error.message, mend: error.mend, exitCode: error.exitCode };
  }
  if (error instanceof Error && 'mend' in error && typeof error.mend === 'string') {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
    return { code, message: error.message, mend: error.mend, exitCode: exitCodeOf(error, code) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'unexpected',
    message: `unexpected error: ${message}`,
    mend: 'run it again with TRESPASS_DEBUG=1 for the place in the program and report it',
    exitCode: EXIT.failed,
  };
}

function exitCodeOf(error: Error, errorCode: string): ExitCode {
  if (errorCode.endsWith('-permission')) {
    return EXIT.permission;
  }
  const value = 'exitCode' in error ? error.exitCode : undefined;
  return Object.values(EXIT).find((code) => code === value && code !== EXIT.done) ?? EXIT.failed;
}

/** `trespass: WHAT: MEND`, always one line whatever the message holds. */
export function errorLine(failure: Pick<Failure, 'message' | 'mend'>): string {
  return `trespass: ${escapeTerminal(failure.message.replaceAll('\n', ' '))}: ${escapeTerminal(failure.mend)}\n`;
}
