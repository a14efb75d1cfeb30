// Which machine and which boot this is. The machine's id itself never leaves it: what others see is a keyed hash.
import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, hostname, release } from 'node:os';
import { join } from 'node:path';

export interface HostIdentity {
  /** 32 hex digits: HMAC-SHA256(machine id, "trespass"), or random and kept where there is no machine id. */
  readonly id: string;
  readonly name: string;
  readonly bootId: string;
  /** uname -r. */
  readonly kernel: string;
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** PRETTY_NAME of os-release. */
  readonly distribution?: string;
}

const MACHINE_ID_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
const ID_FILE = 'host-id';
const HOST_ID = /^[0-9a-f]{32}$/;

/** `keepIn`: a directory of ours, where a random id is kept if the machine has none. */
export function readHostIdentity(keepIn: string): HostIdentity {
  const distribution = readDistribution();
  return {
    id: readHostId(keepIn),
    name: hostname(),
    bootId: readBootId(),
    kernel: release(),
    arch: arch(),
    ...(distribution !== undefined && { distribution }),
  };
}

/** For a host that tells nobody what it is called: its id is a keyed hash already. */
export function withoutName(identity: HostIdentity): HostIdentity {
  return { ...identity, name: `host-${identity.id.slice(0, 8)}` };
}

/** The public id of the machine with that machine-id(5). */
export function hostIdOf(machineId: string): string {
  return createHmac('sha256', machineId).update('trespass').digest('hex').slice(0, 32);
}

/** Of the kernel: random, new each boot. */
export function readBootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown-boot';
}

/** Whether the machine has a machine-id(5): without one a directory of ours keeps an id. */
export function hasMachineId(): boolean {
  return readMachineId() !== undefined;
}

function readMachineId(): string | undefined {
  for (const path of MACHINE_ID_FILES) {
    const machineId = readText(path)?.trim();
    if (machineId !== undefined && HOST_ID.test(machineId)) return machineId;
  }
  return undefined;
}

function readHostId(keepIn: string): string {
  const machineId = readMachineId();
  if (machineId !== undefined) return hostIdOf(machineId);
  const kept = readText(join(keepIn, ID_FILE))?.trim();
  if (kept !== undefined && HOST_ID.test(kept)) return kept;
  const made = randomBytes(16).toString('hex');
  mkdirSync(keepIn, { recursive: true, mode: 0o700 });
  writeFileSync(join(keepIn, ID_FILE), `${made}\n`, { mode: 0o600, flush: true });
  return made;
}

function readDistribution(): string | undefined {
  const text = readText('/etc/os-release') ?? readText('/usr/lib/os-release');
  return text === undefined ? undefined : /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
