// Runs a command in this process, with streams that are kept: what the tests of decode and import need.
import { Readable, Writable } from 'node:stream';
import type { Command, Io } from '../../src/cli/command.ts';
import { errorLine, toFailure } from '../../src/cli/error-line.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Kept extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A copy: whoever writes may use the block again.
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** Errors become a line and an exit code, as in the program. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  stdin: string | Buffer | Readable = '',
  more: Partial<Io> = {},
): Promise<CommandResult> {
  const stdout = new Kept();
  const stderr = new Kept();
  const io: Io = {
    stdin: stdin instanceof Readable ? stdin : Readable.from(stdin.length === 0 ? [] : [Buffer.from(stdin)]),
    stdout,
    stderr,
    env: {},
    cwd: process.cwd(),
    isStdinTty: false,
    isStdoutTty: false,
    isStderrTty: false,
    signal: new AbortController().signal,
    ...more,
  };
  let exitCode: number;
  try {
    exitCode = await command.run(argv, io);
  } catch (error) {
    const failure = toFailure(error);
    stderr.write(errorLine(failure));
    exitCode = failure.exitCode;
  }
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}
