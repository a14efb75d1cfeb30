import { expect, it } from 'vitest';
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import { edgeWords, unloggedWords } from '../../../web/state/domain-words.ts';
import { depthWords, evidenceRecords, evidenceSentence, strengthOf } from '../../../web/state/evidence-words.ts';

const hint = { kind: 'parent-process', strength: 'hint', pid: 7, parent_pid: 5, records: ['e1', 9] } as const;
const proof = { kind: 'same-event', strength: 'proof', records: [] } as const;

const DOMAIN: DomainAnswer = {
  host: { id: 'h', name: 'h' },
  boot: 'b',
  id: '12',
  status: 'gone',
  denials: { logged: 2 },
  evidence: [hint, proof],
  depth_min: 2,
  parent: '11',
};

it('calls an edge as sure as its best evidence, and unknown without any', () => {
  expect(strengthOf([hint, proof])).toBe('proof');
  expect(strengthOf([])).toBe('unknown');
  expect(edgeWords(DOMAIN)).toBe('proof: both refused one call');
  expect(edgeWords({ ...DOMAIN, evidence: [] })).toBe('unknown');
});

it('says evidence as the server’s sentence, else by its kind', () => {
  expect(evidenceSentence({ ...hint, text: 'The server says so.' })).toBe('The server says so.');
  expect(evidenceSentence({ kind: 'newer', strength: 'hint' })).toBe('newer');
});

it('takes only texts for names of records', () => {
  expect(evidenceRecords(hint)).toEqual(['e1']);
  expect(evidenceRecords({ kind: 'x', strength: 'hint', records: 'e1' })).toEqual([]);
});

it('does not count hints as layers', () => {
  expect(depthWords(DOMAIN)).toBe('At least 1 layer is above it, not counting hints.');
  expect(depthWords({ ...DOMAIN, depth_min: 1 })).toBe('Only hints say so: it may as well stand alone.');
});

it('says why denials are not in the log, or why that is not known', () => {
  const words = (denials: DomainAnswer['denials'], more: Partial<DomainAnswer> = {}) =>
    unloggedWords({ ...DOMAIN, denials, ...more });
  expect(words({ logged: 2 }, { status: 'live' })).toBe('The kernel tells the total when the domain ends.');
  expect(words({ logged: 2 })).toMatch(/^The record of its end/);
  expect(words({ logged: 2, total: 2, unlogged: 0 })).toBe('All denials are in the log.');
  expect(words({ logged: 2, total: 5, unlogged: 3 })).toMatch(/^Counted by the kernel/);
  expect(
    words({ logged: 2, total: 5, unlogged: 3 }, { unlogged_because: [{ kind: 'quiet', text: 'A quiet rule.' }] }),
  ).toBe('A quiet rule.');
});
