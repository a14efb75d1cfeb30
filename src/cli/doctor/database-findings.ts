// The database file: whether it opens and is whole, what it knows of denials that nobody logged, and whether its times
// are of this world.
import { existsSync, statSync } from 'node:fs';
import { type Finding, fail, ok, unknown, warn } from '../../collector/doctor/finding.ts';
import { findDamage } from '../../store/database/soundness.ts';
import { toFailure } from '../error-line.ts';

/** Reading a larger one takes more than a moment. */
const WHOLE_BYTES_MAX = 512 * 1024 * 1024;

export function databaseFinding(path: string): Finding {
  const check = 'database';
  if (!existsSync(path)) return ok(check, `none yet at ${path}; trespass run makes it`);
  const { size } = statSync(path);
  if (size > WHOLE_BYTES_MAX) {
    return unknown(check, `${path} has ${size} bytes, too many to read them all now`, 'trespass db check');
  }
  try {
    const [damage] = findDamage(path);
    if (damage === undefined) return ok(check, `${path} is whole`);
    return fail(check, `${path} is damaged: ${damage}`, 'restore a backup, or trespass db check --move-aside');
  } catch (error) {
    const { code, message, mend } = toFailure(error);
    if (code.endsWith('-permission')) return { ...unknown(check, message, mend) };
    return code === 'database-older' ? warn(check, message, mend) : fail(check, message, mend);
  }
}
