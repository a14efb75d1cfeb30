// The source `file`: an audit.log that auditd goes on writing. Reads the rotations that lie beside it and the file
// itself, then follows across rotation (rename, also several at once) and truncation. Polls, because a watch tells
// nothing on network file systems and loses events under load; an idle round is one stat and two small reads.
import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { malformed } from '../../audit/malformed.ts';
import type { HostFields } from '../../landlock/document.ts';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import { InputReader } from './input-reader.ts';
import { liveSink } from './live-sink.ts';
import { type OpenInput, openInput } from './open-input.ts';
import { rotatedSet } from './rotated-files.ts';
import type { RecordSink, RecordSource } from './source.ts';
import type { SourceHosts } from './source-hosts.ts';

const POLL_MS = 250;
const CHUNK_BYTES = 64 * 1024;
/** The beginning by which a file is known: its first record's time and serial stand there, behind `node=`. */
const HEAD_BYTES = 384;

export interface FileSourceOptions {
  readonly path: string;
  readonly hosts: SourceHosts;
  readonly pollMs?: number;
}

export class FileSource implements RecordSource {
  readonly name = 'file';
  readonly completesOn = 'proctitle';
  readonly serialGaps = true;
  readonly live = true;
  readonly readsAgain = true;
  readonly hostFor: (node: string) => HostFields;
  readonly #options: FileSourceOptions;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  readonly #headNow = Buffer.allocUnsafeSlow(HEAD_BYTES);
  readonly #stopping = new AbortController();
  #following: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #inode = 0;
  #position = 0;
  /** The first bytes of what is being read. */
  #head = Buffer.alloc(0);
  #reader: InputReader | undefined;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    this.hostFor = (node) => options.hosts.hostFor(node);
  }

  /** Rejects with `no-such-file` or `no-permission`. */
  async start(sink: RecordSink): Promise<void> {
    const { path } = this.#options;
    const set = await rotatedSet(path);
    await this.#openCurrent(sink);
    if (this.#handle === undefined) {
      throw new OperatingError('no-such-file', `there is no file ${path}`, 'start auditd, or name its log');
    }
    const older = set.filter((file) => file !== path);
    this.#following = this.#run(older, sink).then(
      () => sink.ended(),
      (error: unknown) => sink.ended(error instanceof Error ? error : new Error(String(error))),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #run(older: readonly string[], sink: RecordSink): Promise<void> {
    for (const path of older) await this.#readWhole(path, sink);
    while (!this.#stopping.signal.aborted) {
      await this.#readToEnd(sink);
      if (!(await this.#followRename(sink))) await this.#pause();
    }
    this.#reader?.end();
  }

  #pause(): Promise<unknown> {
    const options = { signal: this.#stopping.signal };
    return sleep(this.#options.pollMs ?? POLL_MS, undefined, options).catch(() => undefined);
  }

  /** A rotated file, perhaps compressed, that nobody writes any more. Gone in the meantime: nothing to read. */
  async #readWhole(path: string, sink: RecordSink): Promise<void> {
    let input: OpenInput;
    try {
      input = await openInput(path, Readable.from([]));
    } catch (error) {
      const isGone = error instanceof OperatingError && error.code === 'no-such-file';
      if (!isGone)
        sink.malformed(malformed(error instanceof Error ? error.message : String(error), '', { file: path }));
      return;
    }
    try {
      const reader = this.#newReader(path, sink);
      for await (const chunk of input.chunks) {
        reader.push(chunk);
        await sink.room();
        if (this.#stopping.signal.aborted) return;
      }
      const damage = input.damage();
      if (damage === undefined) reader.end();
      else reader.breakOff(damage, input.position());
    } finally {
      await input.close();
    }
  }

  async #openCurrent(sink: RecordSink): Promise<void> {
    const { path } = this.#options;
    try {
      this.#handle = await open(path, 'r');
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : '';
      if (code === 'ENOENT') return;
      const mend = 'run the collector as root, or let its group read the log';
      throw new OperatingError('no-permission', `${path} may not be read (${code})`, mend, {
        cause,
        exitCode: EXIT.permission,
      });
    }
    this.#inode = (await this.#handle.stat()).ino;
    this.#beginAnew(sink);
  }

  #beginAnew(sink: RecordSink): void {
    this.#reader?.end();
    this.#position = 0;
    this.#head = Buffer.alloc(0);
    this.#reader = this.#newReader(this.#options.path, sink);
  }

  #newReader(name: string, sink: RecordSink): InputReader {
    return new InputReader({ name, format: undefined, hosts: this.#options.hosts, sink: liveSink(sink) });
  }

  async #readToEnd(sink: RecordSink): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    while (!this.#stopping.signal.aborted) {
      const { bytesRead } = await handle.read(this.#buffer, 0, CHUNK_BYTES, this.#position);
      // Truncated in place and written anew as far as before, or further: the size does not tell. Looked at after the
      // read, because what was read before the beginning changed is of the old text.
      if (!(await this.#hasSameHead(handle))) {
        this.#beginAnew(sink);
        continue;
      }
      if (bytesRead === 0) return;
      if (this.#position === this.#head.length && this.#position < HEAD_BYTES) {
        const more = this.#buffer.subarray(0, Math.min(bytesRead, HEAD_BYTES - this.#position));
        this.#head = Buffer.concat([this.#head, more]);
      }
      this.#position += bytesRead;
      this.#reader?.push(this.#buffer.subarray(0, bytesRead));
      await sink.room();
    }
  }

  async #hasSameHead(handle: FileHandle): Promise<boolean> {
    const { length } = this.#head;
    const { bytesRead } = await handle.read(this.#headNow, 0, length, 0);
    // A file that became shorter is for #followRename.
    return bytesRead < length || this.#head.equals(this.#headNow.subarray(0, length));
  }

  /** True when there is a new file to read at once. */
  async #followRename(sink: RecordSink): Promise<boolean> {
    const { path } = this.#options;
    const stats: Stats | undefined = await stat(path).catch(() => undefined);
    if (stats === undefined) return false;
    if (this.#handle !== undefined && stats.ino === this.#inode) {
      if (stats.size >= this.#position) return false;
      // Truncated in place: what is there now is new.
      this.#beginAnew(sink);
      return true;
    }
    // What came between the last read and the rename is still in the old file.
    await this.#readToEnd(sink);
    this.#reader?.end();
    this.#reader = undefined;
    await this.#handle?.close();
    this.#handle = undefined;
    for (const newer of await this.#newerThan(this.#inode)) await this.#readWhole(newer, sink);
    await this.#openCurrent(sink);
    return this.#handle !== undefined;
  }

  /** Files that were rotated away between two rounds: those younger than the one that was being read. */
  async #newerThan(inode: number): Promise<string[]> {
    const older = (await rotatedSet(this.#options.path)).filter((file) => file !== this.#options.path);
    const inodes = await Promise.all(older.map(async (file) => (await stat(file).catch(() => undefined))?.ino));
    const index = inodes.indexOf(inode);
    return index < 0 ? [] : older.slice(index + 1);
  }
}
