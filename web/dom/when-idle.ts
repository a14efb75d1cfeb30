// Work that may wait until what is more urgent, such as the first numbers, stands on the page.

const WAIT_MAX_MS = 500;
/** Where the browser does not tell when it is idle: after the next frame. */
const WAIT_MS = 50;

/** Does `work` when the browser has nothing better to do, within half a second. */
export function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'function') {
    requestIdleCallback(() => work(), { timeout: WAIT_MAX_MS });
  } else {
    setTimeout(work, WAIT_MS);
  }
}
