import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { UserNames } from '../../../src/collector/attribution/user-names.ts';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'toor:x:0:0::/root:/bin/sh',
  'ann:x:1000:1000:Ann,,,:/home/ann:/bin/sh',
  '# a comment',
  '+::::::',
  `${'x'.repeat(65)}:x:1001:1001::/:/bin/sh`,
  ':x:1002:1002::/:/bin/sh',
].join('\n');

function names(system = '') {
  const asked: (readonly number[])[] = [];
  const clock = { ms: 0 };
  const users = new UserNames(
    {
      readPasswd: async () => PASSWD,
      askSystem: async (uids) => {
        asked.push(uids);
        return system;
      },
    },
    () => clock.ms,
  );
  return { users, asked, clock };
}

it('knows the users that were seen, and no others', async () => {
  const { users, asked } = names('eve:*:5000:5000::/home/eve:/bin/sh\nmallory:*:6000:6000::/:/bin/sh\n');
  for (const id of ['1000', '0', '5000', '1000', undefined, 'nobody', '-1', '1e3', '__proto__', '99999999999']) {
    users.see(id);
  }
  await users.refresh();
  expect(users.known).toEqual([
    { uid: 1000, name: 'ann' },
    { uid: 0, name: 'root' },
    { uid: 5000, name: 'eve' },
  ]);
  expect(asked).toEqual([[5000]]);
});

it('asks again about the unknown once a minute, and about new ones at once', async () => {
  const { users, asked, clock } = names();
  users.see('1001');
  users.see('1002');
  await users.refresh();
  await users.refresh();
  expect(asked).toEqual([[1001, 1002]]);
  users.see('77');
  await users.refresh();
  expect(asked).toHaveLength(2);
  clock.ms = 60_000;
  await users.refresh();
  expect(asked).toHaveLength(3);
  expect(users.known).toEqual([]);
});

it('asks for so many and no more', async () => {
  const { users, asked } = names();
  for (let uid = 10_000; uid < 12_000; uid += 1) users.see(String(uid));
  await users.refresh();
  expect(asked[0]).toHaveLength(32);
  users.see('0');
  await users.refresh();
  expect(users.known).toEqual([]);
});

it('is not bothered by what cannot be read, and knows whoever runs this', async () => {
  const broken = new UserNames({
    readPasswd: () => Promise.reject(new Error('no')),
    askSystem: () => Promise.reject(new Error('no')),
  });
  broken.see('0');
  await expect(broken.refresh()).resolves.toBeUndefined();
  const real = new UserNames();
  real.see(String(userInfo().uid));
  real.see('4000000000');
  await real.refresh();
  expect(real.known).toEqual([{ uid: userInfo().uid, name: userInfo().username }]);
});
