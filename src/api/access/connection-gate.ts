// Bounds the connections of one address, so that nobody alone takes all that there may be. Whoever is refused is told so,
// and what still comes by that connection is not done.
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { ApiError } from '../errors.ts';
import { rawProblemResponse } from '../problem.ts';
import { closeLingering } from '../transport/lingering-close.ts';
import { addressGroup } from './sign-in-throttle.ts';

/** For the refusal to be read; it takes a place of all connections as long. */
const LAST_MS = 1_000;
/** Connections of one address, beyond those that it may have, whose handshake is under way. */
const HANDSHAKES_MAX = 64;

export class ConnectionGate {
  readonly #ofAddressMax: number;
  readonly #open = new Tally();
  /** With TLS: also those that have not finished their handshake. */
  readonly #raw = new Tally();
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
    const onEach = (event: string, enter: (socket: Connection, address: string) => void) =>
      server.on(event, (socket: Connection) => {
        const address = socket.remoteAddress;
        if (address !== undefined && !isExempt(address)) enter(socket, addressGroup(address));
      });
    if (isSecure) onEach('connection', (socket, address) => this.#enterRaw(socket, address));
    onEach(isSecure ? 'secureConnection' : 'connection', (socket, address) => this.#enter(socket, address));
  }

  /** Throws for requests that come by a connection that was refused. */
  refuseRequest(socket: Duplex): void {
    if (this.#refusedOnes.has(socket)) throw this.#refusal();
  }

  #enter(socket: Connection, address: string): void {
    if (this.#open.enter(socket, address) <= this.#ofAddressMax) return;
    this.refused++;
    this.#refusedOnes.add(socket);
    closeLingering(socket, rawProblemResponse(this.#refusal()), LAST_MS);
  }

  /** Before the handshake nothing can be said: whoever opens so many, and finishes none, hears nothing. */
  #enterRaw(socket: Connection, address: string): void {
    if (this.#raw.enter(socket, address) <= this.#ofAddressMax + HANDSHAKES_MAX) return;
    this.refused++;
    socket.destroy();
  }

  #refusal(): ApiError {
    return new ApiError('too-many-connections', `More than ${this.#ofAddressMax} connections of one address are open`);
  }
}

type Connection = Duplex & { readonly remoteAddress?: string };

/** How many connections of each address are open. */
class Tally {
  readonly #counts = new Map<string, number>();

  /** With this one. */
  enter(socket: Connection, address: string): number {
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    socket.once('close', () => this.#leave(address));
    return count;
  }

  #leave(address: string): void {
    const left = (this.#counts.get(address) ?? 1) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }
}
