// Parts of the dashboard that are loaded when they are needed.
import type { Failure } from './api-client.ts';

export const CODE_NOT_LOADED: Failure = {
  kind: 'unreachable',
  message: 'The server cannot be reached, or it has been updated since this page was opened.',
  hint: 'Load the page again.',
};

/** What `load` imports; undefined, told to the browser's console, where that fails. */
export async function loadCode<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    reportError(error);
    return undefined;
  }
}
