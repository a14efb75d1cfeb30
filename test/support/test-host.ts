// A machine of our own for tests: a network namespace with a link to this one that can be cut, and a machine id of its
// own. Needs root and iproute2.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestHost {
  /** Of this side of the link: where a server of ours is reached from there. */
  readonly gateway: string;
  /** Makes a command run there: see ProgramOptions. It is the two that follow. */
  readonly wrapper: readonly string[];
  /** In its network, with a name space of mounts of its own. */
  readonly network: readonly string[];
  /** As the machine that it is. */
  readonly machine: readonly string[];
  cut(): void;
  mend(): void;
  remove(): void;
}

/** `number`: 1 to 200, different for hosts of one test. `directory`: for its machine id. */
export function makeTestHost(directory: string, number: number): TestHost {
  const name = `tp${process.pid % 100_000}h${number}`;
  const [outer, inner] = [`${name}o`, `${name}i`];
  const net = `10.203.${number}`;
  const ip = (...argv: readonly string[]) => execFileSync('ip', argv, { stdio: 'pipe' });
  ip('netns', 'add', name);
  try {
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
    ip('addr', 'add', `${net}.1/24`, 'dev', outer);
    ip('link', 'set', outer, 'up');
    ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', inner);
    ip('-n', name, 'link', 'set', inner, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    ip('netns', 'delete', name);
    throw error;
  }
  const machineId = join(directory, `machine-id-${number}`);
  writeFileSync(machineId, `${randomBytes(16).toString('hex')}\n`);
  const script = 'mount --bind "$0" /etc/machine-id && exec "$@"';
  const network = ['ip', 'netns', 'exec', name];
  const machine = ['sh', '-c', script, machineId];
  return {
    gateway: `${net}.1`,
    wrapper: [...network, ...machine],
    network,
    machine,
    cut: () => ip('-n', name, 'link', 'set', inner, 'down'),
    mend: () => ip('-n', name, 'link', 'set', inner, 'up'),
    // The links go with it.
    remove: () => ip('netns', 'delete', name),
  };
}
