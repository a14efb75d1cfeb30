// `trespass denials`.
import { EXPORT_FORMATS } from '../api/export/formats.ts';
import { objectText } from '../api/export/object-text.ts';
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
    { title: 'OBJECT', value: objectAndCount },
  ],
  key: (denial) => denial.event.id,
  formats: EXPORT_FORMATS,
});

/** Of a flood, one stands for many. */
function objectAndCount(denial: Denial): string {
  const { repeated } = denial.landlock;
  return repeated === undefined ? objectText(denial) : `${objectText(denial)} (${repeated.count} times)`;
}

function programOf(denial: Denial): string {
  return denial.process?.executable ?? denial.process?.name ?? '';
}
