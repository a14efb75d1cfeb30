// struct audit_status and the numbers of the audit control protocol, as bytes (include/uapi/linux/audit.h).
// Who asks, and over which socket, is decided elsewhere.

export const AUDIT_GET = 1000;
export const AUDIT_SET = 1001;
/** Kernel → daemon: another process asks for the audit socket. The payload is its pid. */
export const AUDIT_REPLACE = 1329;
/** Below this: answers to requests of ours. Records begin here. */
export const FIRST_RECORD_TYPE = 1100;
export const NLMSG_ERROR = 2;
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const HEADER_BYTES = 16;
const STATUS_BYTES = 44;

/** What AUDIT_GET tells. All u32. */
export interface AuditStatus {
  /** 0 off, 1 on, 2 locked until the next boot. */
  readonly enabled: number;
  readonly failure: number;
  /** Of the registered audit daemon; 0 without one. */
  readonly daemonPid: number;
  readonly rateLimit: number;
  /** Records; 0 is unlimited. */
  readonly backlogLimit: number;
  /** Records that the kernel dropped since boot (or since somebody reset it); wraps. */
  readonly lost: number;
  readonly backlog: number;
}

/** What AUDIT_SET can change. */
export interface AuditChange {
  readonly enabled?: number;
  /** Our own pid to become the audit daemon, 0 to end that. */
  readonly daemonPid?: number;
  readonly backlogLimit?: number;
}

/** undefined: too short to be a status. */
export function decodeAuditStatus(payload: Uint8Array): AuditStatus | undefined {
  if (payload.byteLength < 32) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const field = (offset: number) => view.getUint32(offset, true);
  return {
    enabled: field(4),
    failure: field(8),
    daemonPid: field(12),
    rateLimit: field(16),
    backlogLimit: field(20),
    lost: field(24),
    backlog: field(28),
  };
}

/** The payload of AUDIT_SET. */
export function encodeAuditChange(change: AuditChange): Uint8Array {
  const view = new DataView(new ArrayBuffer(STATUS_BYTES));
  let mask = 0;
  const put = (value: number | undefined, offset: number, bit: number) => {
    if (value === undefined) return;
    view.setUint32(offset, value, true);
    mask |= bit;
  };
  put(change.enabled, 4, 0x0001);
  put(change.daemonPid, 12, 0x0004);
  put(change.backlogLimit, 20, 0x0010);
  view.setUint32(0, mask, true);
  return new Uint8Array(view.buffer);
}

/** A request with its header; port 0 lets the kernel see the socket's own. */
export function encodeRequest(type: number, payload: Uint8Array, seq: number, flags: number): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + payload.byteLength);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.byteLength, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  message.set(payload, HEADER_BYTES);
  return message;
}

/** An answer of the control protocol. `errno`: of NLMSG_ERROR, positive, 0 for a plain acknowledgement. */
export interface ControlAnswer {
  readonly type: number;
  readonly seq: number;
  readonly errno: number;
  readonly payload: Uint8Array;
}

/** undefined: no whole netlink message. For answers only: records have a wrong length in their header. */
export function decodeAnswer(message: Uint8Array): ControlAnswer | undefined {
  if (message.byteLength < HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const type = view.getUint16(4, true);
  const payload = message.subarray(HEADER_BYTES);
  const isError = type === NLMSG_ERROR && payload.byteLength >= 4;
  return { type, seq: view.getUint32(8, true), errno: isError ? 0 - view.getInt32(HEADER_BYTES, true) : 0, payload };
}
