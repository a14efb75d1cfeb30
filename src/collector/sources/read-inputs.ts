// Reads files and standard input from beginning to end, one after the other, in constant memory: what `decode` and
// `import` have in common. Following a file that grows is for file.ts.
import type { Readable } from 'node:stream';
import { OperatingError } from '../../runtime/operating-error.ts';
import type { DirectLines } from './direct-splitter.ts';
import type { InputFormat } from './input-format.ts';
import { InputReader, type ReaderSink } from './input-reader.ts';

import { type OpenInput, openInput, totalSize } from './open-input.ts';
import type { SourceHosts } from './source-hosts.ts';

/** How far reading has come, over all inputs. */
export interface ReadProgress {
  /** Stored (compressed) bytes. */
  readonly bytes: number;
  /** Undefined where an input is no regular file. */
  readonly totalBytes: number | undefined;
}

export interface ReadInputsOptions {
  /** In order; `-` is `stdin`. Never empty. */
  readonly paths: readonly string[];
  /** Only asked for where it is read: to look at it already makes it another for whoever shares it. */
  readonly stdin: Readable;
  readonly format: InputFormat | undefined;
  readonly hosts: SourceHosts;
  readonly sink: ReaderSink;
  /** See InputReader. */
  readonly direct?: DirectLines | undefined;
  /** Called between chunks; reading goes on when its promise resolves. */
  readonly room: () => Promise<void> | undefined;
  /** A chunk has been read from what may make wait for the next one: a pipe, a terminal. */
  readonly onPause?: (() => void) | undefined;
  /** True ends the reading early, without an error. */
  readonly isStopped: () => boolean;
  /** Before an input is read; `here` is the line (entry, frame) that was read last. */
  readonly onInput?: ((name: string, here: () => number) => void) | undefined;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

/**
 * Resolves when everything has been handed to the sink. All names are looked up before the first is read, so
 * that a wrong name is found before hours of work. Throws OperatingError; what the sink throws comes through.
 */
export async function readInputs(options: ReadInputsOptions): Promise<void> {
  const totalBytes = await totalSize(options.paths);
  let before = 0;
  for (const path of options.paths) {
    const input = await openInput(path, path === '-' ? options.stdin : undefined);
    try {
      await readInput(input, options, (bytes) => options.onProgress?.({ bytes: before + bytes, totalBytes }));
    } finally {
      await input.close();
    }
    before += input.position();
    if (options.isStopped()) return;
  }
}

async function readInput(
  input: OpenInput,
  options: ReadInputsOptions,
  progress: (bytes: number) => void,
): Promise<void> {
  const { name } = input;
  const { format, hosts, sink, direct } = options;
  const reader = new InputReader({ name, format, hosts, sink, direct });
  options.onInput?.(name, () => reader.lineNumber);
  for await (const chunk of readable(input)) {
    reader.push(chunk);
    progress(input.position());
    if (input.sizeBytes === undefined) options.onPause?.();
    const room = options.room();
    if (room !== undefined) await room;
    if (options.isStopped()) return;
  }
  const reason = input.damage();
  if (reason === undefined) reader.end();
  else reader.breakOff(reason, input.position());
}

/** Errors of reading itself become one clear sentence. */
async function* readable(input: OpenInput): AsyncGenerator<Buffer> {
  try {
    yield* input.chunks;
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new OperatingError('cannot-read', `reading ${input.name} failed (${code})`, 'check the disk or the pipe', {
      cause,
    });
  }
}
