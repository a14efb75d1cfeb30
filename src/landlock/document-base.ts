// What every document of one event shares.
import type { EventFields, HostFields, Tag } from './document.ts';

/** Lets a value be built field by field; what leaves the builder is read-only again. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The time, the identity and the place of a document. */
export interface DocumentBase {
  readonly timestamp: string;
  readonly event: EventFields;
  readonly host: HostFields;
  readonly tags: readonly Tag[] | undefined;
}
