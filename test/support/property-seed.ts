// Properties are tried with cases that the commit picks: others for each commit, and the same ones whenever that commit
// is tested again, so that a failure can be had again. TRESPASS_PROPERTY_SEED picks others.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';

const HEX_DIGITS = 8;

/** The seed for this commit, or a fixed one where this is no checkout of git. */
export function seedOfCommit(): string {
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return String(Number.parseInt(commit.slice(0, HEX_DIGITS), 16) | 0);
  } catch {
    return '1423';
  }
}

const seed = Number(process.env.TRESPASS_PROPERTY_SEED);
if (Number.isInteger(seed)) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
