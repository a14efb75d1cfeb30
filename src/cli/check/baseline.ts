// The file of denials that are known and accepted: fingerprints of issues, with their titles for those who review it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { OperatingError } from '../../runtime/operating-error.ts';
import type { CheckReport } from './report.ts';

const VERSION = 1;
const FINGERPRINT = /^[0-9a-z]{8,64}$/i;

interface Baseline {
  readonly version: typeof VERSION;
  readonly issues: readonly { readonly fingerprint: string; readonly title: string }[];
}

/** Throws OperatingError `baseline`, with the place of what is wrong. `isOptional`: it may be missing. */
export function readBaseline(path: string, isOptional: boolean): ReadonlySet<string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : String(cause);
    if (isOptional && code === 'ENOENT') return new Set();
    throw wrong(path, `cannot be read (${code})`, 'make it with --save-baseline', cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong(path, `is no JSON (${cause instanceof Error ? cause.message : cause})`, 'make it anew', cause);
  }
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'version') !== VERSION) {
    throw wrong(path, `is no baseline of version ${VERSION}`, 'make it anew with --save-baseline');
  }
  const issues: unknown = Reflect.get(value, 'issues');
  if (!Array.isArray(issues)) throw wrong(path, 'has no list "issues"', 'make it anew with --save-baseline');
  return new Set(issues.map((issue: unknown, index) => fingerprintOf(issue, index, path)));
}

function fingerprintOf(issue: unknown, index: number, path: string): string {
  const fingerprint: unknown =
    typeof issue === 'object' && issue !== null ? Reflect.get(issue, 'fingerprint') : undefined;
  if (typeof fingerprint === 'string' && FINGERPRINT.test(fingerprint)) return fingerprint;
  throw wrong(path, `issues[${index}] has no fingerprint`, 'remove it, or make the file anew');
}

/** Whole or not at all. What was in it stays, as other runs may have other denials; `known` are its fingerprints. */
export function saveBaseline(path: string, report: CheckReport): number {
  const old = readTitles(path);
  for (const { issue } of report.issues) old.set(issue.fingerprint, issue.title);
  const issues = [...old].map(([fingerprint, title]) => ({ fingerprint, title }));
  issues.sort((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1));
  const baseline: Baseline = { version: VERSION, issues };
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(baseline, undefined, 2)}\n`);
    renameSync(draft, path);
  } catch (cause) {
    throw wrong(path, `cannot be written (${cause instanceof Error ? cause.message : cause})`, 'name another', cause);
  }
  return issues.length;
}

function readTitles(path: string): Map<string, string> {
  const known = readBaseline(path, true);
  if (known.size === 0) return new Map();
  // `as`: its shape has just been checked.
  const { issues } = JSON.parse(readFileSync(path, 'utf8')) as Baseline;
  return new Map(issues.map(({ fingerprint, title }) => [fingerprint, String(title ?? '')]));
}

function wrong(path: string, what: string, mend: string, cause?: unknown): OperatingError {
  return new OperatingError('baseline', `the baseline ${path} ${what}`, mend, { cause });
}
