// What the doctor says of kernels that this machine does not have.
import { describe, expect, it } from 'vitest';
import { type KernelFacts, kernelFindings } from '../../../src/collector/doctor/kernel-findings.ts';

const HEALTHY: KernelFacts = {
  kernelRelease: '7.3.4',
  landlockAbi: 11,
  landlockErrno: 'OK',
  config: 'CONFIG_SECURITY_LANDLOCK=y\nCONFIG_AUDIT=y\nCONFIG_AUDITSYSCALL=y\n',
  commandLine: 'quiet',
  modules: 'capability,landlock,yama',
};

const faults = (facts: Partial<KernelFacts>) =>
  kernelFindings({ ...HEALTHY, ...facts }).flatMap(({ check, state }) => (state === 'ok' ? [] : [`${state} ${check}`]));

describe('the kernel', () => {
  it('has no fault where everything is there', () => {
    expect(faults({})).toEqual([]);
  });

  it.each<readonly [string, Partial<KernelFacts>, readonly string[]]>([
    ['an old release', { kernelRelease: '6.12.0', landlockAbi: 6 }, ['fail kernel-version', 'fail landlock-abi']],
    ['an old ABI', { landlockAbi: 6 }, ['fail landlock-abi']],
    [
      'Landlock not enabled',
      { landlockAbi: undefined, landlockErrno: 'EOPNOTSUPP', modules: 'yama' },
      ['fail lsm-list', 'fail landlock-abi'],
    ],
    [
      'Landlock not enabled, and no list',
      { landlockAbi: undefined, landlockErrno: 'EOPNOTSUPP', modules: undefined },
      ['fail lsm-list', 'fail landlock-abi'],
    ],
    ['Landlock not built', { config: 'CONFIG_AUDIT=y\nCONFIG_AUDITSYSCALL=y\n' }, ['fail kernel-config']],
    ['audit off at boot', { commandLine: 'audit=1 audit=off' }, ['fail boot-parameters']],
    ['a small queue at boot', { commandLine: 'audit_backlog_limit=320' }, ['warn boot-parameters']],
    [
      'nothing readable',
      { config: undefined, commandLine: undefined },
      ['unknown kernel-config', 'unknown boot-parameters'],
    ],
  ])('is named for %s', (_, facts, expected) => {
    expect(faults(facts)).toEqual(expected);
  });

  it('takes the last of several boot parameters, as the kernel does', () => {
    expect(faults({ commandLine: 'audit=0 audit=1' })).toEqual([]);
    expect(faults({ commandLine: 'foo.audit=0 noaudit=0' })).toEqual([]);
  });
});
