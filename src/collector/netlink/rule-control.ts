// The control plane's other half: lists, adds and deletes audit rules, through the `netlink` package. Short-lived: it is
// opened for one piece of work and closed. Like control.ts it carries no records, and its listeners let nothing escape.
import { RawNetlinkSocket } from 'netlink';
import {
  AUDIT_ADD_RULE,
  AUDIT_DEL_RULE,
  AUDIT_LIST_RULES,
  decodeRule,
  encodeRule,
  type ListedRule,
  type SyscallRule,
} from './audit-rule.ts';
import {
  type ControlAnswer,
  decodeAnswer,
  encodeRequest,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
} from './audit-status.ts';
import { EEXIST, EPERM, NETLINK_AUDIT } from './libc.ts';
import { refusal, socketRefusal } from './refusals.ts';

const NLMSG_DONE = 3;
const ENOENT = 2;
const ANSWER_MAX_MS = 5_000;
/** The kernel itself has no bound; beyond this, rules are not ours to look through. */
const RULES_MAX = 10_000;

interface Pending {
  readonly seq: number;
  /** Whether this was the last answer. */
  take(answer: ControlAnswer): boolean;
  done(): void;
  fail(error: Error): void;
}

/** One request at a time. Every method rejects with an OperatingError where the kernel refuses. */
export class RuleControl {
  readonly #socket: RawNetlinkSocket;
  #pending: Pending | undefined;
  #seq = 0;
  #isClosed = false;

  private constructor(socket: RawNetlinkSocket) {
    this.#socket = socket;
    socket.on('message', (message) => this.#receive(message));
    socket.on('error', (error) => this.#pending?.fail(error));
    socket.on('truncatedMessage', () => {});
  }

  /** Throws an OperatingError where the kernel has no audit. */
  static open(): RuleControl {
    try {
      return new RuleControl(new RawNetlinkSocket(NETLINK_AUDIT));
    } catch (error) {
      throw socketRefusal(error instanceof Error && 'errno' in error ? Number(error.errno) : EPERM, error);
    }
  }

  /** All rules of the machine, in the kernel's order. */
  async list(): Promise<ListedRule[]> {
    const rules: ListedRule[] = [];
    await this.#request('list the audit rules', AUDIT_LIST_RULES, new Uint8Array(0), NLM_F_REQUEST, (answer) => {
      if (answer.type === NLMSG_DONE) return true;
      const rule = answer.type === AUDIT_LIST_RULES ? decodeRule(answer.payload) : undefined;
      if (rule !== undefined && rules.length < RULES_MAX) rules.push(rule);
      return false;
    });
    return rules;
  }

  /** false: there is one like it already. */
  add(rule: SyscallRule): Promise<boolean> {
    return this.#change('add an audit rule', AUDIT_ADD_RULE, encodeRule(rule), EEXIST);
  }

  /** false: it was gone already. */
  delete(rule: ListedRule): Promise<boolean> {
    return this.#change('delete an audit rule', AUDIT_DEL_RULE, rule.bytes, ENOENT);
  }

  /** May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending?.fail(new Error('the audit rule socket was closed'));
    this.#socket.close();
  }

  async #change(what: string, type: number, payload: Uint8Array, harmless: number): Promise<boolean> {
    let errno = 0;
    await this.#request(what, type, payload, NLM_F_REQUEST | NLM_F_ACK, (answer) => {
      if (answer.type !== NLMSG_ERROR) return false;
      errno = answer.errno;
      return true;
    });
    if (errno !== 0 && errno !== harmless) throw refusal(what, errno);
    return errno === 0;
  }

  async #request(
    what: string,
    type: number,
    payload: Uint8Array,
    flags: number,
    take: (answer: ControlAnswer) => boolean,
  ): Promise<void> {
    if (this.#isClosed || this.#pending !== undefined) throw new Error('the audit rule socket is not free');
    const seq = ++this.#seq;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(refusal(what, 0)), ANSWER_MAX_MS);
        this.#pending = { seq, take, done: resolve, fail: reject };
        this.#socket.send(encodeRequest(type, payload, seq, flags), {}, (error) => {
          if (error) reject(refusal(what, Math.abs(error.errno), error));
        });
      });
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  #receive(message: Uint8Array): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    try {
      const answer = decodeAnswer(message);
      if (answer === undefined || answer.seq !== pending.seq) return;
      const isRefused = answer.type === NLMSG_ERROR && answer.errno !== 0;
      if (pending.take(answer)) pending.done();
      else if (isRefused) pending.fail(refusal('use the audit rules', answer.errno));
    } catch (error) {
      pending.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
