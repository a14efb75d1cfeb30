// Opens what a person named (a file, a pipe, standard input) as a stream of bytes, decompressed. Errors that the
// person can mend are OperatingErrors; damage inside compressed data ends the stream and is reported as a value.
import { readSync, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Readable, Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import { type Compression, recogniseCompression } from './input-format.ts';

const CHUNK_BYTES = 64 * 1024;
/** Of a regular file, which never makes wait. */
const REGULAR_CHUNK_BYTES = 256 * 1024;
/** Compressed bytes handed over at once: deflate expands up to 1,032 times, so 4 MiB of text at most. */
const PIECE_BYTES = 4096;

/** One opened input. A chunk is only valid until the next one is asked for. */
export interface OpenInput {
  /** As people call it: the path, or `standard input`. */
  readonly name: string;
  /** Of a regular file, as stored. */
  readonly sizeBytes: number | undefined;
  /** How far the stored bytes have been read. */
  readonly position: () => number;
  readonly chunks: AsyncIterable<Buffer>;
  /** Set when the compressed data turned out damaged; everything before it has been given. */
  readonly damage: () => string | undefined;
  close(): Promise<void>;
}

/** `-` is `stdin`, which need only be given then. Throws OperatingError: `no-such-file`, `no-permission`, `is-directory`, `cannot-decompress`. */
export async function openInput(path: string, stdin: Readable | undefined): Promise<OpenInput> {
  let position = 0;
  let damage: string | undefined;
  const handle = path === '-' ? undefined : await openFile(path);
  const name = path === '-' ? 'standard input' : path;
  const stats = await handle?.stat();
  const count = (bytes: number): void => {
    position += bytes;
  };
  const stored = counted(handle === undefined ? streamChunks(stdin) : chunksOf(handle, stats), count);
  const close = async (): Promise<void> => handle?.close();
  try {
    return {
      name,
      sizeBytes: stats?.isFile() ? stats.size : undefined,
      position: () => position,
      chunks: await plain(stored, path, (reason) => {
        damage = reason;
      }),
      damage: () => damage,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function chunksOf(handle: FileHandle, stats: Stats | undefined): AsyncGenerator<Buffer> {
  return stats?.isFile() === true ? regularChunks(handle) : fileChunks(handle);
}

async function openFile(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw openError(path, error);
  }
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    throw new OperatingError('is-directory', `${path} is a directory`, 'name the files in it');
  }
  return handle;
}

function openError(path: string, cause: unknown): OperatingError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new OperatingError('no-such-file', `there is no file ${path}`, 'check the path', { cause });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const mend = 'run as root, or as a member of the group that may read it';
    return new OperatingError('no-permission', `${path} may not be read`, mend, { cause, exitCode: EXIT.permission });
  }
  return new OperatingError('cannot-open', `${path} cannot be opened (${code})`, 'check the path', { cause });
}

/** So many chunks of a regular file are read before other work of this process gets its turn. */
const CHUNKS_PER_TURN = 4;

/** A regular file is never waited for, so that reading it at once is cheaper than handing each read to a thread. */
async function* regularChunks(handle: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(REGULAR_CHUNK_BYTES);
  for (let chunks = 1; ; chunks++) {
    const bytesRead = readSync(handle.fd, buffer, 0, REGULAR_CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    if (chunks % CHUNKS_PER_TURN === 0) await nextTurn();
  }
}

/** Reads ahead by one chunk, into two buffers in turn. */
async function* fileChunks(handle: FileHandle): AsyncGenerator<Buffer> {
  let current = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let next = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let reading = handle.read(current, 0, CHUNK_BYTES, null);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = handle.read(next, 0, CHUNK_BYTES, null);
      yield current.subarray(0, bytesRead);
      [current, next] = [next, current];
    }
  } finally {
    // Whoever stops early must not leave a read behind that nobody waits for.
    await reading.catch(() => undefined);
  }
}

async function* streamChunks(stream: Readable | undefined): AsyncGenerator<Buffer> {
  if (stream === undefined) return;
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

async function* counted(chunks: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

/** Looks at the first chunk and decompresses where its magic number says so. */
async function plain(
  chunks: AsyncGenerator<Buffer>,
  path: string,
  damaged: (reason: string) => void,
): Promise<AsyncIterable<Buffer>> {
  const first = await chunks.next();
  if (first.done === true) return chunks;
  const whole = withFirst(first.value, chunks);
  const compression = recogniseCompression(first.value);
  if (compression === undefined) return whole;
  if (typeof compression === 'object') throw cannotDecompress(path, compression.unreadable);
  return decompressed(whole, decompressor(compression, path), damaged);
}

async function* withFirst(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function decompressor(compression: Compression, path: string): Transform {
  if (compression === 'gzip') return zlib.createGunzip();
  // Node has zstd from 22.15 on; the types are those of the oldest Node that is supported.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create !== 'function') throw cannotDecompress(path, 'zstd');
  return create();
}

function cannotDecompress(path: string, compression: 'zstd' | 'xz' | 'bzip2'): OperatingError {
  const program = { zstd: 'zstd -dc', xz: 'xz -dc', bzip2: 'bzip2 -dc' }[compression];
  const name = path === '-' ? 'standard input' : path;
  const file = path === '-' ? '' : ` ${path}`;
  return new OperatingError(
    'cannot-decompress',
    `${name} is ${compression}-compressed, which this Node.js (${process.version}) cannot read`,
    `${program}${file} | trespass decode - (or import -)`,
  );
}

/**
 * Everything that can be decompressed before the damage is given: the transform is fed in small pieces and its
 * output taken as it comes, instead of by an iterator that throws away what is buffered when an error arrives.
 */
async function* decompressed(
  chunks: AsyncIterable<Buffer>,
  transform: Transform,
  damaged: (reason: string) => void,
): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  let failure: Error | undefined;
  transform.on('data', (data: Buffer) => ready.push(data));
  transform.on('error', (error) => {
    failure = error;
  });
  const settle = (act: (done: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      transform.once('close', resolve);
      act(() => {
        transform.off('close', resolve);
        // One turn of the loop, so that what is buffered has been handed to the `data` listener.
        setImmediate(resolve);
      });
    });
  try {
    for await (const chunk of chunks) {
      for (let offset = 0; offset < chunk.length && failure === undefined; offset += PIECE_BYTES) {
        // A copy: the transform may hold on to it while the next chunk is read into the same buffer.
        const piece = Buffer.from(chunk.subarray(offset, offset + PIECE_BYTES));
        await settle((done) => transform.write(piece, done));
        yield* ready.splice(0);
      }
      if (failure !== undefined) break;
    }
    if (failure === undefined) {
      await settle((done) => {
        transform.once('end', done);
        transform.end();
      });
    }
    yield* ready.splice(0);
    if (failure !== undefined) damaged(`compressed data is damaged or ends early (${failure.message})`);
  } finally {
    transform.destroy();
  }
}

/** Bytes of all regular files among `paths`, undefined where one is a pipe. Throws like `openInput` for a wrong name. */
export async function totalSize(paths: readonly string[]): Promise<number | undefined> {
  let total: number | undefined = 0;
  for (const path of paths) {
    if (path === '-') {
      total = undefined;
      continue;
    }
    const stats = await stat(path).catch((error: unknown) => {
      throw openError(path, error);
    });
    total = total !== undefined && stats.isFile() ? total + stats.size : undefined;
  }
  return total;
}
