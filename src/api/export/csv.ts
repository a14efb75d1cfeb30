// The fields of a denial as columns, named as in the JSON. A column is never taken away and new ones come last.
import type { Denial } from '../../landlock/document.ts';
import { type CsvField, toCsvLine } from './csv-line.ts';
import type { ExportFormat } from './format.ts';

const COLUMNS: readonly (readonly [name: string, value: (denial: Denial) => CsvField])[] = [
  ['@timestamp', (d) => d['@timestamp']],
  ['event.id', (d) => d.event.id],
  ['event.sequence', (d) => d.event.sequence],
  ['event.reason', (d) => d.event.reason],
  ['host.id', (d) => d.host.id],
  ['host.name', (d) => d.host.name],
  ['host.boot.id', (d) => d.host.boot.id],
  ['landlock.domain.id', (d) => d.landlock.domain.id],
  ['landlock.blockers', (d) => d.landlock.blockers.join(' ')],
  ['landlock.object.kind', (d) => d.landlock.object.kind],
  ['landlock.object.name', (d) => d.landlock.object.name],
  ['landlock.object.ioctl_command', (d) => d.landlock.object.ioctl_command],
  ['landlock.object.namespace.type', (d) => d.landlock.object.namespace?.type],
  ['landlock.object.capability.number', (d) => d.landlock.object.capability?.number],
  ['landlock.target.process.pid', (d) => d.landlock.target?.process.pid],
  ['landlock.target.process.name', (d) => d.landlock.target?.process.name],
  ['landlock.actor_certainty', (d) => d.landlock.actor_certainty],
  ['landlock.logged', (d) => d.landlock.logged],
  ['file.path', (d) => d.file?.path],
  ['file.path_raw', (d) => d.file?.path_raw],
  ['file.name', (d) => d.file?.name],
  ['file.device', (d) => d.file?.device],
  ['file.inode', (d) => d.file?.inode],
  ['source.ip', (d) => d.source?.ip],
  ['source.port', (d) => d.source?.port],
  ['destination.ip', (d) => d.destination?.ip],
  ['destination.port', (d) => d.destination?.port],
  ['process.pid', (d) => d.process?.pid],
  ['process.parent.pid', (d) => d.process?.parent?.pid],
  ['process.name', (d) => d.process?.name],
  ['process.executable', (d) => d.process?.executable],
  // JSON, since blanks inside of an argument would not be told from those between two.
  ['process.args', (d) => d.process?.args && JSON.stringify(d.process.args)],
  ['process.working_directory', (d) => d.process?.working_directory],
  ['process.tty', (d) => d.process?.tty],
  ['process.session_id', (d) => d.process?.session_id],
  ['user.id', (d) => d.user?.id],
  ['user.audit.id', (d) => d.user?.audit?.id],
  ['user.effective.id', (d) => d.user?.effective?.id],
  ['group.id', (d) => d.group?.id],
  ['syscall.arch', (d) => d.syscall?.arch],
  ['syscall.name', (d) => d.syscall?.name],
  ['syscall.exit', (d) => d.syscall?.exit],
  ['tags', (d) => d.tags?.join(' ')],
  ['landlock.repeated.count', (d) => d.landlock.repeated?.count],
  ['landlock.repeated.first', (d) => d.landlock.repeated?.first],
  ['landlock.repeated.last', (d) => d.landlock.repeated?.last],
];

export const csv: ExportFormat = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'csv',
  // The only field of ours that begins like a formula is a name, and a name stays what it is.
  head: `${COLUMNS.map(([name]) => name).join(',')}\r\n`,
  toText: (denial) => toCsvLine(COLUMNS.map(([, value]) => value(denial))),
};
