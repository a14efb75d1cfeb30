// Starts the denying child: real denials of this kernel by a process of our own.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface DenyingChild {
  readonly pid: number;
  /** Lets it begin; resolves with the number of denials that it met, after it has ended. */
  begin(): Promise<number>;
  kill(): void;
}

/** A child that will be refused `count` files in `folder` (`denied-0`, …), one each `intervalMs`. */
export async function startDenyingChild(folder: string, count: number, intervalMs = 0): Promise<DenyingChild> {
  mkdirSync(folder, { recursive: true });
  const program = fileURLToPath(new URL('./denying-child.ts', import.meta.url));
  const argv = ['--import', 'tsx', program, folder, String(count), String(intervalMs)];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<Record<string, unknown>> => {
    const line = await lines.next();
    if (line.done === true) {
      throw new Error('the denying child ended early');
    }
    return JSON.parse(line.value);
  };
  const { pid } = await nextLine();
  return {
    pid: Number(pid),
    begin: async () => {
      child.stdin.end('\n');
      const { denied } = await nextLine();
      await ended;
      return Number(denied);
    },
    kill: () => child.kill('SIGKILL'),
  };
}
