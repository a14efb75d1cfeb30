// The source `auditd-plugin`: auditd starts the collector and writes every record to its standard input, as lines
// (`format = string`) or frames (`format = binary`). The end of the input means that auditd wants it to end.
import type { Readable } from 'node:stream';
import type { HostFields } from '../../landlock/document.ts';
import { InputReader } from './input-reader.ts';
import { liveSink } from './live-sink.ts';
import type { RecordSink, RecordSource } from './source.ts';
import type { SourceHosts } from './source-hosts.ts';

export interface AuditdPluginOptions {
  /** The process's standard input. */
  readonly stdin: Readable;
  readonly hosts: SourceHosts;
}

export class AuditdPluginSource implements RecordSource {
  readonly name = 'auditd-plugin';
  readonly completesOn = 'eoe';
  readonly serialGaps = true;
  readonly live = true;
  readonly hostFor: (node: string) => HostFields;
  readonly #options: AuditdPluginOptions;
  #reading: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: AuditdPluginOptions) {
    this.#options = options;
    this.hostFor = (node) => options.hosts.hostFor(node);
  }

  async start(sink: RecordSink): Promise<void> {
    this.#reading = this.#read(sink).then(
      () => sink.ended(),
      (error: unknown) => sink.ended(this.#isStopped || !(error instanceof Error) ? undefined : error),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#options.stdin.destroy();
    await this.#reading;
  }

  async #read(sink: RecordSink): Promise<void> {
    const { hosts, stdin } = this.#options;
    const reader = new InputReader({ name: 'auditd', format: undefined, hosts, sink: liveSink(sink) });
    for await (const chunk of stdin) {
      reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
      await sink.room();
    }
    reader.end();
  }
}
