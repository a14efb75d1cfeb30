// What a user was refused, in as few lines as possible.
import { expect, it } from 'vitest';
import { refusals } from '../../../web/state/refusals.ts';
import { denial } from '../../store/support/documents.ts';

it('tells the same refusal once, whichever process, domain and host it was of, in the words of the latest', () => {
  const denials = [
    denial({ n: 4, pid: 12, domain: 'b' }),
    denial({ n: 3, pid: 11, domain: 'a', path: '/etc/shadow' }),
    denial({ n: 2, pid: 11, domain: 'a' }),
    denial({ n: 1, pid: 10, domain: 'a', host: 'host-2' }),
  ];
  const found = refusals(denials);
  expect(found.map((one) => one.denials.map(({ event }) => event.sequence))).toEqual([[4, 2, 1], [3]]);
  expect(found[0]?.sentence).toBe(denials[0]?.event.reason);
});

it('keeps apart what differs in program, right, port, or whom it was aimed at', () => {
  const signal = (n: number, name: string) => {
    const plain = denial({ n });
    return { ...plain, landlock: { ...plain.landlock, target: { process: { pid: n, name } } } };
  };
  const denials = [
    denial({ n: 1 }),
    denial({ n: 2, program: '/usr/bin/dash' }),
    denial({ n: 3, blockers: ['fs.write_file'] }),
    denial({ n: 4, port: 443 }),
    denial({ n: 5, port: 80 }),
    signal(6, 'sshd'),
    signal(7, 'sshd'),
    signal(8, 'init'),
  ];
  expect(refusals(denials).map((one) => one.denials.length)).toEqual([1, 1, 1, 1, 1, 2, 1]);
});
