// The reports of `trespass check`, for a run whose names an attacker has chosen: each format stays what it is.
import { readFileSync } from 'node:fs';
import Schema from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { toJunit } from '../../src/cli/check/format-junit.ts';
import { toSarif } from '../../src/cli/check/format-sarif.ts';
import { toMarkdown, toText } from '../../src/cli/check/format-text.ts';
import { buildReport, type CheckReport } from '../../src/cli/check/report.ts';
import { TreeDenials } from '../../src/cli/check/tree-denials.ts';
import type { Denial, DomainAllocated } from '../../src/landlock/document.ts';
import { xmlFault } from '../support/xml-check.ts';

const HOST = { id: 'h', name: 'here', boot: { id: 'b' } };
const EVIL = '/tmp/<b>"&\u001b[31m|`x`](javascript:1)\u0000\ud800 @all ]]>/e';
const SESSION = 77;

function denial(sequence: number, domain: string, path: string, session: number | undefined, pid = 5): Denial {
  return {
    kind: 'denial',
    '@timestamp': '2026-03-01T10:00:00.268Z',
    event: {
      id: `id${sequence}`,
      sequence,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: ['file'],
      type: ['denied'],
      reason: 'x',
    },
    host: HOST,
    landlock: {
      domain: { id: domain },
      blockers: ['fs.write_file'],
      object: { kind: 'file' },
      actor_certainty: 'certain',
    },
    file: { path },
    process: { pid, name: EVIL, executable: EVIL, ...(session !== undefined && { session_id: session }) },
  };
}

function allocated(id: string, pid: number): DomainAllocated {
  return {
    kind: 'domain-allocated',
    '@timestamp': '2026-03-01T10:00:00.268Z',
    event: { id: `a${id}`, sequence: 1 },
    host: HOST,
    landlock: { domain: { id, mode: 'enforcing', creator: { pid, uid: 0, executable: EVIL, name: 'x' } } },
  };
}

function reportOf(known: readonly string[] = []): CheckReport {
  const tree = new TreeDenials(SESSION, () => false);
  tree.add(denial(1, 'd1', EVIL, SESSION));
  tree.add(denial(2, 'd1', '/etc/passwd', SESSION));
  tree.add(allocated('d1', 5));
  const result = {
    ...tree.settle(),
    end: { kind: 'exit', code: 0 } as const,
    startedAt: '2026-03-01T10:00:00.000Z',
    endedAt: '2026-03-01T10:00:01.500Z',
    warnings: [`a warning of ${EVIL}`],
  };
  return buildReport(['sh', '-c', EVIL], result, new Set(known));
}

/** Control characters, but for the ends of lines. */
const controlsOf = (text: string) =>
  [...text].filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code !== 10 && (code < 32 || (code >= 127 && code < 160));
  });

describe('a report of check', () => {
  it('is well-formed JUnit, whatever the names are', () => {
    const xml = toJunit(reportOf());
    expect(xmlFault(xml)).toBeUndefined();
    expect(xml).toContain('tests="2" failures="2" errors="0" skipped="0" time="1.5"');
    const [first] = reportOf().issues;
    expect(toJunit(reportOf([first?.issue.fingerprint ?? '']))).toContain(
      'tests="2" failures="1" errors="0" skipped="1"',
    );
  });

  it('is SARIF as the schema has it', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../fixtures/sarif/sarif-2.1.0-part.json', import.meta.url), 'utf8'),
    );
    const sarif = JSON.parse(JSON.stringify(toSarif(reportOf())));
    expect(Schema.Errors(schema, sarif)).toEqual([true, []]);
    expect(Schema.Check(schema, { ...sarif, version: '2.0.0' })).toBe(false);
    expect(Schema.Check(schema, { ...sarif, runs: [{}] })).toBe(false);
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'fs.write_file', level: 'error', baselineState: 'new' });
  });

  it('is text and Markdown without commands, markup or links of others', () => {
    const text = toText(reportOf(), false);
    expect(controlsOf(text)).toEqual([]);
    expect(text).toContain('2 denials of 2 issues, 2 new');
    const markdown = toMarkdown(reportOf());
    expect(controlsOf(markdown)).toEqual([]);
    expect(markdown).not.toMatch(/<b>|\]\(|@all|`x`/);
    expect(markdown.split('\n').filter((line) => /^\| (known|\*\*new\*\*) \|/.test(line))).toHaveLength(2);
  });
});

describe('the denials of a command', () => {
  it('are those of its session, and of the domains that it made, whoever was refused', () => {
    const tree = new TreeDenials(SESSION, () => false);
    tree.add(denial(1, 'own', '/a', SESSION, 5));
    tree.add(denial(2, 'own', '/b', undefined, 900));
    tree.add(denial(3, 'own', '/c', 1, 901));
    tree.add(denial(4, 'inherited', '/d', SESSION, 6));
    tree.add(denial(5, 'inherited', '/e', 1, 902));
    tree.add(denial(6, 'foreign', '/f', 1, 903));
    tree.add(allocated('own', 5));
    tree.add(allocated('inherited', 1000));
    tree.add(allocated('foreign', 903));
    const { denials, domains } = tree.settle();
    expect(denials.map(({ file }) => file?.path)).toEqual(['/a', '/b', '/c', '/d']);
    expect(domains.map(({ id, logged }) => [id, logged])).toEqual([
      ['own', 3],
      ['inherited', 1],
    ]);
  });
});
