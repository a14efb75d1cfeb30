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
        { kind: 'born-inside', strength: 'strong', pid: 50, records },
        { kind: 'parent-process', strength: 'hint', pid: 50, parent_pid: 7, records: [] },
      ],
      depth_min: 2,
      other_ancestors: [{ id: '9', strength: 'proof', evidence: [{ kind: 'same-event', strength: 'proof' }] }],
      ruled_out: [{ id: '8', because: 'freed-before' }],
    },
  ]);
  expect(told).toBe(`Domain 1b of web-1, boot boot-1
  It is nested in 1a, or in something that is nested in 1a and left no trace:
    - Process 50 was in 1a from its birth, as it did not make it, and is in this domain too.
      born-inside, strong: true but for rare and exotic cases
      records: r1 r2 r3 r4 and 2 more
    - Process 50 is in this domain, and process 7 above it in 1a; it might have been forked before that.
      parent-process, a hint: it may be otherwise
  Further out, or instead: 9:
    - Both domains refused one and the same system call, so they are of one chain.
      same-event, proof: it follows from how the kernel works, whatever programs do
  It is not nested in 8: it ended before this domain did, and a parent outlives its children.
  So it is at least at depth 2 (hints do not count).
`);
});

it('says so where nothing is known, where not all was looked at, and escapes names', () => {
  const told = explainDescent([{ ...lone, host: { id: 'h', name: 'a\u001b[2Jb' }, evidence_incomplete: true }]);
  expect(told).toContain('Domain 1b of a\\x1b[2Jb, boot boot-1\n  Nothing that was recorded says');
  expect(told).toContain('too many records to look at all of them');
});

it('has a sentence of its own for every kind of evidence', () => {
  const kinds = [
    'tracepoint',
    'same-event',
    'born-inside',
    'same-thread',
    'parent-born-inside',
    'proc-ancestry',
    'same-process',
    'parent-process',
  ];
  const sentences = kinds.map((kind) => {
    const told = explainDescent([{ ...lone, parent: '1a', evidence: [{ kind, strength: 'hint', pid: 1 }] }]);
    return told.split('\n')[2];
  });
  expect(new Set(sentences).size).toBe(kinds.length);
  expect(sentences.filter((sentence) => sentence?.includes('speaks for it'))).toEqual([]);
});
