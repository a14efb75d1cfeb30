// The packages of this host, as they are now: what the package manager has on record is read again when its files
// change, beside everything else and not more often than it is worth. Until then the old answers hold.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedMap } from '../../landlock/hierarchy/bounded-map.ts';
import type { Package, PackageIndex } from './package-index.ts';
import { type PackageRecords, RECORD_FILES, readPackages } from './package-records.ts';

/** An update writes its records many times over. */
const LOOK_EVERY_MS = 10_000;
const READ_AGAIN_MIN_MS = 30_000;
/** Programs whose package is remembered. */
const PROGRAMS_MAX = 4_096;

export interface PackageWatchOptions extends PackageRecords {
  /** A steady clock, ms; replaced in tests. */
  readonly steadyMs?: () => number;
}

export class PackageWatch {
  readonly #options: PackageWatchOptions;
  readonly #steadyMs: () => number;
  #index: PackageIndex;
  #stamp: string;
  #lookedAtMs: number;
  #readAtMs: number;
  #reading: Promise<void> | undefined;
  /** null: owned by nobody. */
  #known = new BoundedMap<string, Package | null>(PROGRAMS_MAX);

  private constructor(options: PackageWatchOptions, stamp: string, index: PackageIndex) {
    this.#options = options;
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
    this.#stamp = stamp;
    this.#index = index;
    this.#lookedAtMs = this.#steadyMs();
    this.#readAtMs = this.#lookedAtMs;
  }

  static async open(options: PackageWatchOptions = {}): Promise<PackageWatch> {
    const stamp = stampOf(options.root);
    return new PackageWatch(options, stamp, await readPackages(options));
  }

  readonly isPackaged = (path: string): boolean => {
    this.#look();
    return this.#index.isPackaged(path);
  };

  /** The same object for the same package. */
  ownerOf(path: string): Package | undefined {
    this.#look();
    let owner = this.#known.get(path);
    if (owner === undefined) {
      owner = this.#index.ownerOf(path) ?? null;
      this.#known.set(path, owner);
    }
    return owner ?? undefined;
  }

  /** Resolves when the records that changed have been read; for tests. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  #look(): void {
    const nowMs = this.#steadyMs();
    if (nowMs - this.#lookedAtMs < LOOK_EVERY_MS || this.#reading !== undefined) return;
    this.#lookedAtMs = nowMs;
    if (nowMs - this.#readAtMs < READ_AGAIN_MIN_MS) return;
    const stamp = stampOf(this.#options.root);
    if (stamp === this.#stamp) return;
    this.#readAtMs = nowMs;
    this.#reading = this.#readAgain(stamp);
  }

  async #readAgain(stamp: string): Promise<void> {
    // Nothing is thrown for records that cannot be read: then there are none.
    this.#index = await readPackages(this.#options);
    this.#stamp = stamp;
    this.#known = new BoundedMap(PROGRAMS_MAX);
    this.#reading = undefined;
  }
}

function stampOf(root = '/'): string {
  return RECORD_FILES.map((file) => {
    const stats = statSync(join(root, file), { throwIfNoEntry: false });
    return stats === undefined ? '' : `${stats.mtimeMs} ${stats.ino} ${stats.size}`;
  }).join('\n');
}
