import { expect, it } from 'vitest';
import { closestWord, didYouMean } from '../../src/runtime/closest-word.ts';

it.each([
  ['denails', 'denials'],
  ['Tree', 'tree'],
  ['hots', 'hosts'],
  ['xyzzy', undefined],
  ['', undefined],
  ['d'.repeat(1_000), undefined],
])('takes %j for %j', (word, meant) => {
  expect(closestWord(word, ['denials', 'domains', 'hosts', 'tree'])).toBe(meant);
});

it('says nothing rather than something absurd', () => {
  expect(didYouMean('frobnicate', ['run'])).toBe('');
});
