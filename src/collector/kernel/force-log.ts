// Builds the small tracer that makes silent sandboxes speak (native/force-log.c), once for each version of its source,
// into a cache that nobody else can write to. What it does is told there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';

const SOURCE = fileURLToPath(new URL('../../../native/force-log.c', import.meta.url));
const COMPILE_MAX_MS = 60_000;
const ARCHES = ['x64', 'arm64'];
const COMPILERS = ['cc', 'gcc', 'clang'];
const GROUP_OR_OTHERS_WRITE = 0o022;

/** The path of the tracer. Throws OperatingError `no-compiler`, `cache-unsafe`, `no-tracer`. */
export function forceLogProgram(env: Readonly<Record<string, string | undefined>>): string {
  if (!ARCHES.includes(process.arch)) {
    throw new OperatingError(
      'no-tracer',
      `--force-log does not know ${process.arch}`,
      'it works on x86_64 and aarch64; Linux 7.3 has tracepoints that show the same denials without it',
    );
  }
  const source = readFileSync(SOURCE);
  const version = createHash('sha256').update(source).update(process.arch).digest('hex').slice(0, 16);
  const directory = safeDirectory(cacheDirectory(env));
  const program = join(directory, `force-log-${version}`);
  if (existsSync(program)) return requireOwn(program);
  compile(program, env);
  return requireOwn(program);
}

/** Root's does not depend on whose environment it has: below sudo, HOME may be another user's. */
function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (process.geteuid?.() === 0) return '/var/cache/trespass';
  const home = env.XDG_CACHE_HOME;
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.cache'), 'trespass');
}

function safeDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return requireOwn(path);
}

/** What others may write to is not run. */
function requireOwn(path: string): string {
  const { uid, mode } = lstatSync(path);
  const isLink = lstatSync(path).isSymbolicLink();
  if (!isLink && uid === process.geteuid?.() && (mode & GROUP_OR_OTHERS_WRITE) === 0) return path;
  throw new OperatingError(
    'cache-unsafe',
    `${path} ${isLink ? 'is a link' : `belongs to user ${uid} with mode ${(mode & 0o7777).toString(8)}`}`,
    'let it belong to the one who runs trespass, and let nobody else write to it; or remove it',
    { exitCode: EXIT.permission },
  );
}

/** Under a name of its own until it is whole: several may build at the same time. */
function compile(program: string, env: Readonly<Record<string, string | undefined>>): void {
  const draft = `${program}.${process.pid}`;
  try {
    for (const compiler of COMPILERS) {
      const argv = ['-O2', '-o', draft, SOURCE];
      const { error, status, stderr } = spawnSync(compiler, argv, { encoding: 'utf8', timeout: COMPILE_MAX_MS, env });
      if (error !== undefined && 'code' in error && error.code === 'ENOENT') continue;
      if (status === 0 && error === undefined) {
        chmodSync(draft, 0o755);
        renameSync(draft, program);
        return;
      }
      const [reason = error?.message ?? `exit code ${status}`] = stderr
        .split('\n')
        .filter((line) => /error/.test(line));
      throw new OperatingError(
        'no-tracer',
        `${compiler} cannot build the tracer (${reason})`,
        'install the headers of the C library and of the kernel (Debian: libc6-dev, linux-libc-dev)',
      );
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new OperatingError(
    'no-compiler',
    '--force-log builds a small tracer at its first use, and there is no C compiler',
    'install one (Debian: apt-get install gcc libc6-dev)',
  );
}
