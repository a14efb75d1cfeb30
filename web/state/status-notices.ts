// The sentences above the page: what the server calls a problem, a collector that is being started again, and a
// server that does not answer. Pure.
import type { Status } from '../../src/api/schemas/status.ts';
import { countOf } from '../text/format-number.ts';

export interface Notice {
  readonly key: string;
  readonly level: 'warn' | 'fail';
  /** Words between backticks are commands or settings. */
  readonly text: string;
  readonly mend?: string;
}

interface Asked {
  readonly failure?: { readonly message: string; readonly hint?: string; readonly requestId?: string };
}

/** `others`: the questions besides the status; a failure that all share is told once. */
export function noticesOf(status: Asked & { readonly value?: Status }, others: readonly Asked[]): readonly Notice[] {
  const notices: Notice[] = [];
  const failures = new Map<string, string | undefined>();
  for (const { failure } of [status, ...others]) {
    if (failure !== undefined) {
      const request = failure.requestId === undefined ? '' : ` (request \`${failure.requestId}\`)`;
      failures.set(`${failure.message}${failures.has(failure.message) ? '' : request}`, failure.hint);
    }
  }
  for (const [text, mend] of failures) {
    notices.push({ key: 'request-failed', level: 'fail', text, ...(mend === undefined ? {} : { mend }) });
  }
  const problems = status.value?.problems ?? [];
  for (const one of status.value?.collectors ?? []) {
    if (one.state === 'restarting' && !problems.some((problem) => problem.code.includes('restart'))) {
      const exit = one.last_exit === undefined ? '' : ` after ${one.last_exit}`;
      notices.push({
        key: 'collector-restarting',
        level: 'warn',
        text: `The collector on ${one.heartbeat.host.name} is being started again${exit}.`,
        mend: `What the kernel logs meanwhile may be missing here. It was started again ${countOf(one.restarts, 'time')} so far; its log says why.`,
      });
    }
  }
  for (const problem of problems) {
    notices.push({ key: problem.code, level: problem.severity, text: problem.message, mend: problem.mend });
  }
  return notices;
}
