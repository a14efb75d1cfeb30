import { expect, it } from 'vitest';
import { explainDescent } from '../../src/cli/explain-descent.ts';
import type { DomainAnswer } from '../../src/store/answers.ts';

const lone: DomainAnswer = {
  host: { id: 'id-of-web-1', name: 'web-1' },
  boot: 'boot-1',
  id: '1b',
  status: 'live',
  denials: { logged: 2 },
  evidence: [],
  depth_min: 1,
};

it('says what the evidence is, how far it goes, and what was ruled out', () => {
  const records = ['r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
  const told = explainDescent([
    {
      ...lone,
      parent: '1a',
      evidence: [
        { kind: 'born-inside', strength: 'strong', pid: 50, records, text: 'It was born there.' },
        { kind: 'parent-process', strength: 'hint', pid: 50, parent_pid: 7, records: [], text: 'It has a parent.' },
      ],
      depth_min: 2,
      other_ancestors: [
        { id: '9', strength: 'proof', evidence: [{ kind: 'same-event', strength: 'proof', text: 'Both refused.' }] },
      ],
      ruled_out: [{ id: '8', because: 'freed-before', text: 'It ended before.' }],
    },
  ]);
  expect(told).toBe(`Domain 1b of web-1, boot boot-1
  It is nested in 1a, or in something that is nested in 1a and left no trace:
    - It was born there.
      born-inside, strong: true but for rare and exotic cases
      records: r1 r2 r3 r4 and 2 more
    - It has a parent.
      parent-process, a hint: it may be otherwise
  Further out, or instead: 9:
    - Both refused.
      same-event, proof: it follows from how the kernel works, whatever programs do
  It is not nested in 8: It ended before.
  So it is at least at depth 2 (hints do not count).
`);
});

it('says so where nothing is known, where not all was looked at, and escapes names', () => {
  const told = explainDescent([{ ...lone, host: { id: 'h', name: 'a\u001b[2Jb' }, evidence_incomplete: true }]);
  expect(told).toContain('Domain 1b of a\\x1b[2Jb, boot boot-1\n  Nothing that was recorded says');
  expect(told).toContain('too many records to look at all of them');
});

it('tells what the kernel said, the ruleset, and why denials were not logged', () => {
  const told = explainDescent([
    {
      ...lone,
      traced: true,
      denials: { logged: 0, total: 3, unlogged: 3 },
      ruleset: { id: '1f', handled: { fs: ['read_file', 'write_file'], net: [], scopes: ['signal'] }, rules: 2 },
      unlogged_because: [{ kind: 'unknown', text: 'Nobody knows.' }],
    },
  ]);
  expect(told).toBe(`Domain 1b of web-1, boot boot-1
  It is nested in nothing: the kernel said so when it made the domain.
  So it is at least at depth 1.
  It was made from ruleset 1f with 2 rules.
    fs: refuses unless allowed read_file, write_file
    scopes: refuses unless allowed signal
  3 of its denials are not in the audit log:
    - Nobody knows.
`);
});
