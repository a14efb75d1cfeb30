// A tracing instance of our own (Documentation/trace/ftrace.rst, "Instances"): its buffer, clock and enabled events are
// nobody else's. It outlives the process that made it, so whoever starts next takes an old one away first.
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const NAME = 'trespass';
/** Per CPU: some 5,000 events. */
const BUFFER_KIB = 512;
const READ_BYTES = 64 * 1024;
/** Made for each matching rule of each access: too many for anybody, and of no use here. */
const TOO_MANY = /^landlock_check_/;
const DENIAL = /^landlock_deny_/;

/** mkdir and rmdir: on tracefs they make and remove all the files of an instance. Replaced in tests. */
export interface InstanceFolders {
  make(path: string): void;
  remove(path: string): void;
}

const KERNEL_FOLDERS: InstanceFolders = { make: (path) => mkdirSync(path), remove: (path) => rmdirSync(path) };

/** Landlock's events that this kernel has and that are wanted; throws what the file system refuses. */
export function wantedEvents(root: string): string[] {
  return readdirSync(join(root, 'events/landlock'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !TOO_MANY.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

/** Takes away an instance of ours that is there. Throws EBUSY where somebody reads it. */
export function removeInstance(root: string, folders: InstanceFolders = KERNEL_FOLDERS): boolean {
  const path = join(root, 'instances', NAME);
  try {
    readdirSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  try {
    disable(path);
  } catch {
    // One that is only half made has nothing to be switched off.
  }
  folders.remove(path);
  return true;
}

/** An open instance with Landlock's events enabled. */
export class TraceInstance {
  readonly events: readonly string[];
  readonly #root: string;
  readonly #path: string;
  readonly #folders: InstanceFolders;
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #isClosed = false;

  /** Throws what the file system refuses; then nothing of it is left. */
  constructor(root: string, folders: InstanceFolders = KERNEL_FOLDERS) {
    this.#root = root;
    this.#path = join(root, 'instances', NAME);
    this.#folders = folders;
    const events = wantedEvents(root);
    removeInstance(root, folders);
    folders.make(this.#path);
    try {
      this.#set('trace_clock', 'mono');
      if (!this.#get('trace_clock').includes('[mono]')) throw new Error('the kernel did not take the clock mono');
      this.#set('buffer_size_kb', String(BUFFER_KIB));
      this.#try('options/record-tgid', '1');
      // Without O_NONBLOCK a read would wait for ever, and nothing could end it.
      this.#fd = openSync(join(this.#path, 'trace_pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      this.#try('events/landlock/enable', '0');
      folders.remove(this.#path);
      throw error;
    }
    this.events = events.filter((event) => this.#enable(event));
  }

  /** What is there, at most 64 KiB (latin1); undefined: nothing now. Throws what the kernel refuses. */
  read(): string | undefined {
    try {
      const length = readSync(this.#fd, this.#buffer, 0, READ_BYTES, null);
      return length === 0 ? undefined : this.#buffer.toString('latin1', 0, length);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN' || codeOf(error) === 'EINTR') return undefined;
      throw error;
    }
  }

  /** No more events; what was recorded can still be read. */
  disable(): void {
    this.#try('events/landlock/enable', '0');
  }

  /** Removes it from the kernel. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.disable();
    closeSync(this.#fd);
    removeInstance(this.#root, this.#folders);
  }

  #enable(event: string): boolean {
    const folder = `events/landlock/${event}`;
    // Those that audit logs come from audit. Where the filter is refused, they are passed over when they are read.
    if (DENIAL.test(event)) this.#try(`${folder}/filter`, 'logged==0');
    return this.#try(`${folder}/enable`, '1');
  }

  #get(file: string): string {
    return readFileSync(join(this.#path, file), 'latin1');
  }

  #set(file: string, value: string): void {
    // Not created where it is missing: tracefs would refuse, and anything else is not tracefs.
    writeFileSync(join(this.#path, file), value, { flag: 'r+' });
  }

  #try(file: string, value: string): boolean {
    try {
      this.#set(file, value);
      return true;
    } catch {
      return false;
    }
  }
}

function disable(path: string): void {
  writeFileSync(join(path, 'events/landlock/enable'), '0', { flag: 'r+' });
}

/** `ENOENT`; an empty string where it is no error of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
