// Whether the kernel can log denials at all: its version, how it was built and booted, and the Landlock that it answers
// with. Reads a few files; everything else is decided from what they say.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { OperatingError } from '../../runtime/operating-error.ts';
import { LOGGING_ABI } from '../kernel/landlock-syscalls.ts';
import { checkKernel, readSurroundings, type Surroundings } from '../kernel/preflight.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

export interface KernelFacts extends Surroundings {
  /** `CONFIG_…` lines; undefined: not readable anywhere. */
  readonly config: string | undefined;
  /** /proc/cmdline */
  readonly commandLine: string | undefined;
  /** /sys/kernel/security/lsm */
  readonly modules: string | undefined;
}

const BACKLOG_LIMIT_MIN = 1_024;

export function readKernelFacts(): KernelFacts {
  const surroundings = readSurroundings();
  return {
    ...surroundings,
    config: readConfig(surroundings.kernelRelease),
    commandLine: readText('/proc/cmdline'),
    modules: readText('/sys/kernel/security/lsm'),
  };
}

/** In the order in which one would look. */
export function kernelFindings(facts: KernelFacts): readonly Finding[] {
  return [versionFinding(facts), configFinding(facts), bootFinding(facts), modulesFinding(facts), abiFinding(facts)];
}

function versionFinding({ kernelRelease }: KernelFacts): Finding {
  const check = 'kernel-version';
  try {
    // With a Landlock that is new enough, only the release can stand in the way.
    checkKernel({ kernelRelease, landlockAbi: LOGGING_ABI, landlockErrno: 'OK' });
  } catch (error) {
    if (error instanceof OperatingError) return fail(check, error.message, error.mend);
    throw error;
  }
  return ok(check, `Linux ${kernelRelease}: denials are logged since 6.15`);
}

function configFinding({ config }: KernelFacts): Finding {
  const check = 'kernel-config';
  if (config === undefined) return unknown(check, 'how this kernel was built is not readable', 'look at its package');
  const isSet = (name: string) => new RegExp(`^${name}=y$`, 'm').test(config);
  const missing = ['CONFIG_SECURITY_LANDLOCK', 'CONFIG_AUDIT', 'CONFIG_AUDITSYSCALL'].filter((name) => !isSet(name));
  if (missing.length > 0) {
    return fail(check, `this kernel was built without ${missing.join(', ')}`, 'boot a kernel that was built with it');
  }
  return ok(check, 'built with Landlock, audit and audit of system calls');
}

function bootFinding({ commandLine }: KernelFacts): Finding {
  const check = 'boot-parameters';
  if (commandLine === undefined) return unknown(check, '/proc/cmdline is not readable');
  // The last one counts, as for the kernel.
  const lastOf = (name: string) => commandLine.split(/\s+/).findLast((word) => word.startsWith(`${name}=`));
  const audit = lastOf('audit')?.slice('audit='.length);
  if (audit === '0' || audit === 'off') {
    return fail(
      check,
      `the kernel was booted with audit=${audit}`,
      'remove it from the kernel command line and reboot',
    );
  }
  const limit = lastOf('audit_backlog_limit')?.slice('audit_backlog_limit='.length);
  if (limit !== undefined && Number(limit) > 0 && Number(limit) < BACKLOG_LIMIT_MIN) {
    return warn(
      check,
      `the kernel was booted with audit_backlog_limit=${limit}: what comes beyond is lost before anybody listens`,
      'make it 8192 or more',
    );
  }
  const said = [...(audit === undefined ? [] : [`audit=${audit}`]), ...(limit ? [`audit_backlog_limit=${limit}`] : [])];
  return ok(check, said.length === 0 ? 'nothing about audit on the kernel command line' : said.join(' '));
}

function modulesFinding({ modules, landlockAbi, landlockErrno }: KernelFacts): Finding {
  const check = 'lsm-list';
  if (modules !== undefined && !modules.trim().split(',').includes('landlock')) {
    return fail(
      check,
      `Landlock is not among the security modules that were enabled at boot (${modules.trim()})`,
      'add landlock to lsm= on the kernel command line and reboot',
    );
  }
  if (modules !== undefined) return ok(check, `enabled at boot: ${modules.trim()}`);
  if (landlockAbi !== undefined) return ok(check, 'Landlock answers, so it is enabled; the list itself is not mounted');
  if (landlockErrno === 'EOPNOTSUPP') {
    return fail(check, 'Landlock is built in, but not enabled (EOPNOTSUPP)', 'add landlock to lsm= and reboot');
  }
  return unknown(check, '/sys/kernel/security/lsm is not readable', 'mount -t securityfs none /sys/kernel/security');
}

function abiFinding(facts: KernelFacts): Finding {
  const check = 'landlock-abi';
  try {
    return ok(check, `Landlock ABI ${checkKernel({ ...facts, kernelRelease: '' })}`);
  } catch (error) {
    if (error instanceof OperatingError) return fail(check, error.message, error.mend);
    throw error;
  }
}

function readConfig(release: string): string | undefined {
  try {
    return gunzipSync(readFileSync('/proc/config.gz')).toString('utf8');
  } catch {
    return readText(`/boot/config-${release}`) ?? readText(`/lib/modules/${release}/config`);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
