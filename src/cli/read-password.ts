// A password from whoever runs the command: typed at the terminal without being shown, or the first line of standard
// input. Never an argument, which every process of the machine can read.
import { StringDecoder } from 'node:string_decoder';
import { ReadStream } from 'node:tty';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { usageError } from './arguments.ts';
import type { Io } from './command.ts';

const LINE_BYTES_MAX = 4_096;

/** Asks at a terminal, twice so that a mistake shows; otherwise reads a line. Throws OperatingError. */
export async function readNewPassword(io: Io, name: string): Promise<string> {
  if (!io.isStdinTty || !(io.stdin instanceof ReadStream)) {
    return await readLine(io);
  }
  const first = await readHidden(io.stdin, io, `New password of ${name}: `);
  const second = await readHidden(io.stdin, io, 'The same again: ');
  if (first !== second) {
    throw usageError('the two passwords differ', 'try again');
  }
  return first;
}

async function readLine(io: Io): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of io.stdin) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > LINE_BYTES_MAX || chunk.includes('\n')) {
      break;
    }
  }
  return Buffer.concat(chunks).toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}

/** The terminal itself shows nothing while it is in raw mode; so what edits a line is ours to do. */
async function readHidden(stdin: ReadStream, io: Io, prompt: string): Promise<string> {
  // First, so that not even what is typed at once is shown.
  stdin.setRawMode(true);
  io.stderr.write(prompt);
  const decoder = new StringDecoder('utf8');
  let typed: string[] = [];
  try {
    return await new Promise<string>((resolve, reject) => {
      const onData = (chunk: Buffer) => {
        for (const character of decoder.write(chunk)) {
          switch (character) {
            case '\r':
            case '\n':
              stdin.off('data', onData);
              resolve(typed.join(''));
              return;
            case '\u0003':
            case '\u0004':
              stdin.off('data', onData);
              reject(new OperatingError('cancelled', 'nothing was changed', 'run it again', { exitCode: EXIT.failed }));
              return;
            case '\u007f':
            case '\b':
              typed.pop();
              break;
            case '\u0015':
              typed = [];
              break;
            default:
              if (character >= ' ' && typed.length < LINE_BYTES_MAX) typed.push(character);
          }
        }
      };
      stdin.on('data', onData);
      stdin.resume();
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    io.stderr.write('\n');
  }
}
