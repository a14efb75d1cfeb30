// What was refused, in a few characters: for tables and for formats that have one column for it.
import type { Denial, Endpoint } from '../../landlock/document.ts';

/** A path, an address, a process or a name; empty where the record names nothing. Not escaped. */
export function objectText(denial: Denial): string {
  const { file, landlock } = denial;
  const endpoint = denial.destination ?? denial.source ?? landlock.object.bound;
  if (file?.path !== undefined || file?.name !== undefined) {
    return file.path ?? file.name ?? '';
  }
  if (endpoint !== undefined) {
    return endpointText(endpoint);
  }
  if (landlock.target !== undefined) {
    const { pid, name } = landlock.target.process;
    return `${name ?? 'process'}${pid === undefined ? '' : ` (${pid})`}`;
  }
  return landlock.object.name ?? landlock.object.capability?.name ?? landlock.object.namespace?.type ?? '';
}

function endpointText({ ip, port }: Endpoint): string {
  const host = ip?.includes(':') ? `[${ip}]` : (ip ?? '');
  return port === undefined ? host : `${host}:${port}`;
}
