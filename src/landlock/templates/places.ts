// Places in the file system whose names are known to vary: homes, processes, devices, layers of containers. A tree of
// names, built once from the list below.
import { ALNUM, areAll, DIGIT, endOfRun, HEX, kindAt } from './characters.ts';
import { markOf, type TemplateRule } from './marks.ts';
import type { NamePlace } from './name-template.ts';

/** A directory of the tree. */
export interface Place {
  readonly children: Map<string, Place>;
  /** What children of other names are. */
  any: { readonly rule: TemplateRule | undefined; readonly next: Place } | undefined;
  /** How names in it that the tree does not know are read. */
  names: NamePlace;
  /** Whether that holds for everything below too. */
  isDeep: boolean;
}

function isNumber(name: string): boolean {
  return name.length <= 20 && areAll(name, 0, name.length, DIGIT);
}

function isRange(name: string): boolean {
  const dash = endOfRun(name, 0, HEX, 16);
  return name.charAt(dash) === '-' && dash > 0 && areAll(name, dash + 1, Math.max(1, name.length - dash - 1), HEX);
}

function isRevision(name: string): boolean {
  return isNumber(name.startsWith('x') ? name.slice(1) : name);
}

function isNumbers(name: string): boolean {
  return name.length <= 20 && areAll(name, 0, 1, DIGIT) && /^[\d.]+$/.test(name);
}

/** Layers: 64 hexadecimal digits, 25 letters and digits, with `-init` behind. */
function isLayer(name: string): boolean {
  return name.length >= 20 && areAll(name, 0, 20, ALNUM);
}

const ACCEPTS: Partial<Record<TemplateRule, (name: string) => boolean>> = {
  home: () => true,
  user: () => true,
  pid: isNumber,
  tid: isNumber,
  fd: isNumber,
  n: isNumber,
  range: isRange,
  revision: isRevision,
  release: (name) => kindAt(name, 0) === DIGIT,
  version: isNumbers,
  id: isLayer,
};

/** Whether a name is what this rule replaces as a whole; its mark is. */
export function isAccepted(rule: TemplateRule, name: string): boolean {
  return name === markOf(rule) || ACCEPTS[rule]?.(name) === true;
}

/**
 * `{rule}` stands for a name that the rule replaces, `?` for any that is kept, `a|b` for either, `@` for the root of
 * another file system. After a blank: how other names in the last directory are read; `**` for those below too.
 */
const LIST: readonly string[] = [
  '/home/{home}',
  '/var/home/{home}',
  '/export/home/{home}',
  '/run/user/{user} temporary',
  '/var/run/user/{user} temporary',
  '/run/media/{user}',
  '/run/sudo/ts/{user}',
  '/var/mail/{user}',
  '/var/spool/mail/{user}',
  '/var/spool/cron/crontabs/{user}',
  '/var/lib/AccountsService/users|icons/{user}',

  '/proc/self|thread-self|{pid}/fd|fdinfo/{fd}',
  '/proc/self|thread-self|{pid}/map_files/{range}',
  '/proc/self|thread-self|{pid}/root|cwd/@',
  '/proc/self|thread-self|{pid}/task/{tid}/fd|fdinfo/{fd}',
  '/proc/self|thread-self|{pid}/task/{tid}/root|cwd/@',
  '/proc/irq/{n}',

  '/tmp temporary',
  '/var/tmp temporary',
  '/dev/shm temporary',
  '/run/lock temporary',
  '/tmp/.X11-unix numbered',
  '/tmp/?/tmp temporary',
  '/var/tmp/?/tmp temporary',

  '/dev numbered**',
  '/dev/shm temporary',
  '/dev/mapper',
  '/dev/disk',
  '/sys/devices numbered**',
  '/sys/class numbered**',
  '/sys/block numbered**',
  '/sys/dev numbered**',
  '/sys/fs/cgroup numbered**',
  '/sys/bus/?/devices numbered**',

  '/run/systemd/sessions|users|inhibit|machines|transient|netif|journal numbered**',
  '/run/udev/data|links|tags|watch numbered**',
  '/var/lib/systemd/coredump numbered',
  '/var/crash numbered',
  '/var/log numbered**',

  '/lib/modules/{release}',
  '/usr/lib/modules/{release}',
  '/usr/lib|libexec/gcc/?/{version}',
  '/usr/lib/postgresql|php|erlang|R/{version}',
  '/var/lib/postgresql|pgsql/{version}',
  '/etc/postgresql|php/{version}',
  '/usr/lib versions',
  '/usr/lib/jvm versions',
  '/nix/store store',
  '/gnu/store store',

  '/snap/?/{revision}',
  '/var/snap/?/{revision}',
  '/var/lib/snapd/snaps versions',
  '~/snap/?/{revision}',
  '~/.mozilla/firefox profile',
  '~/.cache/mozilla/firefox profile',
  '~/.thunderbird profile',
  '~/.local/share/containers/storage/overlay/{id}/merged|diff/@',

  '/var/lib/docker/overlay2/{id}/merged|diff/@',
  '/var/lib/containers/storage/overlay/{id}/merged|diff/@',
  '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/{n}/fs/@',
  '/run/containerd/io.containerd.runtime.v2.task/?/{id}/rootfs/@',
  '/run/user/{user}/.flatpak/{n}',
];

function newPlace(): Place {
  return { children: new Map(), any: undefined, names: 'plain', isDeep: false };
}

/** The directories that one part of a pattern leads to from `place`. */
function follow(place: Place, part: string): Place[] {
  if (part.startsWith('{') || part === '?') {
    const rule = part === '?' ? undefined : (part.slice(1, -1) as TemplateRule);
    place.any ??= { rule, next: newPlace() };
    if (place.any.rule !== rule) throw new Error(`two rules for one place: ${part}`);
    return [place.any.next];
  }
  const child = place.children.get(part) ?? newPlace();
  place.children.set(part, child);
  return [child];
}

const HOMES = ['/home/{home}', '/var/home/{home}', '/root'];

function addPattern(root: Place, pattern: string, names: string): void {
  const parts = pattern.split('/').slice(1);
  let places = [root];
  for (const [index, part] of parts.entries()) {
    const alternatives = part.split('|');
    if (parts[index + 1] === '@') {
      for (const place of places) for (const name of alternatives) place.children.set(name, root);
      return;
    }
    places = places.flatMap((place) => alternatives.flatMap((alternative) => follow(place, alternative)));
  }
  for (const place of places) {
    if (names === '') continue;
    place.isDeep = names.endsWith('**');
    place.names = names.replace('**', '') as NamePlace;
  }
}

function buildPlaces(): Place {
  const root = newPlace();
  for (const line of LIST) {
    const [pattern = '', names = ''] = line.split(' ');
    if (!pattern.startsWith('~')) addPattern(root, pattern, names);
    else for (const home of HOMES) addPattern(root, home + pattern.slice(1), names);
  }
  return root;
}

/** The root directory. */
export const ROOT: Place = buildPlaces();
