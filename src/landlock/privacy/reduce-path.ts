// A path for people who may know what is installed, but not whose machine it is: files of packages keep their path,
// as a template; of all others only the kind of place is told.
import { pathTemplate } from '../templates/path-template.ts';

/** Whether a package of the distribution owns the file: such a path is the same on every machine that has it. */
export type IsPackaged = (path: string) => boolean;

/** First directories and what kind of place they are; the longest that fits counts. */
const PLACES: readonly (readonly [prefix: string, place: string])[] = [
  ['/home', '<home>'],
  ['/root', '<home>'],
  ['/var/home', '<home>'],
  ['/run/user', '<user runtime>'],
  ['/run', '<runtime>'],
  ['/tmp', '<temporary>'],
  ['/var/tmp', '<temporary>'],
  ['/dev/shm', '<temporary>'],
  ['/dev', '<devices>'],
  ['/proc', '<processes>'],
  ['/sys', '<kernel>'],
  ['/etc', '<configuration>'],
  ['/var', '<state>'],
  ['/srv', '<data>'],
  ['/mnt', '<mounts>'],
  ['/media', '<mounts>'],
  ['/usr/local', '<local software>'],
  ['/opt', '<local software>'],
  ['/usr', '<software>'],
  ['/bin', '<software>'],
  ['/sbin', '<software>'],
  ['/lib', '<software>'],
  ['/lib64', '<software>'],
  ['/nix/store', '<software>'],
  ['/gnu/store', '<software>'],
];
const ELSEWHERE = '<elsewhere>';

const KINDS = new Set([ELSEWHERE, ...PLACES.map(([, place]) => place)]);

/** Whether it is a kind of place already, as `reducePath` answers it. */
export function isPlace(path: string): boolean {
  return KINDS.has(path);
}

/** The path's template where a package owns it, otherwise its kind of place. */
export function reducePath(path: string, isPackaged: IsPackaged): string {
  if (isPlace(path)) return path;
  if (isPackaged(path)) return pathTemplate(path).template;
  let [longest, found] = ['', ELSEWHERE];
  for (const [prefix, place] of PLACES) {
    const isBelow = path === prefix || path.startsWith(`${prefix}/`);
    if (isBelow && prefix.length > longest.length) [longest, found] = [prefix, place];
  }
  return found;
}
