// How far the kernel's records were seen in this boot, beside the spool: what goes by while no collector runs is known
// by its serials when the next one starts. Rewritten in place without waiting for the disk: it has to outlive the
// process, and means nothing after the next boot.
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Watched } from '../../audit/serial-gaps.ts';

const FILE = 'watched';
/** One write of a fixed size, so that nothing of a longer one is left. */
const MARK_LENGTH = 160;

/** `lost`: the kernel's counter of lost records. */
export interface EarlierWatch extends Watched {
  readonly lost: number;
}

export class WatchedMark {
  /** Of the process before this one, in this boot. */
  readonly earlier: EarlierWatch | undefined;
  readonly #fd: number;
  readonly #bootId: string;
  #seen: Watched | undefined;
  #written = '';

  constructor(directory: string, bootId: string) {
    const path = join(directory, FILE);
    this.#fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#bootId = bootId;
    this.earlier = readMark(path, bootId);
    this.#seen = this.earlier;
  }

  /** An event is complete. */
  see(serial: number, timeMs: number): void {
    if (this.#seen !== undefined && distance(this.#seen.serial, serial) <= 0) return;
    this.#seen = { serial, timeMs };
  }

  /** Of all that was seen its documents are in the spool, or were counted as lost. Never throws. */
  write(lost: number): void {
    if (this.#seen === undefined) return;
    const text = JSON.stringify({ boot_id: this.#bootId, ...this.#seen, lost });
    if (text === this.#written || text.length >= MARK_LENGTH) return;
    try {
      writeSync(this.#fd, `${text.padEnd(MARK_LENGTH - 1)}\n`, 0, 'latin1');
      this.#written = text;
    } catch {
      // A full disk: the next one is tried again, and an old mark makes a gap too large, and none too small.
    }
  }

  /** `own`: records that our own end made the kernel log after the last that we saw. */
  close(lost: number, own: number): void {
    if (this.#seen !== undefined) {
      const { serial } = this.#seen;
      this.#seen = { serial: (serial + own) >>> 0, timeMs: Date.now() };
    }
    this.write(lost);
    closeSync(this.#fd);
  }
}

function readMark(path: string, bootId: string): EarlierWatch | undefined {
  try {
    const mark: unknown = JSON.parse(readFileSync(path, 'latin1'));
    if (typeof mark !== 'object' || mark === null || Reflect.get(mark, 'boot_id') !== bootId) return undefined;
    const [serial, timeMs, lost] = ['serial', 'timeMs', 'lost'].map((key) => Number(Reflect.get(mark, key)));
    if (serial === undefined || timeMs === undefined || lost === undefined) return undefined;
    return [serial, timeMs, lost].every(Number.isSafeInteger) ? { serial, timeMs, lost } : undefined;
  } catch {
    return undefined;
  }
}

/** From `a` to `b`: serials have 32 bits, and begin again. */
function distance(a: number, b: number): number {
  return (b - a) | 0;
}
