// The source `journal`: the audit records that journald keeps, through `journalctl --follow` in export format, from
// the present boot's start on. For hosts where the kernel's socket may not be read but the journal may.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { HostFields } from '../../landlock/document.ts';
import { OperatingError } from '../../runtime/operating-error.ts';
import { InputReader } from './input-reader.ts';
import { liveSink } from './live-sink.ts';
import type { RecordSink, RecordSource } from './source.ts';
import type { SourceHosts } from './source-hosts.ts';

/** How much of what journalctl complains about is kept for the error. */
const COMPLAINT_CHARACTERS_MAX = 1000;

export interface JournalSourceOptions {
  readonly hosts: SourceHosts;
  /** A directory of journal files instead of the system's own (`journalctl --directory`). */
  readonly path?: string | undefined;
  /** For tests. */
  readonly program?: string;
}

export class JournalSource implements RecordSource {
  readonly name = 'journal';
  readonly completesOn = 'proctitle';
  readonly serialGaps = true;
  readonly live = true;
  readonly readsAgain = true;
  readonly hostFor: (node: string) => HostFields;
  readonly #options: JournalSourceOptions;
  #child: ChildProcessByStdio<null, Readable, Readable> | undefined;
  #reading: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: JournalSourceOptions) {
    this.#options = options;
    this.hostFor = (node) => options.hosts.hostFor(node);
  }

  /** Rejects with `no-journalctl`. */
  async start(sink: RecordSink): Promise<void> {
    const { path, program = 'journalctl' } = this.#options;
    const place = path === undefined ? ['--boot'] : ['--directory', path];
    const args = ['--follow', '--no-tail', '--quiet', '--output=export', ...place, '_TRANSPORT=audit'];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => {
        const mend = 'install systemd, or use another source';
        reject(new OperatingError('no-journalctl', `${program} cannot be started`, mend, { cause }));
      });
    });
    child.on('error', () => undefined);
    this.#child = child;
    this.#reading = this.#read(child, sink).then(
      (error) => sink.ended(error),
      (error: unknown) => sink.ended(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#child?.kill('SIGTERM');
    await this.#reading;
  }

  async #read(child: ChildProcessByStdio<null, Readable, Readable>, sink: RecordSink): Promise<Error | undefined> {
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(0, COMPLAINT_CHARACTERS_MAX);
    });
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const hosts = this.#options.hosts;
    const reader = new InputReader({ name: 'journal', format: 'journal-export', hosts, sink: liveSink(sink) });
    for await (const chunk of child.stdout) {
      reader.push(chunk);
      await sink.room();
    }
    reader.end();
    const code = await closed;
    if (this.#isStopped) return undefined;
    const reason = complaint.trim().split('\n')[0] ?? '';
    const mend = 'read the journal as root, or as a member of the group systemd-journal';
    return new OperatingError('journal-ended', `journalctl ended (exit ${code}) ${reason}`.trim(), mend);
  }
}
