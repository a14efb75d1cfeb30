// Cuts auditd's binary plugin stream (`format = binary`) into records. Framing follows audit-userspace
// lib/libaudit.h, struct audit_dispatcher_header: four host-endian u32 {version, header length, type, size} and
// `size` bytes. Version 0 carries the kernel's payload, version 1 a finished `node=… type=… msg=…` line. auditd 3
// pads each frame to its largest size; that is recognised from what follows the first one.

export const FRAME_HEADER_BYTES = 16;
/** MAX_AUDIT_MESSAGE_LENGTH is 8,970; enrichment and node name come on top. More than this is no frame. */
export const FRAME_BYTES_MAX = 64 * 1024;
/** MAX_AUDIT_MESSAGE_LENGTH: what auditd 3 writes after a header, whatever the size says. */
const PADDED_BYTES = 8970;
const NO_FRAME = 'no frame of the binary plugin protocol';

/** Takes frames in order. `index` counts frames from 1, `byte` is the frame's offset in the stream. */
export interface FrameSink {
  frame(version: 0 | 1, type: number, text: string, index: number): void;
  /** Bytes that are no frame. The stream cannot be trusted from here on: nothing more is handed over. */
  broken(reason: string, text: string, byte: number): void;
}

interface FrameHeader {
  readonly version: 0 | 1;
  readonly type: number;
  readonly size: number;
}

/** The header at `offset`, in either byte order, or undefined where there is none. */
export function readFrameHeader(bytes: Buffer, offset: number): FrameHeader | undefined {
  if (bytes.length - offset < FRAME_HEADER_BYTES) return undefined;
  const little = bytes.readUInt32LE(offset + 4) === FRAME_HEADER_BYTES;
  if (!little && bytes.readUInt32BE(offset + 4) !== FRAME_HEADER_BYTES) return undefined;
  const field = (at: number): number => (little ? bytes.readUInt32LE(offset + at) : bytes.readUInt32BE(offset + at));
  const version = field(0);
  const type = field(8);
  const size = field(12);
  if ((version !== 0 && version !== 1) || type < 1000 || type > 9999 || size > FRAME_BYTES_MAX) return undefined;
  return { version, type, size };
}

/** Feed it chunks of any size. */
export class PluginFrames {
  readonly #sink: FrameSink;
  #pending: Buffer = Buffer.alloc(0);
  #consumed = 0;
  #index = 0;
  #isBroken = false;
  /** Whether frames are padded; undefined until what follows the first one has come. */
  #isPadded: boolean | undefined;
  /** Of the last frame, while that is open. */
  #paddingBytes = 0;
  /** Bytes of padding still to be skipped. */
  #padding = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    if (this.#isBroken) return;
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let offset = 0;
    for (;;) {
      const next = this.#step(bytes, offset);
      if (next === undefined) break;
      offset = next;
    }
    this.#consumed += offset;
    // A copy: the caller may use its chunk again.
    this.#pending = Buffer.from(bytes.subarray(offset));
  }

  end(): void {
    const rest = this.#pending.length;
    const isPadding = this.#isPadded !== false && rest === this.#paddingBytes;
    if (rest > 0 && !isPadding) {
      // Where padding was possible, it was waited for.
      const isFrame = rest < FRAME_HEADER_BYTES || readFrameHeader(this.#pending, 0) !== undefined;
      this.#break(isFrame ? 'the stream ends inside a frame' : NO_FRAME, this.#pending, 0);
    }
    this.#pending = Buffer.alloc(0);
  }

  /** The input broke off: gives up the frame that is not whole, and answers its beginning. */
  cut(): string {
    const rest = this.#pending.toString('latin1', 0, Math.min(this.#pending.length, 4096));
    this.#pending = Buffer.alloc(0);
    return rest;
  }

  /** Takes what stands at `offset`; returns where the next thing stands, or undefined where bytes are missing. */
  #step(bytes: Buffer, offset: number): number | undefined {
    if (this.#padding > 0) {
      const skipped = Math.min(this.#padding, bytes.length - offset);
      this.#padding -= skipped;
      return skipped === 0 ? undefined : offset + skipped;
    }
    if (this.#isBroken || bytes.length - offset < FRAME_HEADER_BYTES) return undefined;
    const header = readFrameHeader(bytes, offset);
    if (header === undefined) return this.#recognisePadding(bytes, offset);
    if (this.#paddingBytes > 0) this.#isPadded ??= false;
    const end = offset + FRAME_HEADER_BYTES + header.size;
    if (end > bytes.length) return undefined;
    const text = bytes.toString('latin1', offset + FRAME_HEADER_BYTES, end).replace(/[\n\0]+$/, '');
    this.#sink.frame(header.version, header.type, text, ++this.#index);
    this.#paddingBytes = Math.max(0, PADDED_BYTES - header.size);
    if (this.#isPadded === true) this.#padding = this.#paddingBytes;
    return end;
  }

  /** There is no header behind the first frame: then it must stand behind the padding. */
  #recognisePadding(bytes: Buffer, offset: number): number | undefined {
    const end = offset + this.#paddingBytes;
    if (this.#isPadded === undefined && this.#paddingBytes > 0) {
      if (bytes.length < end + FRAME_HEADER_BYTES) return undefined;
      if (readFrameHeader(bytes, end) !== undefined) {
        this.#isPadded = true;
        return end;
      }
    }
    this.#break(NO_FRAME, bytes.subarray(offset), offset);
    return bytes.length;
  }

  #break(reason: string, bytes: Buffer, offset: number): void {
    this.#isBroken = true;
    this.#pending = Buffer.alloc(0);
    this.#sink.broken(reason, bytes.toString('latin1', 0, Math.min(bytes.length, 4096)), this.#consumed + offset);
  }
}
