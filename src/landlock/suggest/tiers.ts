// How gladly a rule is suggested: never, only when asked for by name, or as a matter of course.
import { type BytePath, shownPath } from './byte-path.ts';
import type { PathRule, PortRule, Rule } from './rules.ts';
import { secretBeneath, secretReason } from './sensitive-paths.ts';

/** `guarded`: a rule that can give away more than it seems; it takes a person to say that it is wanted. */
export type Tier = 'normal' | 'guarded' | 'never';

export interface Verdict {
  readonly tier: Tier;
  /** Why it is not a matter of course. */
  readonly reason?: string;
}

const NORMAL: Verdict = { tier: 'normal' };

function guarded(reason: string): Verdict {
  return { tier: 'guarded', reason };
}

/** Rights that change what is there. */
const CHANGING = /^(write_file|truncate|remove_|make_|refer)/;

const SYSTEM = /^\/(etc|usr|bin|sbin|lib(32|64|x32)?|boot|sys|proc|dev)(\/|$)/;
const SCHEDULED = /^\/(var\/spool\/cron|var\/spool\/at|lib\/systemd|run\/systemd)(\/|$)/;
const STARTED_AT_LOGIN =
  /\/(\.bashrc|\.bash_profile|\.bash_login|\.profile|\.zshrc|\.zprofile|\.zshenv|\.config\/(autostart|systemd|fish|environment\.d)|\.local\/bin|\.git\/hooks|\.gitconfig|\.pam_environment)(\/|$)/;
const WRITABLE_BY_ALL = /^\/(tmp|var\/tmp|dev\/shm|run\/user\/[^/]+)(\/|$)/;
const SERVICE_SOCKETS =
  /\/(docker\.sock|containerd\.sock|crio\.sock|podman\.sock|libvirt-sock|system_bus_socket|snapd\.socket|private|agent\.\d+)$|^\/run\/(docker|containerd|libvirt|systemd)\//;
const HARMLESS_DEVICES = /^\/dev\/(null|zero|full|random|urandom|tty|console|ptmx|pts\/\d+|fuse)$/;
const TOP_DIRECTORIES = /^\/([^/]*|home\/[^/]+|var\/[^/]+|usr\/[^/]+|run\/user\/[^/]+)$/;

function ofDirectory({ path, rights }: PathRule): Verdict {
  const secret = secretBeneath(path);
  const names = rights.map(({ name }) => name).join(', ');
  if (secret !== undefined && rights.some(({ short }) => short !== 'read_dir')) {
    return guarded(`${names} would hold for ${secret} too, which lies beneath ${shownPath(path)}`);
  }
  return NORMAL;
}

function ofPath(rule: PathRule): Verdict {
  const { path, rights, isDirectory } = rule;
  const secret = secretReason(path);
  if (secret !== undefined) return { tier: 'never', reason: secret };
  const changes = rights.filter(({ short }) => CHANGING.test(short));
  const has = (short: string) => rights.some((right) => right.short === short);
  if (changes.length > 0) {
    if (STARTED_AT_LOGIN.test(path)) return guarded('what is written there runs later, outside of the sandbox');
    if (SCHEDULED.test(path)) return guarded('what is written there runs later, outside of the sandbox');
    if (SYSTEM.test(path) && !HARMLESS_DEVICES.test(path)) return guarded('it changes the system itself');
  }
  if (has('execute') && WRITABLE_BY_ALL.test(path))
    return guarded('others can write there what would then be executed');
  if (has('resolve_unix') && SERVICE_SOCKETS.test(path)) {
    return guarded('a service listens there that does things for its callers, outside of the sandbox');
  }
  if (has('ioctl_dev') && !HARMLESS_DEVICES.test(path)) return guarded('it commands a device');
  if (!isDirectory) return NORMAL;
  const verdict = ofDirectory(rule);
  if (verdict.tier !== 'normal') return verdict;
  return TOP_DIRECTORIES.test(path) && rights.some(({ short }) => short !== 'read_dir')
    ? guarded(`everything beneath ${shownPath(path)} is much`)
    : NORMAL;
}

/** Services that give whoever reaches them more than a connection. */
const SERVICES: ReadonlyMap<number, string> = new Map([
  [22, 'SSH: a way to other machines'],
  [25, 'mail'],
  [2375, 'the Docker API, without a password'],
  [2376, 'the Docker API'],
  [2379, 'etcd'],
  [6443, 'the Kubernetes API'],
  [10250, 'the kubelet'],
]);
const METADATA = /^(169\.254\.169\.254|fd00:ec2::254)$/;

function ofPort({ port, rights }: PortRule, addresses: readonly string[]): Verdict {
  const isConnect = rights.some(({ short }) => short.startsWith('connect_'));
  if (!isConnect) return NORMAL;
  if (addresses.some((address) => METADATA.test(address)))
    return guarded('that is where a cloud hands out the credentials of the machine');
  const service = SERVICES.get(port);
  return service === undefined ? NORMAL : guarded(`port ${port} is ${service}`);
}

/** How a rule is to be taken. `addresses`: those that were meant with a port. */
export function verdictOn(rule: Rule, addresses: readonly string[] = []): Verdict {
  return rule.kind === 'path' ? ofPath(rule) : ofPort(rule, addresses);
}

/** For people: `fs.read_file, fs.execute on /srv/x`. */
export function ruleText(rule: Rule): string {
  const names = rule.rights.map(({ name }) => name).join(', ');
  return `${names} on ${rule.kind === 'path' ? placeText(rule.path, rule.isDirectory) : `port ${rule.port}`}`;
}

/** A directory with a slash at its end. */
export function placeText(path: BytePath, isDirectory: boolean): string {
  return isDirectory && path !== '/' ? `${shownPath(path)}/` : shownPath(path);
}
