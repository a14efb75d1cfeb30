import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JournalSource } from '../../../src/collector/sources/journal.ts';
import type { RecordSink } from '../../../src/collector/sources/source.ts';
import { sourceHosts } from './support.ts';

let directory: string;
let seen: string[];
let ended: (Error | undefined)[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-journal-'));
  seen = [];
  ended = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

const sink: RecordSink = {
  record: (type, payload) => seen.push(`${type} ${payload}`),
  notice: () => undefined,
  malformed: ({ reason }) => seen.push(reason),
  lost: () => undefined,
  room: () => undefined,
  ended: (error) => ended.push(error),
};

/** A program in place of journalctl. */
function journalctl(script: string): string {
  const path = join(directory, 'journalctl');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const ENTRY = [
  `_BOOT_ID=${'b'.repeat(32)}`,
  '_TRANSPORT=audit',
  '_AUDIT_TYPE=1423',
  '_AUDIT_ID=7',
  '_SOURCE_REALTIME_TIMESTAMP=1795393903057000',
  'MESSAGE=UNKNOWN[1423] domain=1c9c9bffe blockers=ptrace',
];

describe('JournalSource', () => {
  it('reads what journalctl prints, asks it for audit records alone, and ends it', async () => {
    const program = journalctl(
      `printf '%s\\n' "$*" >"${join(directory, 'arguments')}"\nprintf '%s\\n' ${ENTRY.map((field) => `'${field}'`).join(' ')} ''\nexec sleep 60`,
    );
    const source = new JournalSource({ hosts: sourceHosts(), program });
    await source.start(sink);
    await vi.waitFor(() => expect(seen).toEqual(['1423 audit(1795393903.057:7): domain=1c9c9bffe blockers=ptrace']));
    await source.stop();
    expect(ended).toEqual([undefined]);
  });

  it('says why journalctl ended by itself', async () => {
    const source = new JournalSource({ hosts: sourceHosts(), program: journalctl('echo no journal here >&2; exit 1') });
    await source.start(sink);
    await vi.waitFor(() => expect(ended).toHaveLength(1));
    expect(ended[0]?.message).toBe('journalctl ended (exit 1) no journal here');
    await source.stop();
  });

  it('says what to do where there is no journalctl', async () => {
    const source = new JournalSource({ hosts: sourceHosts(), program: join(directory, 'none') });
    await expect(source.start(sink)).rejects.toMatchObject({ code: 'no-journalctl' });
  });
});
