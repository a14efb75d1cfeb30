// The canary itself, a process of its own: it restricts itself with Landlock and then tries to write to a file that
// it could otherwise write to. Started by canary.ts, which tells it the moment; says on stdout, a line of JSON each,
// that it is ready and how it went. Imports as little as it can, so that it starts fast.
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { enterDomain } from '../kernel/landlock-syscalls.ts';

const path = process.argv[2] ?? '';
process.title = 'trespass-canary';

function say(message: unknown): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

/** Restricts this process and provokes the one denial; gives what it met instead, if it was not EACCES. */
function provoke(): { ok: boolean; call?: string; errno?: string } {
  const entered = enterDomain({ fs: ['write_file'] });
  if (!entered.ok) return entered;
  try {
    closeSync(openSync(path, 'r+'));
    return { ok: false, call: 'open', errno: 'OK' };
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return errno === 'EACCES' ? { ok: true } : { ok: false, call: 'open', errno };
  }
}

say({ ready: true });
// Blocks until the collector gives the word; an end of input means that the collector is gone.
const word = Buffer.alloc(1);
if (readSync(0, word, 0, 1, null) === 1) say(provoke());
