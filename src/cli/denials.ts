// `trespass denials`.
import type { Denial } from '../landlock/document.ts';
import { listCommand } from './list-command.ts';

export const denialsCommand = listCommand({
  name: 'denials',
  summary: 'list refused accesses, newest first',
  explanation: 'Lists refused accesses, newest first: when, where, who, what was missing, and for what.',
  columns: [
    { title: 'TIME', value: (denial) => denial['@timestamp'] },
    { title: 'HOST', widthMax: 20, value: (denial) => denial.host.name ?? denial.host.id },
    { title: 'PROGRAM', widthMax: 32, value: programOf },
    { title: 'PID', align: 'right', value: (denial) => String(denial.process?.pid ?? '') },
    { title: 'DOMAIN', value: (denial) => denial.landlock.domain.id },
    { title: 'BLOCKERS', widthMax: 40, value: (denial) => denial.landlock.blockers.join(',') },
    { title: 'OBJECT', value: objectOf },
  ],
  key: (denial) => denial.event.id,
});

function programOf(denial: Denial): string {
  return denial.process?.executable ?? denial.process?.name ?? '';
}

/** What was refused, in one cell. */
export function objectOf(denial: Denial): string {
  const { file, destination, source, landlock } = denial;
  const endpoint = destination ?? source ?? landlock.object.bound;
  if (file?.path !== undefined || file?.name !== undefined) {
    return file.path ?? file.name ?? '';
  }
  if (endpoint !== undefined) {
    const ip = endpoint.ip?.includes(':') ? `[${endpoint.ip}]` : (endpoint.ip ?? '');
    return endpoint.port === undefined ? ip : `${ip}:${endpoint.port}`;
  }
  if (landlock.target !== undefined) {
    const { pid, name } = landlock.target.process;
    return `${name ?? 'process'}${pid === undefined ? '' : ` (${pid})`}`;
  }
  return landlock.object.name ?? landlock.object.capability?.name ?? landlock.object.namespace?.type ?? '';
}
