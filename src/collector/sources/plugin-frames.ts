// Cuts auditd's binary plugin stream (`format = binary`) into records. Framing follows audit-userspace
// lib/libaudit.h, struct audit_dispatcher_header: four host-endian u32 {version, header length, type, size} and
// `size` bytes. Version 0 carries the kernel's payload, version 1 a finished `node=… type=… msg=…` line.

export const FRAME_HEADER_BYTES = 16;
/** MAX_AUDIT_MESSAGE_LENGTH is 8,970; enrichment and node name come on top. More than this is no frame. */
export const FRAME_BYTES_MAX = 64 * 1024;

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

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    if (this.#isBroken) return;
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let offset = 0;
    while (bytes.length - offset >= FRAME_HEADER_BYTES) {
      const header = readFrameHeader(bytes, offset);
      if (header === undefined) {
        this.#break('no frame of the binary plugin protocol', bytes.subarray(offset), offset);
        return;
      }
      const end = offset + FRAME_HEADER_BYTES + header.size;
      if (end > bytes.length) break;
      const text = bytes.toString('latin1', offset + FRAME_HEADER_BYTES, end).replace(/[\n\0]+$/, '');
      this.#sink.frame(header.version, header.type, text, ++this.#index);
      offset = end;
    }
    this.#consumed += offset;
    // A copy: the caller may use its chunk again.
    this.#pending = Buffer.from(bytes.subarray(offset));
  }

  end(): void {
    if (this.#pending.length > 0) this.#break('the stream ends inside a frame', this.#pending, 0);
    this.#pending = Buffer.alloc(0);
  }

  #break(reason: string, bytes: Buffer, offset: number): void {
    this.#isBroken = true;
    this.#pending = Buffer.alloc(0);
    this.#sink.broken(reason, bytes.toString('latin1', 0, Math.min(bytes.length, 4096)), this.#consumed + offset);
  }
}
