// The memory that recvmmsg(2) fills: one slot per message with its header, address and iovec, laid out once.
// The layout is that of 64-bit Linux. The kernel only sees addresses, so all four blocks stay fields of this object.
import { FIRST_RECORD_TYPE, HEADER_BYTES } from './audit-status.ts';
import { addressOf, type CallOutcome, MSG_TRUNC, recvmmsg } from './libc.ts';
import type { BatchBuilder } from './record-batch.ts';

/** More than the kernel's longest record (MAX_AUDIT_MESSAGE_LENGTH 8970) with its header. */
export const SLOT_BYTES = 9 * 1024;
const MMSGHDR_BYTES = 64;
const MSG_FLAGS_OFFSET = 48;
const MSG_LENGTH_OFFSET = 56;
const IOVEC_BYTES = 16;
const ADDRESS_BYTES = 12;

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
  readonly #headers: Buffer;
  readonly #vectors: Buffer;
  readonly #addresses: Buffer;
  readonly #slots: Buffer;

  constructor(count: number) {
    this.count = count;
    this.#headers = Buffer.alloc(count * MMSGHDR_BYTES);
    this.#vectors = Buffer.alloc(count * IOVEC_BYTES);
    this.#addresses = Buffer.alloc(count * ADDRESS_BYTES);
    this.#slots = Buffer.alloc(count * SLOT_BYTES);
    const [vectorsAt, addressesAt, slotsAt] = [this.#vectors, this.#addresses, this.#slots].map(addressOf);
    if (vectorsAt === undefined || addressesAt === undefined || slotsAt === undefined) return;
    for (let i = 0; i < count; i++) {
      this.#vectors.writeBigUInt64LE(slotsAt + BigInt(i * SLOT_BYTES), i * IOVEC_BYTES);
      this.#vectors.writeBigUInt64LE(BigInt(SLOT_BYTES), i * IOVEC_BYTES + 8);
      const header = i * MMSGHDR_BYTES;
      this.#headers.writeBigUInt64LE(addressesAt + BigInt(i * ADDRESS_BYTES), header);
      this.#headers.writeUInt32LE(ADDRESS_BYTES, header + 8);
      this.#headers.writeBigUInt64LE(vectorsAt + BigInt(i * IOVEC_BYTES), header + 16);
      this.#headers.writeBigUInt64LE(1n, header + 24);
    }
  }

  /** Takes up to `count` messages without waiting. */
  receive(fd: number): CallOutcome {
    return recvmmsg(fd, this.#headers, this.count);
  }

  /** Appends the records among the first `received` messages; the builder has room for all slots. */
  moveTo(builder: BatchBuilder, received: number): void {
    for (let i = 0; i < received; i++) {
      const header = i * MMSGHDR_BYTES;
      const slot = i * SLOT_BYTES;
      const length = this.#headers.readUInt32LE(header + MSG_LENGTH_OFFSET);
      const type = this.#slots.readUInt16LE(slot + 4);
      if (this.#addresses.readUInt32LE(i * ADDRESS_BYTES + 4) !== 0) this.ignored.foreign++;
      else if (length < HEADER_BYTES || type < FIRST_RECORD_TYPE) this.ignored.control++;
      else {
        // Counted, but what did come is handed on: the interpreter says what a cut record lacks.
        if ((this.#headers.readUInt32LE(header + MSG_FLAGS_OFFSET) & MSG_TRUNC) !== 0) this.ignored.truncated++;
        // By what was received: nlmsg_len of a unicast record lacks the header's 16 bytes (kernel/audit.c).
        builder.add(type, this.#slots, slot + HEADER_BYTES, slot + length);
      }
    }
  }
}
