// The columns of `ausearch --format csv --extra-keys` (audit-userspace, src/ausearch-report.c csv_event), which tools for
// audit logs read, with the words of libauparse (auparse/normalize.c, normalize_obj_kind_map.h). ausearch itself tells of
// Landlock only that a system call failed. Times are UTC, users are numbers, and KEY holds the blockers.
import type { Denial } from '../../landlock/document.ts';
import { toCsvLine } from './csv-line.ts';
import type { ExportFormat } from './format.ts';
import { objectText } from './object-text.ts';

const HEAD =
  'NODE,EVENT,DATE,TIME,SERIAL_NUM,EVENT_KIND,SESSION,SUBJ_PRIME,SUBJ_SEC,SUBJ_KIND,ACTION,RESULT,OBJ_PRIME,OBJ_SEC,' +
  'OBJ_KIND,HOW,KEY\r\n';

const OBJECT_KINDS: ReadonlyMap<string, string> = new Map([
  ['file', 'file'],
  ['directory', 'directory'],
  ['device', 'device'],
  ['mount', 'file-system'],
  ['socket', 'socket'],
  ['abstract-unix-socket', 'socket'],
  ['process', 'process'],
  ['namespace', 'system'],
  ['capability', 'system'],
]);

/** libauparse's bounds: services below the first, people below the second (auparse/normalize-internal.h). */
const UID_MIN = 1_000;
const UID_END = 60_000;

export const auparseCsv: ExportFormat = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: 'auparse.csv',
  head: HEAD,
  toText: (denial) => toCsvLine(toRow(denial)),
};

function toRow(denial: Denial) {
  const { event, file, host, landlock, process, user } = denial;
  const [date = '', time = ''] = denial['@timestamp'].split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return [
    host.name ?? host.id,
    'LANDLOCK_ACCESS',
    `${month}/${day}/${year.slice(-2)}`,
    time.slice(0, 8),
    event.sequence,
    'mac',
    process?.session_id ?? 'unset',
    user?.audit?.id ?? 'system',
    user?.id,
    toAccountKind(user?.id),
    event.action,
    'failed',
    objectText(denial),
    file?.inode,
    OBJECT_KINDS.get(landlock.object.kind) ?? 'unknown',
    process?.executable ?? process?.name,
    landlock.blockers.join(' '),
  ];
}

function toAccountKind(uid: string | undefined): string {
  if (uid === undefined) return 'unset-acct';
  const number = Number(uid);
  if (number === 0) return 'privileged-acct';
  if (number < UID_MIN) return 'service-acct';
  return number < UID_END ? 'user-acct' : 'unknown-acct';
}
