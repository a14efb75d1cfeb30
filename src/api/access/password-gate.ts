// Where passwords are checked and hashed: so many at once, and by the throttle's leave. Whoever guesses an old password in
// a browser that was left open is slowed down like whoever guesses at the door.
import { hashPassword, passwordFault } from '../../store/access/passwords.ts';
import type { AppDeps, CheckedAccount } from '../deps.ts';
import { ApiError } from '../errors.ts';

/** Each takes 32 MiB and a thread for a while. */
const PASSWORDS_MAX = 2;

export class PasswordGate {
  readonly #deps: Pick<AppDeps, 'access' | 'throttle'>;
  #working = 0;

  constructor(deps: Pick<AppDeps, 'access' | 'throttle'>) {
    this.#deps = deps;
  }

  /** Whose password it is; undefined where it is nobody's. Throws ApiError where it may not be tried now. */
  async check(address: string, user: string, password: string, nowMs: number): Promise<CheckedAccount | undefined> {
    const { access, throttle } = this.#deps;
    this.#refuseIfBusy();
    const waitMs = throttle.begin(address, user, nowMs);
    if (waitMs > 0) {
      throw new ApiError('rate-limited', 'Too many passwords of this address or name were wrong', {
        retryAfterSeconds: Math.ceil(waitMs / 1_000),
      });
    }
    const account = await this.#work(access.checkPassword(user, password));
    if (account !== undefined) throttle.succeed(address, user);
    return account;
  }

  /** A new password as it is kept. Throws ApiError where it cannot be one. */
  async hash(password: string): Promise<string> {
    const fault = passwordFault(password);
    if (fault !== undefined) {
      throw new ApiError('invalid-parameter', fault, {
        hint: 'Several words that do not belong together make a good one',
      });
    }
    this.#refuseIfBusy();
    return await this.#work(hashPassword(password));
  }

  async #work<T>(work: Promise<T>): Promise<T> {
    this.#working++;
    return await work.finally(() => this.#working--);
  }

  #refuseIfBusy(): void {
    if (this.#working >= PASSWORDS_MAX) {
      throw new ApiError('overloaded', 'Too many passwords are being checked at once', { retryAfterSeconds: 1 });
    }
  }
}
