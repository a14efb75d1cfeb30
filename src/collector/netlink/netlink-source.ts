// The sources `netlink` and `netlink-unicast`: records as the kernel sends them. Multicast lives beside every audit
// daemon. Unicast is the audit daemon: the kernel then retries what we cannot take, and slows the machine down
// meanwhile; when another daemon asks for its place it gets it, and we go on in multicast.
import type { RecordSink, RecordSource, SourceLoss } from '../sources/source.ts';
import { type AuditSocket, joinReadlog, leaveReadlog, registerDaemon } from './audit-socket.ts';
import { AUDIT_REPLACE } from './audit-status.ts';
import type { AuditControl } from './control.ts';
import { closeDescriptor } from './libc.ts';
import { forEachRecord } from './record-batch.ts';
import { BatchedReader, type Missed, type RecordStream } from './record-stream.ts';

/** After an overrun the kernel keeps records back until something new is logged. */
const KICK_AFTER_MS = 200;

/** What was received when the end came is decoded for so long; a supervisor does not wait for ever. */
const DRAIN_MAX_MS = 1_000;

export interface NetlinkSourceOptions {
  readonly mode: 'multicast' | 'unicast';
  /** From `openMulticast` or `openUnicast`; closed by `stop`. */
  readonly socket: AuditSocket;
  readonly control: AuditControl;
  /** What people should know: one sentence. */
  readonly onNotice: (text: string) => void;
  /** For tests: another reader of the socket. */
  readonly stream?: RecordStream;
}

export class NetlinkSource implements RecordSource {
  readonly name: string;
  readonly completesOn = 'eoe';
  readonly serialGaps = true;
  readonly live = true;
  readonly #options: NetlinkSourceOptions;
  readonly #stream: RecordStream;
  #isDaemon = false;
  #isMember: boolean;
  #kick: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: NetlinkSourceOptions) {
    this.#options = options;
    const isUnicast = options.mode === 'unicast';
    this.#isMember = !isUnicast;
    this.name = isUnicast ? 'netlink-unicast' : 'netlink';
    this.#stream = options.stream ?? new BatchedReader(options.socket.fd, isUnicast ? 'drop' : 'wait');
  }

  /** Rejects with `audit-daemon-present` where another daemon holds the place. */
  async start(sink: RecordSink): Promise<void> {
    const { mode, socket } = this.#options;
    if (mode === 'unicast') {
      const early = registerDaemon(socket.fd);
      this.#isDaemon = true;
      for (const { type, payload } of early) sink.record(type, Buffer.from(payload).toString('latin1'));
    }
    await this.#stream.start({
      batch: (bytes) => {
        forEachRecord(bytes, (type, payload) => {
          if (type === AUDIT_REPLACE) this.#handOver(payload);
          else sink.record(type, payload);
        });
      },
      overrun: (missed) => {
        sink.lost(toLoss('socket-overrun', missed));
        this.#kickLater();
      },
      overflow: (missed) => sink.lost(toLoss('queue-overflow', missed)),
      ended: (error) => sink.ended(error),
    });
  }

  /** Whether it has told the kernel that it does not listen any more. */
  hasLeft = false;

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#kick);
    if (this.#isDaemon) await this.#unregister();
    await this.#stream.stop(DRAIN_MAX_MS);
    // Said, and not left to the end of the socket, which comes with the last reference to it: so it is known to be logged.
    this.hasLeft = this.#isMember && leaveReadlog(this.#options.socket.fd);
    closeDescriptor(this.#options.socket.fd);
  }

  async #unregister(): Promise<void> {
    this.#isDaemon = false;
    // Somebody else's by now: then there is nothing to give back.
    await this.#options.control.set({ daemonPid: 0 }).catch(() => {});
  }

  /** Our own unregistration asks as well: then there is nothing left to do. */
  #handOver(payload: string): void {
    const asker = Buffer.from(payload, 'latin1');
    const pid = asker.length >= 4 ? asker.readUInt32LE(0) : 0;
    if (!this.#isDaemon || pid === process.pid) return;
    this.#options.onNotice(`process ${pid} asks to be the audit daemon: handing over, and going on in multicast`);
    this.#isMember = joinReadlog(this.#options.socket.fd);
    if (!this.#isMember) this.#options.onNotice('cannot join the audit log group: no more records will arrive');
    void this.#unregister();
  }

  #kickLater(): void {
    if (!this.#isDaemon || this.#kick !== undefined) return;
    this.#kick = setTimeout(() => {
      this.#kick = undefined;
      void this.#kickRetryQueue();
    }, KICK_AFTER_MS);
  }

  /** Any change is logged, also one to the same value, and the record takes those that wait along. */
  async #kickRetryQueue(): Promise<void> {
    const { control } = this.#options;
    try {
      await control.set({ backlogLimit: (await control.status()).backlogLimit });
    } catch {
      // The next record of the kernel does the same.
    }
  }
}

function toLoss(cause: SourceLoss['cause'], missed: Missed): SourceLoss {
  return { cause, count: missed.count, sinceMs: missed.sinceMs, untilMs: missed.untilMs };
}
