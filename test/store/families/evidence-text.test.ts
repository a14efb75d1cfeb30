import { expect, it } from 'vitest';
import { evidenceText, ruledOutText } from '../../../src/store/families/evidence-text.ts';

const KINDS = [
  'tracepoint',
  'same-event',
  'born-inside',
  'same-thread',
  'parent-born-inside',
  'proc-ancestry',
  'same-process',
  'parent-process',
];
const CONTRADICTIONS = [
  'freed-before',
  'forked-before',
  'outside',
  'would-have-refused',
  'several-chains',
  'tracepoint',
];

it('has a sentence of its own for every kind of evidence, also for one that it does not know', () => {
  const texts = KINDS.map((kind) => evidenceText({ kind, strength: 'hint', pid: 1 }, '1a'));
  expect(new Set(texts).size).toBe(KINDS.length);
  expect(texts.filter((text) => text.includes('speaks for it'))).toEqual([]);
  expect(evidenceText({ kind: 'new', strength: 'hint', pid: 1 }, '1a')).toBe('Process 1 speaks for it.');
});

it('has one for every contradiction', () => {
  const texts = CONTRADICTIONS.map(ruledOutText);
  expect(new Set(texts).size).toBe(CONTRADICTIONS.length);
  expect(texts.filter((text) => text.includes('Something'))).toEqual([]);
  expect(ruledOutText('new')).toBe('Something speaks against it: new.');
});
