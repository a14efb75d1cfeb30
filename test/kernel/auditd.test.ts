// The distribution's own audit daemon writes a log and feeds two plugins. What it says of real denials must be the
// same from all three: the log file, the stream of lines and the stream of frames.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeCommand } from '../../src/cli/decode.ts';
import type { Document } from '../../src/landlock/document.ts';
import { runCommand } from '../cli/captured-io.ts';
import { readAuditStatus, setAuditStatus } from '../support/audit-status.ts';
import { startDenyingChild } from '../support/deny.ts';
import { eventually } from '../support/local-run.ts';
import { describeKernelWith } from '../support/needed-program.ts';
import { type Auditd, startAuditd } from './auditd-process.ts';

const DENIALS = 60;
const SHIPPED = new URL('../../etc/auditd-plugin.conf', import.meta.url);

let directory: string;
let auditd: Auditd | undefined;

/** The plugin file that we ship, with another program behind it: one that keeps its arguments and its input. */
function shippedPlugin(format: 'string' | 'binary'): string {
  const program = join(directory, `plugin-${format}`);
  const script = `#!/bin/sh\necho "$*" > ${program}.arguments\nexec cat > ${program}.stream\n`;
  writeFileSync(program, script);
  chmodSync(program, 0o750);
  return readFileSync(SHIPPED, 'utf8')
    .replace(/^path = .*$/m, `path = ${program}`)
    .replace(/^format = .*$/m, `format = ${format}`);
}

const stream = (format: string) => join(directory, `plugin-${format}.stream`);

interface Decoded {
  readonly documents: readonly Document[];
  readonly malformed: number;
}

async function decode(path: string): Promise<Decoded> {
  const { exitCode, stdout, stderr } = await runCommand(decodeCommand, ['--summary', path]);
  expect(exitCode).toBe(0);
  const documents = stdout
    .split('\n')
    .slice(0, -1)
    .map((line): Document => JSON.parse(line));
  return { documents, malformed: JSON.parse(stderr).malformed };
}

/** The denials of one process and the life of its domain. */
function ofProcess(documents: readonly Document[], pid: number): Document[] {
  const domains = new Set(
    documents.flatMap((doc) => (doc.kind === 'denial' && doc.process?.pid === pid ? [doc.landlock.domain.id] : [])),
  );
  return documents.filter((doc) => 'landlock' in doc && domains.has(doc.landlock.domain.id));
}

describeKernelWith('auditd', 'auditd of the distribution', (program) => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-auditd-'));
    setAuditStatus({ enabled: 1, backlogLimit: 8192 });
  });
  afterEach(async () => {
    await auditd?.stop();
    auditd = undefined;
    if (process.env.KEEP) console.log(directory);
    else rmSync(directory, { recursive: true });
  });

  it.each([
    { logFormat: 'RAW', nameFormat: 'NONE' },
    { logFormat: 'ENRICHED', nameFormat: 'HOSTNAME' },
  ] as const)('says the same in its log and to its plugins: $logFormat, name $nameFormat', async (format) => {
    const plugins = { lines: shippedPlugin('string'), frames: shippedPlugin('binary') };
    auditd = await startAuditd({ program, directory, ...format, plugins });
    const paths = [auditd.logPath, stream('string'), stream('binary')];
    // A plugin that has not started yet would miss the first records.
    await eventually('both plugins have started', () => {
      for (const path of paths.slice(1)) readFileSync(path);
      return true;
    });
    const child = await startDenyingChild(join(directory, 'work'), DENIALS);
    expect(await child.begin()).toBe(DENIALS);
    for (const path of paths) {
      await eventually(`${path} has the end of the domain`, async () => {
        const documents = ofProcess((await decode(path)).documents, child.pid);
        return documents.some(({ kind }) => kind === 'domain-deallocated') ? true : undefined;
      });
    }
    await auditd.stop();
    expect(readAuditStatus().daemonPid).toBe(0);

    const [log, lines, frames] = await Promise.all(paths.map(decode));
    expect([log?.malformed, lines?.malformed, frames?.malformed]).toEqual([0, 0, 0]);
    const fromLog = ofProcess(log?.documents ?? [], child.pid);
    const kinds = fromLog.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'denial')).toHaveLength(DENIALS);
    expect(kinds.filter((kind) => kind !== 'denial')).toEqual(['domain-allocated', 'domain-deallocated']);
    expect(fromLog.at(-1)).toMatchObject({ landlock: { domain: { denials: DENIALS } } });
    expect(ofProcess(lines?.documents ?? [], child.pid)).toEqual(fromLog);
    expect(ofProcess(frames?.documents ?? [], child.pid)).toEqual(fromLog);
    expect(readFileSync(`${join(directory, 'plugin-string')}.arguments`, 'utf8')).toBe(
      'collect --source=auditd-plugin\n',
    );
  });
});
