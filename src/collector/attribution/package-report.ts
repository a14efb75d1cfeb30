// Which packages this host has, of those whose programs were ever refused something: told in heartbeats, so that a
// server also learns of an update after which nothing is refused any more. The programs are remembered on disk.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../../landlock/document.ts';
import { BoundedMap } from '../../landlock/hierarchy/bounded-map.ts';
import type { Package } from './package-index.ts';

/** Programs that are remembered, and so packages that are told; beyond it the one that is known longest goes. */
export const PROGRAMS_MAX = 256;
/** What does not change is told again. */
const TOLD_EVERY_MS = 3_600_000;
const FILE = 'programs.json';
const FILE_BYTES_MAX = PROGRAMS_MAX * 16 * 1024;

export interface PackageReportOptions {
  /** Where the programs are remembered: the spool's directory. */
  readonly directory: string;
  readonly packages: { ownerOf(path: string): Package | undefined };
  /** A steady clock, ms; replaced in tests. */
  readonly steadyMs?: () => number;
}

export class PackageReport {
  readonly #options: PackageReportOptions;
  readonly #steadyMs: () => number;
  readonly #programs = new BoundedMap<string, true>(PROGRAMS_MAX);
  #isSaved = true;
  #told: { readonly text: string; readonly atMs: number } | undefined;

  constructor(options: PackageReportOptions) {
    this.#options = options;
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
    for (const program of readPrograms(join(options.directory, FILE))) this.#programs.set(program, true);
  }

  see(doc: Document): void {
    if (doc.kind !== 'denial' || doc.package === undefined || doc.tags?.includes('canary') === true) return;
    const program = doc.process?.executable;
    if (program === undefined || this.#programs.get(program) !== undefined) return;
    this.#programs.set(program, true);
    this.#isSaved = false;
  }

  /** What is to be told now; undefined where the last one that was heard still holds. */
  due(): readonly Package[] | undefined {
    this.#save();
    const packages = this.#present();
    if (packages.length === 0) return undefined;
    const told = this.#told;
    const isKnown = told?.text === JSON.stringify(packages) && this.#steadyMs() - told.atMs < TOLD_EVERY_MS;
    return isKnown ? undefined : packages;
  }

  /** `packages` arrived. */
  told(packages: readonly Package[]): void {
    this.#told = { text: JSON.stringify(packages), atMs: this.#steadyMs() };
  }

  #present(): readonly Package[] {
    const present = new Map<string, Package>();
    for (const program of this.#programs.keys()) {
      const owner = this.#options.packages.ownerOf(program);
      if (owner !== undefined) present.set(`${owner.type} ${owner.name}`, owner);
    }
    return [...present.values()];
  }

  #save(): void {
    if (this.#isSaved) return;
    const path = join(this.#options.directory, FILE);
    try {
      writeFileSync(`${path}.new`, JSON.stringify([...this.#programs.keys()]), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      // The disk is full: then they are remembered as long as this process is there.
    }
    this.#isSaved = true;
  }
}

/** Our own file; what is not as we wrote it is not taken. */
function readPrograms(path: string): readonly string[] {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > FILE_BYTES_MAX) return [];
    const programs: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(programs) ? programs.filter((one) => typeof one === 'string').slice(0, PROGRAMS_MAX) : [];
  } catch {
    return [];
  }
}
