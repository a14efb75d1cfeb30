import { expect, it } from 'vitest';
import { lostRecords } from '../../web/state/lost-records.ts';

it('adds what has nothing in common', () => {
  expect(
    lostRecords([
      { cause: 'kernel-lost', count: 100 },
      { cause: 'serial-gap', count: 2177 },
      { cause: 'torn-event', count: 2 },
    ]),
  ).toBe(2279);
});

it('counts records once that two causes tell of', () => {
  expect(
    lostRecords([
      { cause: 'serial-gap', count: 50 },
      { cause: 'queue-overflow', count: 40 },
    ]),
  ).toBe(50);
  expect(lostRecords([{ cause: 'rate-limit', count: 7 }])).toBe(7);
});

it('takes overruns for no records, but never says that nothing is lost', () => {
  expect(
    lostRecords([
      { cause: 'socket-overrun', count: 4 },
      { cause: 'serial-gap', count: 9 },
    ]),
  ).toBe(9);
  expect(lostRecords([{ cause: 'socket-overrun', count: 4 }])).toBe(1);
  expect(lostRecords([])).toBe(0);
});

it('counts what nobody watched beside what was lost on the way', () => {
  expect(
    lostRecords([
      { cause: 'serial-gap', count: 5 },
      { cause: 'not-watched', count: 40 },
    ]),
  ).toBe(45);
});
