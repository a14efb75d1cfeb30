// Whom a typed name means, and what users are called.
import { expect, it } from 'vitest';
import type { Top } from '../../../src/api/schemas/stats.ts';
import { hasStranger, nameOf, uidOf, userName, withUserNames } from '../../../web/state/user-names.ts';

it('calls a user by a name only if that name leads back to the user', () => {
  const users = [
    { uid: 1000, names: [{ name: 'alice' }] },
    { uid: 1001, names: [{ name: 'alice' }] },
    { uid: 1002, names: [{ name: '1000' }] },
    { uid: 1003 },
  ];
  expect(['1000', '1001', '1002', '1003', '4'].map((uid) => nameOf(uid, users))).toEqual([
    'alice',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

it('knows whom a typed name or number means', () => {
  const users = [{ uid: 1000, names: [{ name: 'alice' }] }, { uid: 7 }];
  expect([uidOf('alice', users), uidOf(' 12 ', users), uidOf('__proto__', users)]).toEqual(['1000', '12', undefined]);
});

it('calls a user by all that hosts call it, with its number, and by the number alone where no name may be seen', () => {
  const users = [
    { uid: 0, names: [{ name: 'root' }] },
    { uid: 1000, names: ['alice', 'bob', 'carol', 'dave'].map((name) => ({ name })) },
    { uid: 33 },
  ];
  expect(['0', '1000', '33', '4'].map((uid) => userName(uid, users))).toEqual([
    'root (0)',
    'alice, bob, carol, … (1000)',
    'uid 33',
    'uid 4',
  ]);
});

it('names the users of a count, and says when one of them is not known yet', () => {
  const top: Top = {
    by: 'user',
    from: '2026-03-01T00:00:00.000Z',
    to: '2026-03-02T00:00:00.000Z',
    data: [{ value: '0', denials: 3 }],
    values: 1,
    others: 0,
    counted_from: 'denials',
    malformed: 0,
    lost: [],
    unlogged: 0,
  };
  const users = [{ uid: 0, names: [{ name: 'root' }] }];
  expect(withUserNames(top, users).data).toEqual([{ value: '0', denials: 3, label: 'root (0)' }]);
  expect([hasStranger(top), hasStranger(top, users)]).toEqual([true, false]);
});
