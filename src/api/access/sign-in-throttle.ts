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

/** Keys remembered of each kind; beyond it the oldest is forgotten. */
const keysMax = 10_000;

interface Failures {
  count: number;
  readonly untilMs: number;
}

export class SignInThrottle {
  readonly #limits: ThrottleLimits;
  readonly #addresses = new Map<string, Failures>();
  readonly #names = new Map<string, Failures>();

  constructor(limits: ThrottleLimits = THROTTLE_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Counts an attempt as failed before it is tried, so that many at once are no way around. Answers how long to wait
   * where it may not be tried, 0 where it may.
   */
  begin(address: string, name: string, nowMs: number): number {
    const { failuresOfAddressMax, failuresOfNameMax } = this.#limits;
    const ofAddress = this.#failures(this.#addresses, addressGroup(address), nowMs);
    const ofName = this.#failures(this.#names, name.toLowerCase(), nowMs);
    const waits = [
      ...(ofAddress.count >= failuresOfAddressMax ? [ofAddress.untilMs - nowMs] : []),
      ...(ofName.count >= failuresOfNameMax ? [ofName.untilMs - nowMs] : []),
    ];
    if (waits.length > 0) return Math.max(...waits);
    ofAddress.count += 1;
    ofName.count += 1;
    return 0;
  }

  /** The attempt that was begun did not fail. Failures of the address stay: it may have tried other names. */
  succeed(address: string, name: string): void {
    const ofAddress = this.#addresses.get(addressGroup(address));
    if (ofAddress !== undefined) ofAddress.count -= 1;
    this.#names.delete(name.toLowerCase());
  }

  #failures(of: Map<string, Failures>, key: string, nowMs: number): Failures {
    const known = of.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known;
    of.delete(key);
    if (of.size >= keysMax) {
      const oldest = of.keys().next();
      if (!oldest.done) of.delete(oldest.value);
    }
    const fresh = { count: 0, untilMs: nowMs + this.#limits.spanMs };
    of.set(key, fresh);
    return fresh;
  }
}

/** Whoever has one address of an IPv6 network has them all: the first 64 bits count. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
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
