// Reads the fields of a trace event by name, and remembers which of them nobody has asked for: those are kept as they
// are, under the event's name.
import type { UnknownField } from '../document.ts';
import type { TraceEvent } from './trace-event.ts';

const DOMAIN_ID = /^[0-9a-f]{1,16}$/;
const UNSIGNED = /^\d{1,15}$/;

export class TraceFields {
  readonly #event: string;
  readonly #left = new Map<string, string>();

  constructor(event: TraceEvent) {
    this.#event = event.name;
    for (const { name, value } of event.fields) {
      if (!this.#left.has(name)) this.#left.set(name, value);
    }
  }

  /** As it was printed; undefined where it is absent. */
  take(name: string): string | undefined {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value;
  }

  /** The id of a domain or a ruleset: hexadecimal. undefined also for 0, which stands for none. */
  takeId(name: string): string | undefined {
    return this.#takeIf(name, (value) => DOMAIN_ID.test(value) && value !== '0');
  }

  /** A whole number; where it is none, the field is left over. */
  takeNumber(name: string): number | undefined {
    const value = this.#left.get(name);
    if (value === undefined || !UNSIGNED.test(value)) return undefined;
    this.#left.delete(name);
    return Number(value);
  }

  /** `0` or `1`. */
  takeFlag(name: string): boolean | undefined {
    const value = this.#takeIf(name, (text) => text === '0' || text === '1');
    return value === undefined ? undefined : value === '1';
  }

  /** Names joined by `|`. */
  takeNames(name: string): readonly string[] {
    return (this.take(name) ?? '').split('|').filter((one) => one !== '');
  }

  /** What nobody took. undefined: nothing. */
  rest(): readonly UnknownField[] | undefined {
    if (this.#left.size === 0) return undefined;
    return [...this.#left].map(([name, value]) => ({ record: this.#event, name, value }));
  }

  #takeIf(name: string, isRight: (value: string) => boolean): string | undefined {
    const value = this.#left.get(name);
    if (value === undefined) return undefined;
    if (isRight(value)) {
      this.#left.delete(name);
      return value;
    }
    if (value === '0') this.#left.delete(name);
    return undefined;
  }
}
