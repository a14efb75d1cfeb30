// journald: a listener like us, and the source where it is configured as one.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { SourceKind } from '../../runtime/config.ts';
import { type Finding, fail, ok } from './finding.ts';

export interface JournalFacts {
  readonly isRunning: boolean;
  readonly hasReader: boolean;
}

export function readJournalFacts(path = process.env.PATH ?? ''): JournalFacts {
  return {
    isRunning: existsSync('/run/systemd/journal/socket'),
    hasReader: path.split(delimiter).some((folder) => existsSync(join(folder, 'journalctl'))),
  };
}

export function journalFinding(source: SourceKind, path: string | undefined, facts: JournalFacts): Finding {
  const check = 'journald';
  if (source !== 'journal' || path !== undefined) {
    return ok(check, facts.isRunning ? 'runs; Trespass reads beside it' : 'does not run, and is not needed');
  }
  if (!facts.isRunning)
    return fail(check, 'the source is the journal, and journald does not run', 'use source netlink');
  if (!facts.hasReader) return fail(check, 'the source is the journal, and there is no journalctl', 'install systemd');
  return ok(check, 'runs, and is the source');
}
