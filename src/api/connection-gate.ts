// Bounds the connections of one address, so that nobody alone takes all that there may be. Whoever is refused is told so,
// and what still comes by that connection is not done.
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiError } from './errors.ts';
import { rawProblemResponse } from './problem.ts';
import { addressGroup } from './sign-in-throttle.ts';

/** For the refusal to be read. */
const LAST_MS = 1_000;

export class ConnectionGate {
  readonly #ofAddressMax: number;
  readonly #open = new Map<string, number>();
  readonly #refusedOnes = new WeakSet<Duplex>();
  /** Connections since the start of the server. */
  refused = 0;

  constructor(ofAddressMax: number) {
    this.#ofAddressMax = ofAddressMax;
  }

  /** `isExempt`: addresses that stand for many, such as a proxy's. */
  watch(server: Server, isSecure: boolean, isExempt: (address: string) => boolean): void {
    // What had no room at all.
    server.on('drop', () => {
      this.refused++;
    });
    server.on(isSecure ? 'secureConnection' : 'connection', (socket: Duplex & { readonly remoteAddress?: string }) => {
      const address = socket.remoteAddress;
      if (address !== undefined && !isExempt(address)) this.#enter(socket, addressGroup(address));
    });
  }

  /** Throws for requests that come by a connection that was refused. */
  refuseRequest(socket: Duplex): void {
    if (this.#refusedOnes.has(socket)) throw this.#refusal();
  }

  #enter(socket: Duplex, address: string): void {
    const count = (this.#open.get(address) ?? 0) + 1;
    this.#open.set(address, count);
    socket.once('close', () => this.#leave(address));
    if (count <= this.#ofAddressMax) return;
    this.refused++;
    this.#refusedOnes.add(socket);
    socket.end(rawProblemResponse(this.#refusal()));
    setTimeout(() => socket.destroy(), LAST_MS).unref();
  }

  #leave(address: string): void {
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left > 0) this.#open.set(address, left);
    else this.#open.delete(address);
  }

  #refusal(): ApiError {
    return new ApiError('too-many-connections', `More than ${this.#ofAddressMax} connections of one address are open`);
  }
}
