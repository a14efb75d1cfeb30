// One possible cause of a denial, in the form: if this holds, then that is why, and this is to be done.

/** How sure a cause is, from what the records show alone. */
export type Sureness = 'likely' | 'possible' | 'unlikely';

export interface Cause {
  readonly if: string;
  readonly then: string;
  readonly do: string;
  readonly sure: Sureness;
}

/** A cause of these parts. */
export function cause(sure: Sureness, condition: string, because: string, remedy: string): Cause {
  // biome-ignore lint/suspicious/noThenProperty: a text, which nobody awaits; the words are read as a sentence
  return { if: condition, then: because, do: remedy, sure };
}

const ORDER: readonly Sureness[] = ['likely', 'possible', 'unlikely'];

/** The surest first; those that are equally sure stay in their order. */
export function ranked(causes: readonly Cause[]): readonly Cause[] {
  return ORDER.flatMap((sure) => causes.filter((of) => of.sure === sure));
}
