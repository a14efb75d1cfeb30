// What the demo did, as its steps report it and as `trespass demo --json` prints it, one JSON line each. It holds
// what the kernel is expected to log, so that a test can hold the two against each other.

/** One refused access: the kernel is expected to write one LANDLOCK_ACCESS record for it. */
export interface Provoked {
  readonly kind: 'provoked';
  readonly step: string;
  /** What was tried, for people: `write to letter.txt`. May hold any character. */
  readonly action: string;
  /** The system call, and what it came back with; `OK` if it was not refused. */
  readonly call: string;
  readonly errno: string;
  /** The actor: the task that was refused. */
  readonly pid: number;
  readonly program: string;
  /** Who made the domain that refused. */
  readonly creator: { readonly pid: number; readonly name: string };
  /** In the order in which the kernel names them. */
  readonly blockers: readonly string[];
  /** As the record names it: the parent directory for what is made, moved or removed. */
  readonly path?: string;
  /** Base64 of the exact bytes, only where `path` could not show them. */
  readonly path_raw?: string;
  readonly port?: number;
  /** An abstract Unix socket as people write it: `@name`. */
  readonly socket?: string;
  readonly target_pid?: number;
}

/** A step that this kernel cannot show. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly step: string;
  readonly reason: string;
}

export type DemoLine = Provoked | Skipped;

/** A line that a step's process wrote; undefined if it is none. */
export function parseDemoLine(line: string): DemoLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isDemoLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// The writer is a process of our own, so that the kind tells the shape.
function isDemoLine(value: unknown): value is DemoLine {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    ['provoked', 'skipped'].includes(String(value.kind))
  );
}
