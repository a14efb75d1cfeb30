import { expect, it } from 'vitest';
import type { Denial } from '../../../src/api/schemas/document.ts';
import { endpointText, objectText, programText, userText } from '../../../web/state/denial-words.ts';
import { makeDenial } from '../../e2e/support/canned-answers.ts';

function bare(changes: Partial<Denial>): Denial {
  const { file: _file, destination: _destination, process: _process, user: _user, ...rest } = makeDenial(0, 0);
  return { ...rest, ...changes };
}

function landlock(changes: Partial<Denial['landlock']>): Denial {
  return bare({ landlock: { ...makeDenial(0, 0).landlock, ...changes } });
}

it('names the object by the best that the record has', () => {
  expect(objectText(bare({ file: { path: '/etc/x', inode: '3' } }))).toBe('/etc/x');
  expect(objectText(bare({ file: { inode: '3', device: 'vda2' } }))).toBe('inode 3 on vda2');
  expect(objectText(bare({ destination: { port: 80 } }))).toBe('port 80');
  expect(objectText(landlock({ object: { kind: 'socket', name: '@x' } }))).toBe('@x');
  expect(objectText(landlock({ target: { process: { pid: 1, name: 'init' } } }))).toBe('init (1)');
  expect(objectText(landlock({ object: { kind: 'capability', capability: { number: 21 } } }))).toBe('capability 21');
  expect(objectText(landlock({ object: { kind: 'namespace', namespace: { type: 'user' } } }))).toBe('user namespace');
  expect(objectText(bare({}))).toBe('');
});

it('writes addresses as people do', () => {
  expect([endpointText({ ip: '::1', port: 80 }), endpointText({ ip: '127.0.0.1' }), endpointText({})]).toEqual([
    '[::1]:80',
    '127.0.0.1',
    '',
  ]);
});

it('names the program by name, by the end of its path, or by its number', () => {
  expect(programText(bare({ process: { name: 'sh', executable: '/usr/bin/bash' } }))).toBe('sh');
  expect(programText(bare({ process: { executable: '/usr/bin/bash' } }))).toBe('bash');
  expect(programText(bare({ process: { pid: 7 } }))).toBe('7');
  expect(programText(bare({}))).toBe('');
});

it('tells the acting user from the one who had logged in', () => {
  expect(userText(bare({ user: { id: '0', audit: { id: '1000' } } }))).toBe('0 (login 1000)');
  expect(userText(bare({ user: { id: '1000', audit: { id: '1000' } } }))).toBe('1000');
  expect(userText(bare({ user: { audit: { id: '5' } } }))).toBe('(login 5)');
  expect(userText(bare({}))).toBe('');
});
