// Places that are more than files: secrets, other processes, the machine itself. Text patterns on paths; what lies behind
// links is not known.

/** Parts of paths that hold secrets. */
const SECRET_PARTS = [
  '/.ssh/',
  '/.gnupg/',
  '/.aws/',
  '/.azure/',
  '/.kube/',
  '/.password-store/',
  '/.config/gcloud/',
  '/.config/gh/',
  '/.local/share/keyrings/',
  '/.docker/config.json/',
  '/.netrc/',
  '/.pgpass/',
  '/.git-credentials/',
  '/.vault-token/',
  '/etc/ssl/private/',
  '/etc/pki/private/',
  '/etc/pki/tls/private/',
  '/etc/wireguard/',
  '/etc/sudoers.d/',
  '/var/run/secrets/',
  '/run/secrets/',
];

/** Files and directories; what lies beneath them too. */
const SECRET_PATHS = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/sudoers',
  '/etc/security/opasswd',
  '/etc/krb5.keytab',
  '/dev/mem',
  '/dev/kmem',
  '/dev/port',
  '/proc/kcore',
  '/proc/sysrq-trigger',
  '/sys/kernel/debug',
  '/sys/kernel/tracing',
  '/sys/kernel/security',
  '/sys/firmware/efi/efivars',
  '/var/lib/systemd/credential.secret',
];

/** Names of private keys. */
const KEY_NAMES = /\/(id_(rsa|dsa|ecdsa|ed25519)(_sk)?|ssh_host_\w+_key|[^/]*\.(key|p12|pfx|keystore|jks))$/;
/** What of a process gives it away, or over. */
const PROCESS_FILES =
  /^\/proc\/[^/]+\/(task\/[^/]+\/)?(mem|environ|auxv|maps|smaps|pagemap|stack|syscall|root|cwd|fd|map_files)(\/|$)/;
/** Whole disks and their parts. */
const DISKS = /^\/dev\/(sd|hd|vd|xvd|nvme|mmcblk|dm-|md|loop|ram|zram|nbd|sr)[^/]*$|^\/dev\/(mapper|disk|block)\//;

/** Why something of this path is never to be allowed by a suggestion; undefined where nothing speaks against it. */
export function secretReason(path: string): string | undefined {
  const within = `${path}/`;
  if (
    SECRET_PATHS.some((secret) => within.startsWith(`${secret}/`)) ||
    SECRET_PARTS.some((part) => within.includes(part))
  )
    return 'it holds secrets, or opens the way to the whole machine';
  if (KEY_NAMES.test(path)) return 'by its name it is a private key';
  if (PROCESS_FILES.test(path)) return 'it reaches into the memory, the environment or the files of a process';
  if (DISKS.test(path)) return 'it is a whole disk, beneath all permissions of files';
  return undefined;
}

/** A place whose secrets would be within reach of a rule on `directory`; undefined where none is known. */
export function secretBeneath(directory: string): string | undefined {
  const start = directory === '/' ? '/' : `${directory}/`;
  const known = SECRET_PATHS.find((secret) => secret.startsWith(start));
  if (known !== undefined) return known;
  const part = SECRET_PARTS.find((secret) => secret.startsWith('/etc/') && secret.startsWith(start));
  if (part !== undefined) return part.slice(0, -1);
  if (directory === '/' || directory === '/root' || /^\/home(\/[^/]+)?$/.test(directory))
    return '.ssh in a home directory';
  if (directory === '/proc') return '/proc/PID/mem';
  return undefined;
}
