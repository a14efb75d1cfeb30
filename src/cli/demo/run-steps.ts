// Runs the demo's steps one after the other, each in a process of its own, in a private directory that is gone
// afterwards. What the steps do is in *-steps.ts; what people read is in ../demo.ts.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSupported, requiredAbi } from '../../collector/kernel/landlock-syscalls.ts';
import { siblingModule } from '../../runtime/sibling-module.ts';
import { type DemoLine, parseDemoLine } from './provoked.ts';
import { STEPS, type Step } from './steps.ts';

/** A step takes well under a second; one that hangs is ended. */
const STEP_MAX_MS = 15_000;
/** A step says a few short lines; output beyond this is dropped. */
const OUTPUT_MAX_CHARS = 64 * 1024;

/** A step that did not go as planned; `message` is one line. */
export interface FailedStep {
  readonly kind: 'failed';
  readonly step: string;
  readonly message: string;
}

export interface RunOptions {
  /** The Landlock ABI of the kernel. */
  readonly abi: number;
  readonly signal: AbortSignal;
  /** Called with the private directory before the first step. */
  onStart?(directory: string): void;
  onLine(line: DemoLine | FailedStep): void;
}

/** Runs every step that the kernel supports; ends early, and in order, when `signal` aborts. */
export async function runSteps(options: RunOptions): Promise<void> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'trespass-demo-')));
  try {
    options.onStart?.(directory);
    for (const step of STEPS) {
      if (options.signal.aborted) {
        return;
      }
      if (!isSupported(step.needs, options.abi)) {
        const reason = `needs Landlock ABI ${requiredAbi(step.needs)}, this kernel has ${options.abi}`;
        options.onLine({ kind: 'skipped', step: step.name, reason });
        continue;
      }
      await runStep(step, directory, options);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runStep(step: Step, directory: string, options: RunOptions): Promise<void> {
  const own = join(directory, step.name);
  mkdirSync(own);
  const { code, stdout, stderr } = await runChild(step.name, own, options.signal);
  const lines = stdout.split('\n').flatMap((line) => parseDemoLine(line) ?? []);
  for (const line of lines) {
    options.onLine(line);
  }
  if (code !== 0 || lines.length === 0) {
    const message = stderr.split('\n').find((line) => line.trim() !== '') ?? `ended with ${code ?? 'a signal'}`;
    options.onLine({ kind: 'failed', step: step.name, message });
  }
}

/** Resolves when the child and all that it started have let go of stdout. */
function runChild(
  name: string,
  directory: string,
  signal: AbortSignal,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { url, execArgv } = siblingModule('./child', import.meta.url);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...execArgv, fileURLToPath(url), name, directory], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: STEP_MAX_MS,
      signal,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout = `${stdout}${chunk.toString('utf8')}`.slice(0, OUTPUT_MAX_CHARS);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = `${stderr}${chunk.toString('utf8')}`.slice(0, OUTPUT_MAX_CHARS);
    });
    child.on('error', (error) => {
      stderr ||= error.message;
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
