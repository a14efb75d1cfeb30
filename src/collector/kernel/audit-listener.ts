// Listens to the kernel beside whatever else does, without a spool: for those who look at a moment, and not for ever.
import { Decoder } from '../../landlock/decoder.ts';
import type { Document, HostFields, SandboxCall } from '../../landlock/document.ts';
import { openMulticast } from '../netlink/audit-socket.ts';
import type { AuditControl } from '../netlink/control.ts';
import { NetlinkSource } from '../netlink/netlink-source.ts';

const SWEEP_MS = 100;

export interface ListenerOptions {
  readonly control: AuditControl;
  readonly receiveBufferBytes: number;
  /** See BufferLimit. */
  readonly noteDirectory?: string;
  readonly host: HostFields;
  /** The key of audit rules on Landlock's calls that are ours. */
  readonly sandboxKey?: string;
  onDocument(doc: Document): void;
  onCall?(doc: SandboxCall): void;
  /** Every record as it comes; the decoder may hold it back until its event is whole. */
  onRecord?(type: number, payload: string): void;
}

export class AuditListener {
  readonly #source: NetlinkSource;
  readonly #decoder: Decoder;
  readonly #options: ListenerOptions;
  #sweeper: NodeJS.Timeout | undefined;
  #overruns = 0;

  /** Throws an OperatingError where the kernel refuses. */
  constructor(options: ListenerOptions) {
    const { control, receiveBufferBytes, noteDirectory, host, sandboxKey } = options;
    this.#options = options;
    const socket = openMulticast(receiveBufferBytes, noteDirectory);
    this.#source = new NetlinkSource({ mode: 'multicast', socket, control, onNotice: () => {} });
    this.#decoder = new Decoder({
      hostFor: () => host,
      completesOn: 'eoe',
      raw: false,
      onDocument: (doc) => options.onDocument(doc),
      ...(sandboxKey !== undefined && {
        sandbox: { key: sandboxKey, onCall: (doc) => options.onCall?.(doc) },
      }),
    });
  }

  /** Times at which records were missed because this process was behind. */
  get overruns(): number {
    return this.#overruns;
  }

  async start(): Promise<void> {
    await this.#source.start({
      record: (type, payload, node) => {
        this.#options.onRecord?.(type, payload);
        this.#decoder.pushRecord(type, payload, node);
      },
      notice: () => {},
      malformed: (input) => this.#decoder.pushMalformed(input),
      lost: ({ count }) => {
        this.#overruns += count;
      },
      room: () => undefined,
      ended: () => {},
    });
    this.#sweeper = setInterval(() => this.#decoder.sweep(), SWEEP_MS);
  }

  /** What was received is decoded to the end. May be called twice. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    await this.#source.stop();
    this.#decoder.end();
  }
}
