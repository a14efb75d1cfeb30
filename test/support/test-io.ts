// An `Io` for commands under test: input from a text, output kept as text, a signal that the test aborts.
import { Readable, Writable } from 'node:stream';
import type { Io } from '../../src/cli/command.ts';

export interface TestIo extends Io {
  /** What was written so far. */
  readonly out: () => string;
  readonly err: () => string;
  /** Like a SIGINT. */
  abort(): void;
  /** Resolves once what was written to stdout matches. */
  waitFor(pattern: RegExp): Promise<void>;
}

export interface TestIoOptions {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether all three are a terminal. */
  readonly isTty?: boolean;
  readonly columns?: number;
}

/** Streams that collect. */
export function testIo(options: TestIoOptions = {}): TestIo {
  const controller = new AbortController();
  const watchers = new Set<() => void>();
  const out = collector(() => {
    for (const check of watchers) {
      check();
    }
  });
  const err = collector(() => {});
  const isTty = options.isTty ?? false;
  return {
    stdin: Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]),
    stdout: out.stream,
    stderr: err.stream,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    isStdinTty: isTty,
    isStdoutTty: isTty,
    isStderrTty: isTty,
    ...(options.columns !== undefined && { columns: options.columns }),
    signal: controller.signal,
    out: out.text,
    err: err.text,
    abort: () => controller.abort('SIGINT'),
    waitFor: async (pattern) => {
      await new Promise<void>((resolve) => {
        const check = () => {
          if (pattern.test(out.text())) {
            watchers.delete(check);
            resolve();
          }
        };
        watchers.add(check);
        check();
      });
    },
  };
}

function collector(onWrite: () => void) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      onWrite();
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
