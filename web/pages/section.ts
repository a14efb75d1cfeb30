// One question to the server and what became of it.
import type { Failure } from '../net/api-client.ts';

/** Not answered yet, answered, or failed (the last good answer is kept). */
export interface Section<T> {
  value?: T;
  failure?: Failure;
}
