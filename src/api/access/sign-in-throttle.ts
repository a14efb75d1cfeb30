// Slows down who guesses passwords: so many failures of an address and of a name within a span of time, then none is
// tried any more until the span is over. A name that no account has counts like one that an account has.
import { isIPv6 } from 'node:net';

export interface ThrottleLimits {
  readonly spanMs: number;
  readonly failuresOfAddressMax: number;
  readonly failuresOfNameMax: number;
}

export const THROTTLE_LIMITS: ThrottleLimits = {
  spanMs: 15 * 60_000,
  failuresOfAddressMax: 20,
  failuresOfNameMax: 10,
};

/** Keys remembered of each kind. */
const KEYS_MAX = 10_000;
/** Of a key's text: an address that a proxy names may be anything. */
const KEY_CHARACTERS_MAX = 64;

interface Failures {
  count: number;
  readonly untilMs: number;
}

export class SignInThrottle {
  readonly #limits: ThrottleLimits;
  readonly #addresses = new FailureCounts();
  readonly #names = new FailureCounts();

  constructor(limits: ThrottleLimits = THROTTLE_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Counts an attempt as failed before it is tried, so that many at once are no way around. Answers how long to wait
   * where it may not be tried, 0 where it may.
   */
  begin(address: string, name: string, nowMs: number): number {
    const { spanMs, failuresOfAddressMax, failuresOfNameMax } = this.#limits;
    const waits = [
      this.#addresses.waitMs(addressGroup(address), failuresOfAddressMax, nowMs),
      this.#names.waitMs(nameKey(name), failuresOfNameMax, nowMs),
    ];
    const waitMs = Math.max(...waits);
    // What is refused is not remembered either: it costs whoever guesses nothing.
    if (waitMs > 0) return waitMs;
    this.#addresses.add(addressGroup(address), nowMs, spanMs);
    this.#names.add(nameKey(name), nowMs, spanMs);
    return 0;
  }

  /** The attempt that was begun did not fail. Failures of the address stay: it may have tried other names. */
  succeed(address: string, name: string): void {
    this.#addresses.takeBack(addressGroup(address));
    this.#names.forget(nameKey(name));
  }
}

/** Failures by key. Where there are too many keys, those with the fewest failures go, and so no attack that goes on. */
class FailureCounts {
  readonly #failures = new Map<string, Failures>();

  waitMs(key: string, failuresMax: number, nowMs: number): number {
    const known = this.#failures.get(key);
    return known !== undefined && known.count >= failuresMax ? known.untilMs - nowMs : 0;
  }

  add(key: string, nowMs: number, spanMs: number): void {
    const known = this.#failures.get(key);
    if (known !== undefined && known.untilMs > nowMs) {
      known.count += 1;
      return;
    }
    this.#failures.delete(key);
    if (this.#failures.size >= KEYS_MAX) this.#makeRoom(nowMs);
    this.#failures.set(key, { count: 1, untilMs: nowMs + spanMs });
  }

  takeBack(key: string): void {
    const known = this.#failures.get(key);
    if (known !== undefined && known.count > 0) known.count -= 1;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Each key is new by a password that was hashed, which takes far longer than to look at all of them. */
  #makeRoom(nowMs: number): void {
    let least: { readonly key: string; readonly count: number } | undefined;
    for (const [key, { count, untilMs }] of this.#failures) {
      if (untilMs <= nowMs) this.#failures.delete(key);
      else if (least === undefined || count < least.count) least = { key, count };
    }
    if (this.#failures.size >= KEYS_MAX && least !== undefined) this.#failures.delete(least.key);
  }
}

function nameKey(name: string): string {
  return name.toLowerCase();
}

/** Whoever has one address of an IPv6 network has them all: the first 64 bits count. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address.slice(0, KEY_CHARACTERS_MAX);
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length);
  const whole = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
