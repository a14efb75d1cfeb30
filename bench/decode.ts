// Decode and import of one generated audit.log against the tools that read such files today.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateLog } from './generate-log.ts';
import { type Command, median, type Run, runInTurn, table } from './measure.ts';

const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function laurel(directory: string, file: string): Command {
  const config = join(directory, 'laurel.toml');
  mkdirSync(join(directory, 'laurel'), { recursive: true });
  writeFileSync(
    config,
    `directory = "${join(directory, 'laurel')}"\n[auditlog]\nfile = "audit.log"\nsize = 100000000000\ngenerations = 1\n`,
  );
  return { name: 'laurel', argv: ['laurel', '--config', config], stdin: file };
}

function commands(directory: string, file: string): Command[] {
  const database = join(directory, 'bench.db');
  const all: Command[] = [
    { name: 'trespass decode', argv: [process.execPath, MAIN, 'decode', file] },
    {
      name: 'trespass import',
      argv: [
        'sh',
        '-c',
        'rm -f "$3" "$3-wal" "$3-shm"; exec "$0" "$1" import "$2" --db "$3"',
        process.execPath,
        MAIN,
        file,
        database,
      ],
    },
    // Through a pipe: grep stops at the first match when its output is /dev/null.
    { name: 'grep -c', argv: ['sh', '-c', 'grep -c 1423 "$0" | cat', file] },
  ];
  if (has('ausearch')) {
    all.push({ name: 'ausearch -i -if', argv: ['ausearch', '-i', '-if', file] });
    all.push({ name: 'aureport -if', argv: ['aureport', '-if', file] });
  }
  if (has('laurel')) all.push(laurel(directory, file));
  return all;
}

function row(name: string, runs: readonly Run[], events: number, bytes: number, ours: readonly number[]): string[] {
  const seconds = median(runs.map((run) => run.seconds));
  const failed = runs.find((run) => run.exitCode !== 0);
  return [
    failed === undefined ? name : `${name} (exit ${failed.exitCode})`,
    seconds.toFixed(2),
    `${Math.round(events / seconds / 1000)}k`,
    (bytes / 1e6 / seconds).toFixed(0),
    (Math.max(...runs.map((run) => run.peakBytes)) / 1e6).toFixed(0),
    ...ours.map((own) => `${(seconds / own).toFixed(2)}x`),
  ];
}

/** Answers the table; `events` denial events, `rounds` runs of each command. */
export async function benchDecode(events: number, rounds: number): Promise<string> {
  const directory = join(tmpdir(), 'trespass-bench');
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `audit-${events}.log`);
  if (!existsSync(file)) generateLog(file, events);
  const bytes = statSync(file).size;
  const runs = await runInTurn(commands(directory, file), rounds);
  const decode = median((runs.get('trespass decode') ?? []).map((run) => run.seconds));
  const into = median((runs.get('trespass import') ?? []).map((run) => run.seconds));
  const rows = [...runs].map(([name, list]) => row(name, list, events, bytes, [decode, into]));
  const database = statSync(join(directory, 'bench.db')).size;
  rmSync(join(directory, 'laurel'), { recursive: true, force: true });
  return (
    `${events} denial events, ${(bytes / 1e6).toFixed(0)} MB, one core, median of ${rounds} runs in turn; ` +
    `the database holds ${(database / events).toFixed(0)} bytes a denial.\n\n` +
    table(['command', 'seconds', 'events/s', 'MB/s', 'peak RSS MB', 'its time / decode', 'its time / import'], rows)
  );
}
