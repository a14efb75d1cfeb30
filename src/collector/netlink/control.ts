// The control plane: asks the kernel for its audit status and changes it, through the `netlink` package. Nothing of
// that package is visible outside this file. It never carries records: the package ends the whole process when its
// socket overruns or when a listener throws, so every listener here is closed against exceptions.
import { RawNetlinkSocket } from 'netlink';
import {
  AUDIT_GET,
  AUDIT_SET,
  type AuditChange,
  type AuditStatus,
  type ControlAnswer,
  decodeAnswer,
  decodeAuditStatus,
  encodeAuditChange,
  encodeRequest,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
} from './audit-status.ts';
import { EPERM, NETLINK_AUDIT } from './libc.ts';
import { refusal, socketRefusal } from './refusals.ts';

const ANSWER_MAX_MS = 5_000;
/** Requests waiting for their answer; more is a mistake of ours. */
const PENDING_MAX = 64;

interface Pending {
  readonly wanted: number;
  settle(answer: ControlAnswer): void;
  fail(error: Error): void;
}

/** An open control connection. Every method rejects with an OperatingError where the kernel refuses. */
export class AuditControl {
  readonly #socket: RawNetlinkSocket;
  readonly #pending = new Map<number, Pending>();
  #seq = 0;
  #isClosed = false;

  private constructor(socket: RawNetlinkSocket) {
    this.#socket = socket;
    // Only a request that waits may keep the process alive.
    socket.unref();
    socket.on('message', (message) => this.#receive(message));
    socket.on('error', (error) => this.#failAll(error));
    socket.on('truncatedMessage', () => {});
  }

  /** Throws an OperatingError where the kernel has no audit. */
  static open(): AuditControl {
    try {
      return new AuditControl(new RawNetlinkSocket(NETLINK_AUDIT));
    } catch (error) {
      throw socketRefusal(error instanceof Error && 'errno' in error ? Number(error.errno) : EPERM, error);
    }
  }

  /** AUDIT_GET. */
  async status(): Promise<AuditStatus> {
    // Without NLM_F_ACK: the acknowledgement would overtake the status, which a kernel thread sends.
    const answer = await this.#request(AUDIT_GET, new Uint8Array(0), NLM_F_REQUEST, AUDIT_GET);
    const status = decodeAuditStatus(answer.payload);
    if (status === undefined) throw refusal('read the audit status', 0);
    return status;
  }

  /** AUDIT_SET; resolves when the kernel has acknowledged. Read the status back: it ignores politely. */
  async set(change: AuditChange): Promise<void> {
    await this.#request(AUDIT_SET, encodeAuditChange(change), NLM_F_REQUEST | NLM_F_ACK, NLMSG_ERROR);
  }

  /** May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#failAll(new Error('the audit control socket was closed'));
    this.#socket.close();
  }

  async #request(type: number, payload: Uint8Array, flags: number, wanted: number): Promise<ControlAnswer> {
    if (this.#isClosed) throw new Error('the audit control socket is closed');
    if (this.#pending.size >= PENDING_MAX) throw new Error('too many audit requests without an answer');
    this.#seq = (this.#seq % 0x7fffffff) + 1;
    const seq = this.#seq;
    if (this.#pending.size === 0) this.#socket.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<ControlAnswer>((resolve, reject) => {
        timer = setTimeout(() => reject(refusal('wait for the kernel', 0)), ANSWER_MAX_MS);
        this.#pending.set(seq, { wanted, settle: resolve, fail: reject });
        this.#socket.send(encodeRequest(type, payload, seq, flags), {}, (error) => {
          if (error) reject(refusal(requestName(type), Math.abs(error.errno), error));
        });
      });
    } finally {
      clearTimeout(timer);
      this.#pending.delete(seq);
      if (this.#pending.size === 0 && !this.#isClosed) this.#socket.unref();
    }
  }

  #receive(message: Uint8Array): void {
    try {
      const answer = decodeAnswer(message);
      const pending = answer && this.#pending.get(answer.seq);
      if (answer === undefined || pending === undefined) return;
      if (answer.errno !== 0) pending.fail(refusal(requestName(pending.wanted), answer.errno));
      else if (answer.type === pending.wanted) pending.settle(answer);
    } catch (error) {
      this.#failAll(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #failAll(error: Error): void {
    for (const pending of this.#pending.values()) pending.fail(error);
  }
}

function requestName(type: number): string {
  return type === AUDIT_GET ? 'read the audit status' : 'change the audit status';
}
