import { expect, it } from 'vitest';
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import { lifeOf, lifeWords, placeOf, spanEndWords, spanOf, withEnd } from '../../../web/state/domain-life.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const at = (minutes: number): string => new Date(NOW_MS + minutes * 60_000).toISOString();

function domain(changes: Partial<DomainAnswer>): DomainAnswer {
  return {
    host: { id: 'h', name: 'h' },
    boot: 'b',
    id: '12',
    status: 'gone',
    denials: { logged: 2 },
    evidence: [],
    depth_min: 1,
    ...changes,
  };
}

it('lasts from the first record to the end that was told', () => {
  const life = lifeOf(domain({ allocated_at: at(-10), last_denial_at: at(-9), deallocated_at: at(-5) }), NOW_MS);
  expect(life).toEqual({ fromMs: NOW_MS - 600_000, toMs: NOW_MS - 300_000, end: 'known' });
  expect(lifeWords(life)).toBe('lived 5 min');
});

it('begins with its making, where that is known', () => {
  expect(lifeOf(domain({ created_at: at(-20), allocated_at: at(-10) }), NOW_MS)?.fromMs).toBe(NOW_MS - 1_200_000);
});

it('goes on to the present while it is live, and is lost where only its boot has ended', () => {
  expect(lifeOf(domain({ status: 'live', allocated_at: at(-10) }), NOW_MS)).toMatchObject({
    toMs: NOW_MS,
    end: 'open',
  });
  const lost = lifeOf(domain({ status: 'presumed-gone', allocated_at: at(-10), last_denial_at: at(-8) }), NOW_MS);
  expect(lifeWords(lost)).toBe('seen for 2 min');
});

it('knows no life without a time, and none that is not one', () => {
  expect(lifeOf(domain({}), NOW_MS)).toBeUndefined();
  expect(lifeOf(domain({ allocated_at: 'yesterday' }), NOW_MS)).toBeUndefined();
  expect(spanOf([])).toBeUndefined();
});

it('does not let what lives on press the others into a corner', () => {
  const span = spanOf([
    { fromMs: 0, toMs: 60_000, end: 'known' },
    { fromMs: 30_000, toMs: 86_400_000, end: 'open' },
  ]);
  expect(span).toEqual({ fromMs: 0, toMs: 90_000, isCut: true });
  expect(span && spanEndWords(span)).toBe('+ 2 min and on');
  expect(placeOf({ fromMs: 45_000, toMs: 86_400_000, end: 'open' }, span ?? { fromMs: 0, toMs: 1 })).toEqual({
    from: 0.5,
    width: 0.5,
  });
});

it('shows the whole of what all lives on', () => {
  const span = spanOf([{ fromMs: 0, toMs: 180_000, end: 'open' }]);
  expect(span).toEqual({ fromMs: 0, toMs: 180_000, isCut: false });
  expect(span && spanEndWords(span)).toBe('+ 3 min');
});

it('takes the end and the total of its own deallocation alone', () => {
  const event = {
    kind: 'domain-deallocated' as const,
    '@timestamp': at(0),
    event: { id: 'e', sequence: 1 },
    host: { id: 'h', boot: { id: 'b' } },
    landlock: { domain: { id: '12', denials: 5 } },
  };
  const live = domain({ status: 'live' });
  expect(withEnd(live, event)).toMatchObject({ status: 'gone', denials: { logged: 2, total: 5, unlogged: 3 } });
  expect(withEnd({ ...live, boot: 'c' }, event)).toEqual({ ...live, boot: 'c' });
  const odd = { ...event, landlock: { domain: { id: '12', denials: '18446744073709551615' } } };
  expect(withEnd(live, odd).denials).toEqual({ logged: 2 });
});
