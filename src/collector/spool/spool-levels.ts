// At which level of privacy the documents in a spool were written, so that those of a level that tells more are told as the
// level of the moment has it when they leave. What nobody noted counts as told in full.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVACY_LEVELS, type PrivacyLevel, stricterPrivacy } from '../../delivery/agent-config.ts';

const FILE = 'spool-levels.json';
/** Changes that are kept; beyond it the oldest documents count as told in full. */
const CHANGES_MAX = 64;

interface Change {
  readonly seq: number;
  readonly level: PrivacyLevel;
}

export class SpoolLevels {
  readonly #path: string;
  #changes: readonly Change[];

  constructor(directory: string) {
    this.#path = join(directory, FILE);
    this.#changes = readChanges(this.#path);
  }

  /** Documents from `seq` on are written at this level. */
  note(seq: number, level: PrivacyLevel): void {
    if (this.of(seq) === level) return;
    const earlier = this.#changes.filter((change) => change.seq < seq);
    this.#changes = [...earlier, { seq, level }].slice(-CHANGES_MAX);
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#changes), { mode: 0o600, flush: true });
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // The disk is full: better known of none than wrong of one.
      rmSync(this.#path, { force: true });
    }
  }

  of(seq: number): PrivacyLevel {
    return this.#changes.findLast((change) => change.seq <= seq)?.level ?? 'full';
  }

  /** Whether each document of the range was written at this level, or one that tells less. */
  isWithin(firstSeq: number, lastSeq: number, level: PrivacyLevel): boolean {
    const levels = this.#changes.filter(({ seq }) => seq > firstSeq && seq <= lastSeq).map((change) => change.level);
    return [this.of(firstSeq), ...levels].every((one) => stricterPrivacy(one, level) === one);
  }
}

/** Our own file. */
function readChanges(path: string): readonly Change[] {
  try {
    const changes: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(changes) && changes.every(isChange) ? changes : [];
  } catch {
    return [];
  }
}

function isChange(value: unknown): value is Change {
  if (typeof value !== 'object' || value === null) return false;
  const level: unknown = Reflect.get(value, 'level');
  return Number.isSafeInteger(Reflect.get(value, 'seq')) && PRIVACY_LEVELS.some((one) => one === level);
}
