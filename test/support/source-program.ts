// Runs the program from its sources, below a wrapper (`unshare`, `setpriv`) that takes something away from it first.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const mainPath = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const KILL_AFTER_MS = 30_000;

export interface Outcome {
  /** Or the signal that ended it. */
  readonly exitCode: number | string;
  readonly out: string;
  readonly err: string;
}

/** `WRAPPER… trespass ARGV…`, to its end; it is killed when that does not come. */
export async function runWrapped(wrapper: readonly string[], argv: readonly string[]): Promise<Outcome> {
  const [command = process.execPath, ...rest] = [
    ...wrapper,
    process.execPath,
    ...['--import', import.meta.resolve('tsx'), mainPath, ...argv],
  ];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    timeout: KILL_AFTER_MS,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code ?? 'unknown'));
  });
  const [exitCode, out, err] = await Promise.all([ended, child.stdout.toArray(), child.stderr.toArray()]);
  return { exitCode, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}
