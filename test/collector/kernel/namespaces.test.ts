import { describe, expect, it } from 'vitest';
import { checkNamespaces, type NamespaceReader } from '../../../src/collector/kernel/namespaces.ts';
import { OperatingError } from '../../../src/runtime/operating-error.ts';

const first: NamespaceReader = (path) => {
  if (path.endsWith('user')) return 'user:[4026531837]';
  return path.endsWith('pid') ? 'pid:[4026531836]' : 'net:[4026531840]';
};

function refusalOf(read: NamespaceReader): unknown {
  try {
    checkNamespaces(read);
    return undefined;
  } catch (error) {
    return error instanceof OperatingError ? [error.code, error.exitCode] : error;
  }
}

describe('the check of the namespaces', () => {
  it('lets the first ones pass', () => {
    expect(refusalOf(first)).toBeUndefined();
  });

  it.each([
    ['user', '/proc/self/ns/user'],
    ['pid', '/proc/self/ns/pid'],
    ['network', '/proc/self/ns/net'],
  ])('refuses a %s namespace of our own', (kind, where) => {
    const refusal = refusalOf((path) => (path === where ? 'other:[1]' : first(path)));
    expect(refusal).toEqual([`${kind}-namespace`, 4]);
  });

  it.each(['/proc/1/ns/net', '/proc/2/ns/net'])(
    'compares with the other one where %s may not be looked at',
    (hidden) => {
      const own = (path: string) => (path === '/proc/self/ns/net' ? 'net:[1]' : first(path));
      expect(refusalOf((path) => (path === hidden ? undefined : own(path)))).toEqual(['network-namespace', 4]);
    },
  );

  it('believes the kernel more than init, which may be elsewhere', () => {
    expect(refusalOf((path) => (path === '/proc/1/ns/net' ? 'net:[1]' : first(path)))).toBeUndefined();
  });

  it('trusts what may not be looked at', () => {
    expect(refusalOf(() => undefined)).toBeUndefined();
  });
});
