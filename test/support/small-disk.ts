// A disk of a few megabytes that only chosen processes see: a tmpfs in a mount namespace of its own, held by a process
// that sleeps. Can be filled to the last byte and emptied again.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

const CHUNK = Buffer.alloc(64 * 1024, 0x20);

export interface SmallDisk {
  /** Before a command: it sees the disk. */
  readonly wrapper: readonly string[];
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  empty(): void;
  remove(): void;
}

/** Mounts `bytes` over `directory`, for processes started below `wrapper` alone. */
export async function makeSmallDisk(directory: string, bytes: number): Promise<SmallDisk> {
  const script = 'mount -t tmpfs -o size="$2",mode=0777 none "$1" && echo mounted && exec sleep infinity';
  const holder = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', directory, String(bytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstWord(holder);
  const filler = `/proc/${holder.pid}/root${directory}/filler`;
  return {
    wrapper: ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`],
    fill: () => writeUntilFull(filler),
    empty: () => rmSync(filler),
    remove: () => holder.kill('SIGKILL'),
  };
}

/**
 * The same for every process, this one included: where SQLite reads what another process writes, as it follows links, and
 * those of /proc lead nowhere by their text.
 */
export function makeOpenDisk(directory: string, bytes: number): SmallDisk {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0777`, 'none', directory]);
  const filler = join(directory, 'filler');
  return {
    wrapper: [],
    fill: () => writeUntilFull(filler),
    empty: () => rmSync(filler),
    remove: () => execFileSync('umount', ['--lazy', directory]),
  };
}

async function firstWord(holder: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    holder.stdout?.once('data', () => resolve());
    holder.once('close', (code) => reject(new Error(`cannot mount a small disk: exit code ${code}`)));
  });
}

/** Whole chunks first, then less and less: a file system counts in blocks. */
function writeUntilFull(path: string): void {
  const fd = openSync(path, 'a');
  try {
    for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 2)) {
      try {
        for (;;) writeSync(fd, CHUNK, 0, size);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      }
    }
  } finally {
    closeSync(fd);
  }
}

/** `describe` for what needs a disk of its own: one visible skip, or a failure under TRESPASS_REQUIRE_KERNEL=1. */
export function describeSmallDisk(name: string, body: () => void): void {
  const tried = spawnSync('unshare', ['--mount', 'nsenter', '--mount=/proc/self/ns/mnt', 'true'], { encoding: 'utf8' });
  if (tried.status === 0) {
    describe(name, body);
    return;
  }
  const lack = 'needs root, unshare and nsenter, to mount a small disk in a namespace of its own';
  if (process.env.TRESPASS_REQUIRE_KERNEL === '1') {
    describe(name, () => {
      it('can mount a small disk', () => {
        throw new Error(`TRESPASS_REQUIRE_KERNEL=1, but it ${lack}: ${tried.stderr ?? tried.error}`);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${name}: ${lack}\n`);
  describe.skip(name, body);
}
