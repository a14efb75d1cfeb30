// Which unit of systemd and which container a process is in, from the path of its control group. Pure. The path of a
// system unit is systemd's; what is below a user's own manager is named by that user.
import type { Denial } from '../../landlock/document.ts';

export type CgroupPlace = Pick<Denial, 'systemd' | 'container'>;

const COMPONENTS_MAX = 64;
/** systemd.unit(5): the characters and the length of names. */
const UNIT = /^[A-Za-z0-9:_.\\@-]{1,248}\.(?:service|scope|socket|mount|swap)$/;
const SLICE = /\.slice$/;
/** The manager of a user's own units. */
const USER_MANAGER = /^user@[0-9]+\.service$/;
/** docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope, or the bare id. */
const CONTAINER = /(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$/;

export function placeOfCgroup(path: string): CgroupPlace {
  // systemd writes "_" before a name that the kernel would take for a file of its own.
  const components = path
    .split('/', COMPONENTS_MAX)
    .filter((component) => component !== '')
    .map((component) => component.replace(/^_/, ''));
  const systemd = unitsOf(components);
  const container = components.findLast((component) => CONTAINER.test(component));
  const id = container === undefined ? undefined : CONTAINER.exec(container)?.[1];
  return { ...(systemd && { systemd }), ...(id !== undefined && { container: { id } }) };
}

function unitsOf(components: readonly string[]): CgroupPlace['systemd'] {
  const at = components.findIndex((component) => !SLICE.test(component));
  const unit = components[at];
  if (unit === undefined || !UNIT.test(unit)) return undefined;
  if (!USER_MANAGER.test(unit)) return { unit };
  const own = components.slice(at + 1).find((component) => !SLICE.test(component));
  return own !== undefined && UNIT.test(own) ? { unit, user_unit: own } : { unit };
}
