// Times whole commands, each on one core, and prints tables. Ratios are between medians of runs taken in turn, so
// that whatever else the machine does hits all sides alike.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  /** A file for standard input. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly exitCode: number | null;
  /** The last lines of standard error. */
  readonly stderr: string;
}

const CLOCK_TICKS_PER_SECOND = 100;
const POLL_MS = 20;

function peakBytesOf(pid: number): number {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0;
  }
}

/** User and system time of a process so far, in seconds (proc_pid_stat(5), fields 14 and 15). */
export function cpuSecondsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Runs one command to its end, pinned to `cpu`, its standard output thrown away. */
export async function runOnce(command: Command, cpu = 1): Promise<Run> {
  const input = command.stdin === undefined ? undefined : openSync(command.stdin, 'r');
  const started = performance.now();
  const child = spawn('taskset', ['-c', String(cpu), ...command.argv], {
    stdio: [input ?? 'ignore', openSync('/dev/null', 'w'), 'pipe'],
    env: { ...process.env, ...command.env },
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-2_000);
  });
  const pid = child.pid ?? 0;
  let peakBytes = 0;
  let cpuSeconds = 0;
  const poll = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakBytesOf(pid));
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(pid));
  }, POLL_MS);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(poll);
  if (input !== undefined) closeSync(input);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds, peakBytes, exitCode, stderr };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs all commands in turn, `rounds` times; answers each command's runs by name. */
export async function runInTurn(commands: readonly Command[], rounds: number): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>(commands.map((command) => [command.name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const command of commands) runs.get(command.name)?.push(await runOnce(command));
  }
  return runs;
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
