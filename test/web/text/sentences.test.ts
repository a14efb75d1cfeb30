import { expect, it } from 'vitest';
import { sentences } from '../../../web/text/sentences.ts';

it('ends each text like a sentence, and leaves out what is not there', () => {
  expect(sentences('This needs the scope admin', 'Ask an administrator.', undefined, '')).toBe(
    'This needs the scope admin. Ask an administrator.',
  );
  expect(sentences(undefined)).toBe('');
});
