import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeCommand } from '../../src/cli/decode.ts';
import { explainCommand } from '../../src/cli/explain.ts';
import { type ExplainedIssue, IssueTally, issuesMax } from '../../src/cli/issue-tally.ts';
import { sampleDenial } from '../support/sample-documents.ts';
import { runCommand } from './captured-io.ts';

const CORPUS = new URL('../fixtures/conformance/', import.meta.url).pathname;
const RAW = join(CORPUS, 'kernel-7.3.4/all.log');

function issuesOf(stdout: string): readonly ExplainedIssue[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line): ExplainedIssue => JSON.parse(line));
}

describe('trespass explain', () => {
  it('explains every denial of a file, each issue once, the most frequent first', async () => {
    const { stdout, exitCode } = await runCommand(explainCommand, ['--json', RAW]);
    expect(exitCode).toBe(0);
    const issues = issuesOf(stdout);
    const decoded = await runCommand(decodeCommand, ['--summary', RAW]);
    const { denials } = JSON.parse(decoded.stderr) as { denials: number };
    expect(issues.reduce((sum, { issue }) => sum + issue.count, 0)).toBe(denials);
    expect(new Set(issues.map(({ issue }) => issue.fingerprint)).size).toBe(issues.length);
    const counts = issues.map(({ issue }) => issue.count);
    expect(counts).toEqual([...counts].sort((one, other) => other - one));
    for (const { issue } of issues) expect(issue.first <= issue.last).toBe(true);
    // The record about a domain comes after its first denial, and is used for it all the same.
    expect(issues.filter(({ creator }) => creator === '/bin/lab').length).toBeGreaterThan(10);
    expect(issues.every(({ event }) => decoded.stdout.includes(`"id":"${event.id}"`))).toBe(true);
  });

  it('says in plain words what happened, from standard input', async () => {
    const record =
      'type=UNKNOWN[1423] msg=audit(1795392846.531:7): domain=1af495b55 blockers=net.bind_tcp src=1397\n' +
      'type=UNKNOWN[1424] msg=audit(1795392846.531:7): domain=1af495b55 status=allocated mode=enforcing pid=115 uid=0 exe="/usr/bin/sandboxer" comm="sandboxer"\n' +
      'type=SYSCALL msg=audit(1795392846.531:7): arch=c000003e syscall=49 success=no exit=-13 a0=1 a1=0 a2=0 a3=0 items=0 ppid=1 pid=289 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 comm="program-70" exe="/opt/program-70" key=(null)\n';
    const { stdout, stderr, exitCode } = await runCommand(explainCommand, ['-'], record);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'program-70 is refused to bind a TCP socket to port 1397 (once, 2026-11-23T00:14:06.531Z)',
      '  program-70 (/opt/program-70, pid 289, user root) was refused to bind a TCP socket to port 1397 ' +
        'by the sandbox that /usr/bin/sandboxer set up (domain 1af495b55, pid 115).',
      '',
      '  net.bind_tcp (Landlock ABI 4): Binding a TCP socket to a local port.',
    ]);
    expect(stdout).toContain('give /usr/bin/sandboxer a rule with net.bind_tcp for port 1397');
  });

  it('answers 3 where nothing was denied, and says what it could not understand', async () => {
    const nothing = await runCommand(explainCommand, ['-'], 'type=EOE msg=audit(1795392846.531:7): \n');
    expect(nothing).toEqual({ exitCode: 3, stdout: '', stderr: 'no denials matched\n' });
    const malformed = await runCommand(explainCommand, ['-'], 'type=UNKNOWN[1423] msg=audit(1.000:7): domain=zz\n');
    expect(malformed).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: 'malformed records: 1; see trespass decode\nno denials matched\n',
    });
  });

  it('lets no control character of a record through', async () => {
    const log = readFileSync(join(CORPUS, 'kernel-6.18.44/paths.log'), 'utf8');
    const { stdout } = await runCommand(explainCommand, ['-'], log);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(stdout).toContain('new\\u{a}line');
  });

  it('keeps a bounded number of issues and counts the rest', () => {
    const tally = new IssueTally();
    const word = (n: number): string => n.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
    for (let n = 0; n < issuesMax + 5; n++) tally.add(sampleDenial(n % 50, { path: `/srv/${word(n)}` }));
    expect(tally.explained().length).toBe(issuesMax);
    expect(tally.beyond).toBe(5);
  });
});
