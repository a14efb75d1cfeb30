// The memory that recvmmsg(2) fills: one slot per message with its header, address and iovec, laid out once.
// The layout is that of 64-bit Linux. The kernel only sees addresses, so all four blocks stay fields of this object.
import { FIRST_RECORD_TYPE, HEADER_BYTES } from './audit-status.ts';
import { addressOf, type CallOutcome, MSG_TRUNC, recvmmsg } from './libc.ts';
import type { BatchBuilder } from './record-batch.ts';

/** More than the kernel's longest record (MAX_AUDIT_MESSAGE_LENGTH 8970) with its header. */
export const SLOT_BYTES = 9 * 1024;
// struct mmsghdr, struct iovec and struct sockaddr_nl, in 32-bit words.
const HEADER_WORDS = 16;
const HEADER_FLAGS = 12;
const HEADER_LENGTH = 14;
const VECTOR_WORDS = 4;
const ADDRESS_WORDS = 3;
const ADDRESS_PORT = 1;
const SLOT_WORDS = SLOT_BYTES / 4;
/** Of struct nlmsghdr: type and flags are the second word. */
const MESSAGE_TYPE = 1;
const MESSAGE_HEADER_WORDS = HEADER_BYTES / 4;

/** Messages that are no records, by reason; sums since the start. */
export interface Ignored {
  /** Not from the kernel (nl_pid other than 0). */
  foreign: number;
  /** Acknowledgements and answers (types below 1100). */
  control: number;
  /** Longer than a slot. */
  truncated: number;
}

export class ReceiveSlots {
  readonly count: number;
  readonly ignored: Ignored = { foreign: 0, control: 0, truncated: 0 };
  readonly #headers: Uint32Array;
  readonly #vectors: Uint32Array;
  readonly #addresses: Uint32Array;
  readonly #slots: Uint32Array;
  readonly #headerBytes: Uint8Array;

  constructor(count: number) {
    this.count = count;
    this.#headers = new Uint32Array(count * HEADER_WORDS);
    this.#vectors = new Uint32Array(count * VECTOR_WORDS);
    this.#addresses = new Uint32Array(count * ADDRESS_WORDS);
    this.#slots = new Uint32Array(count * SLOT_WORDS);
    this.#headerBytes = new Uint8Array(this.#headers.buffer);
    this.#layOut();
  }

  /** Takes up to `count` messages without waiting. */
  receive(fd: number): CallOutcome {
    return recvmmsg(fd, this.#headerBytes, this.count);
  }

  /** Appends the records among the first `received` messages; the builder has room for all slots. */
  moveTo(builder: BatchBuilder, received: number): void {
    const headers = this.#headers;
    const slots = this.#slots;
    for (let i = 0; i < received; i++) {
      const slot = i * SLOT_WORDS;
      const length = headers[i * HEADER_WORDS + HEADER_LENGTH] ?? 0;
      const type = (slots[slot + MESSAGE_TYPE] ?? 0) & 0xffff;
      if (this.#addresses[i * ADDRESS_WORDS + ADDRESS_PORT] !== 0) this.ignored.foreign++;
      else if (length < HEADER_BYTES || type < FIRST_RECORD_TYPE) this.ignored.control++;
      else {
        // Counted, but what did come is handed on: the interpreter says what a cut record lacks.
        if (((headers[i * HEADER_WORDS + HEADER_FLAGS] ?? 0) & MSG_TRUNC) !== 0) this.ignored.truncated++;
        // By what was received: nlmsg_len of a unicast record lacks the header's 16 bytes (kernel/audit.c).
        builder.add(type, slots, slot + MESSAGE_HEADER_WORDS, length - HEADER_BYTES);
      }
    }
  }

  #layOut(): void {
    const headers = new BigUint64Array(this.#headers.buffer);
    const vectors = new BigUint64Array(this.#vectors.buffer);
    const address = (words: Uint32Array) => addressOf(new Uint8Array(words.buffer));
    const [vectorsAt, addressesAt, slotsAt] = [address(this.#vectors), address(this.#addresses), address(this.#slots)];
    for (let i = 0; i < this.count; i++) {
      vectors[i * 2] = slotsAt + BigInt(i * SLOT_BYTES);
      vectors[i * 2 + 1] = BigInt(SLOT_BYTES);
      // msg_name, msg_namelen, msg_iov, msg_iovlen; the rest stays zero.
      headers[i * 8] = addressesAt + BigInt(i * ADDRESS_WORDS * 4);
      this.#headers[i * HEADER_WORDS + 2] = ADDRESS_WORDS * 4;
      headers[i * 8 + 2] = vectorsAt + BigInt(i * VECTOR_WORDS * 4);
      headers[i * 8 + 3] = 1n;
    }
  }
}
