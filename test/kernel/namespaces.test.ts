// Where the kernel's audit cannot be reached: real namespaces and really missing capabilities. Each must give one line
// that says what is wrong and what to do, exit code 4, and leave audit alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AuditStatus, readAuditStatus } from '../support/audit-status.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { runWrapped } from '../support/source-program.ts';

const ON_THE_HOST = 'run the collector on the host (containers: host user, PID and network namespaces)';
const AS_ROOT = 'start it as root (sudo trespass COMMAND), or read a log file with --source file --path FILE';

const CASES: readonly (readonly [name: string, wrapper: readonly string[], line: string])[] = [
  [
    'a network namespace',
    ['unshare', '-n'],
    `this process is in a network namespace of its own: audit records are never delivered there: ${ON_THE_HOST}`,
  ],
  [
    'a user namespace as its root',
    ['unshare', '-Ur'],
    `this process is in a user namespace of its own: the kernel refuses audit there: ${ON_THE_HOST}`,
  ],
  [
    'a user namespace as nobody',
    ['unshare', '-U'],
    `this process is in a user namespace of its own: the kernel refuses audit there: ${ON_THE_HOST}`,
  ],
  [
    'a PID namespace',
    ['unshare', '-p', '--fork', '--mount-proc'],
    `this process is in a PID namespace of its own: the kernel refuses audit control there: ${ON_THE_HOST}`,
  ],
  [
    'the right to control audit taken away',
    ['setpriv', '--bounding-set=-audit_control'],
    `reading the kernel's audit needs CAP_AUDIT_CONTROL: ${AS_ROOT}`,
  ],
  [
    'the right to read audit taken away',
    ['setpriv', '--bounding-set=-audit_read'],
    `reading the kernel's audit needs CAP_AUDIT_READ: ${AS_ROOT}`,
  ],
  [
    'no rights at all',
    ['setpriv', '--bounding-set=-all'],
    `reading the kernel's audit needs CAP_AUDIT_CONTROL and CAP_AUDIT_READ: ${AS_ROOT}`,
  ],
];

describeKernel('a program without the reach to audit', () => {
  let directory: string;
  let before: AuditStatus;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-namespaces-'));
    before = readAuditStatus();
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const places = () => [
    ...['--db', join(directory, 'trespass.db'), '--listen', '127.0.0.1:0'],
    ...['--runtime-dir', join(directory, 'run'), '--spool-dir', join(directory, 'spool')],
  ];

  it.each(CASES)('refuses at once with %s', async (_, wrapper, line) => {
    for (const command of ['collect', 'run']) {
      const outcome = await runWrapped(wrapper, [command, ...places()]);
      const err = `trespass: ${line.replace('COMMAND', command)}\n`;
      expect(outcome).toEqual({ exitCode: 4, out: '', err });
    }
    expect(readAuditStatus()).toEqual(before);
  });
});
