// What a step of the demo works with: its directory, its sandboxes, and the report. One stage belongs to one
// process; a step that starts another program reports for it.
import { isUtf8 } from 'node:buffer';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  enterDomain,
  type FsRight,
  type Handled,
  type RestrictFlag,
} from '../../collector/kernel/landlock-syscalls.ts';
import type { Provoked } from './provoked.ts';

export type Creator = Provoked['creator'];

/** What one refused access is expected to look like in the log. */
export interface Expectation {
  readonly action: string;
  readonly call: string;
  readonly errno: string;
  readonly blockers: readonly string[];
  readonly path?: string | Buffer;
  readonly port?: number;
  readonly socket?: string;
  readonly targetPid?: number;
  /** Where another process than this one is refused. */
  readonly actor?: { readonly pid: number; readonly program: string };
  /** Where another domain than the newest one refuses. */
  readonly creator?: Creator;
}

/** Thrown where a step cannot even begin; the step's process turns it into its exit. */
export class StageError extends Error {}

export class Stage {
  readonly step: string;
  /** Private to the step, without symbolic links. */
  readonly directory: string;
  #creator: Creator | undefined;

  constructor(step: string, directory: string) {
    this.step = step;
    this.directory = directory;
  }

  /** The path of `name` in the step's directory. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Calls this process `name` (15 bytes at most), so that the log shows somebody. */
  playAs(name: string): void {
    process.title = name;
  }

  /** Restricts this process, as `name`. Answers who made the domain, for records that it writes later. */
  enter(
    name: string,
    handled: Handled,
    options: { flags?: readonly RestrictFlag[]; allow?: readonly { path: string; rights: readonly FsRight[] }[] } = {},
  ): Creator {
    this.playAs(name);
    const entered = enterDomain(handled, options);
    if (!entered.ok) {
      throw new StageError(`${entered.call} failed with ${entered.errno}`);
    }
    this.#creator = { pid: process.pid, name };
    return this.#creator;
  }

  /** Takes over a domain that this process was started in. */
  inherit(creator: Creator): void {
    this.#creator = creator;
  }

  /** Says what happened, one JSON line on stdout. */
  report(expected: Expectation): void {
    const creator = expected.creator ?? this.#creator;
    if (creator === undefined) {
      throw new StageError('nothing is restricted yet');
    }
    const provoked: Provoked = {
      kind: 'provoked',
      step: this.step,
      action: expected.action,
      call: expected.call,
      errno: expected.errno,
      pid: expected.actor?.pid ?? process.pid,
      program: expected.actor?.program ?? process.title,
      creator,
      blockers: expected.blockers,
      ...(expected.path !== undefined && pathFields(expected.path)),
      ...(expected.port !== undefined && { port: expected.port }),
      ...(expected.socket !== undefined && { socket: expected.socket }),
      ...(expected.targetPid !== undefined && { target_pid: expected.targetPid }),
    };
    writeSync(1, `${JSON.stringify(provoked)}\n`);
  }
}

function pathFields(path: string | Buffer): Pick<Provoked, 'path' | 'path_raw'> {
  const bytes = Buffer.from(path);
  return { path: bytes.toString('utf8'), ...(!isUtf8(bytes) && { path_raw: bytes.toString('base64') }) };
}

/** Runs a synchronous file call and answers its errno, or `OK`. */
export function errnoOf(call: () => unknown): string {
  try {
    call();
    return 'OK';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
