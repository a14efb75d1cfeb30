// What the doctor says of one possible cause of silence. Stable names, so that programs can read them too.

/** `unknown`: it could not be learned; never shown as ok. */
export type FindingState = 'ok' | 'warn' | 'fail' | 'unknown';

export interface Finding {
  /** Which cause: stable, kebab-case. */
  readonly check: string;
  readonly state: FindingState;
  /** What was found, one sentence; what others chose in it is not escaped. */
  readonly text: string;
  /** What to do about it. Absent where there is nothing to do. */
  readonly mend?: string;
  /** The fault is a missing right of whoever asks: exit code 4. */
  readonly isPermission?: true;
}

export function ok(check: string, text: string): Finding {
  return { check, state: 'ok', text };
}

export function warn(check: string, text: string, mend: string): Finding {
  return { check, state: 'warn', text, mend };
}

export function fail(check: string, text: string, mend: string): Finding {
  return { check, state: 'fail', text, mend };
}

/** `mend`: how it could be learned. */
export function unknown(check: string, text: string, mend?: string): Finding {
  return { check, state: 'unknown', text, ...(mend !== undefined && { mend }) };
}

/** `action`'s findings; where it throws, one `unknown` that says why. */
export async function tryFindings(
  check: string,
  action: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> {
  try {
    return await action();
  } catch (error) {
    const mend = error instanceof Error && 'mend' in error && typeof error.mend === 'string' ? error.mend : undefined;
    return [unknown(check, error instanceof Error ? error.message : String(error), mend)];
  }
}
