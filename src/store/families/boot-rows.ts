// The rows that the families of a boot are inferred from, and the statements that read them. What they mean is
// boot-observations.ts.
import type { DomainEventColumns } from '../columns/domain-event-columns.ts';
import type { SandboxCallColumns } from '../columns/sandbox-call-columns.ts';

/** One boot, by row ids. */
export interface BootRow {
  readonly boot: number;
  readonly host: number;
}

/** Denials with first ≤ slot < end, and the domains that something was stored of between the two times (inclusive). */
export interface Stretch {
  readonly firstSlot: number;
  readonly endSlot: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Domains of the boot by row id; no more than `limit`. */
export const BOOT_DOMAINS_SQL = `
  SELECT m.id, m.number
  FROM domains m
  WHERE m.boot = ? AND m.last_ms >= ? AND m.first_ms <= ?
  LIMIT ?`;

/** What is asked of a denial. The name and pid of a target stand in columns, and are answered as if they stood in extra. */
const SELECT_DENIALS = `
  SELECT d.id, d.flags >> 9 AS spill_ms, d.domain, d.serial, s.blockers, d.shape, nullif(a.program, 0) AS program,
    nullif(a.comm, 0) AS comm, iif(s.form = 'file', d.object, NULL) AS path, d.pid,
    ifnull(d.pid, 0) - d.parent AS parent_pid, iif(s.form = 'file', d.number, NULL) AS inode, d.source_port,
    d.destination_port,
    CASE s.form
      WHEN 'target' THEN json_patch(
        ifnull(d.extra, '{}'),
        json_object('landlock', json_object('target', json_object('process', json_object(
          'pid', d.number,
          'name', (SELECT t.value FROM strings t WHERE t.id = d.object)
        ))))
      )
      ELSE d.extra
    END AS extra
  FROM denials d
  CROSS JOIN shapes s ON s.id = d.shape
  CROSS JOIN actors a ON a.id = d.actor`;

/** Some denials of a host in order: those of other boots are for the caller to leave out. */
export const BOOT_DENIALS_SQL = `${SELECT_DENIALS}
  WHERE d.host = ? AND d.id >= ? AND d.id < ?
  ORDER BY d.id
  LIMIT ?`;

export const BOOT_DOMAIN_EVENTS_SQL = `
  SELECT e.id, e.at_ms, e.serial, e.flags, e.domain, e.is_allocation, e.mode, e.creator_pid, e.creator_uid,
    e.creator_executable, e.creator_name, e.total, e.extra
  FROM domains m
  CROSS JOIN domain_events e ON e.domain = m.id
  WHERE m.boot = ? AND m.last_ms >= ? AND m.first_ms <= ?
  ORDER BY e.at_ms, e.id`;

export const BOOT_CREATIONS_SQL = `
  SELECT c.id, c.at_ms, c.domain, c.parent
  FROM domains m
  CROSS JOIN domain_creations c ON c.domain = m.id
  WHERE m.boot = ? AND m.last_ms >= ? AND m.first_ms <= ? AND m.creation IS NOT NULL
  ORDER BY c.at_ms, c.id`;

/** Calls that say something of who was where: all but those that add rules. */
export const BOOT_CALLS_SQL = `
  SELECT s.id, s.at_ms, s.serial, s.flags, s.call, s.is_success, s.makes_domain, s.is_probe, s.call_flags, s.ruleset_fd,
    s.rule_type, s.pid, s.parent_pid, s.program, s.comm, s.extra
  FROM sandbox_calls s
  WHERE s.boot = ? AND s.at_ms >= ? AND s.at_ms <= ? AND s.call <> 1
  ORDER BY s.at_ms, s.id
  LIMIT ?`;

export const DENIALS_OF_DOMAIN_SQL = `${SELECT_DENIALS}
  WHERE d.domain = ?
  ORDER BY d.id
  LIMIT ?`;

export const EVENTS_OF_DOMAIN_SQL = `
  SELECT e.id, e.at_ms, e.serial, e.flags, e.domain, e.is_allocation, e.mode, e.creator_pid, e.creator_uid,
    e.creator_executable, e.creator_name, e.total, e.extra
  FROM domain_events e
  WHERE e.domain = ?`;

export const CREATIONS_OF_DOMAIN_SQL = `
  SELECT c.id, c.at_ms, c.domain, c.parent
  FROM domain_creations c
  WHERE c.domain = ?`;

export const CALLS_OF_PROCESS_SQL = `
  SELECT s.id, s.at_ms, s.serial, s.flags, s.call, s.is_success, s.makes_domain, s.is_probe, s.call_flags, s.ruleset_fd,
    s.rule_type, s.pid, s.parent_pid, s.program, s.comm, s.extra
  FROM sandbox_calls s
  WHERE s.boot = ? AND s.pid = ? AND s.call <> 1
  ORDER BY s.id
  LIMIT ?`;

/** The columns of BOOT_DENIALS_SQL in order: rows as arrays take a third of the time. */
export type DenialColumnValues = readonly [
  id: number,
  spill_ms: number,
  domain: number,
  serial: number,
  blockers: number,
  shape: number,
  program: number | null,
  comm: number | null,
  path: number | null,
  pid: number | null,
  parent_pid: number | null,
  inode: number | null,
  source_port: number | null,
  destination_port: number | null,
  extra: string | null,
];

/** By name. */
export function toDenialRow(values: DenialColumnValues) {
  return {
    id: values[0],
    spill_ms: values[1],
    domain: values[2],
    serial: values[3],
    blockers: values[4],
    shape: values[5],
    program: values[6],
    comm: values[7],
    path: values[8],
    pid: values[9],
    parent_pid: values[10],
    inode: values[11],
    source_port: values[12],
    destination_port: values[13],
    extra: values[14],
  };
}

export type DenialRow = ReturnType<typeof toDenialRow>;

export type EventRow = Omit<DomainEventColumns, 'creator_executable' | 'creator_name'> & {
  readonly id: number;
  readonly at_ms: number;
  readonly domain: number;
  readonly creator_executable: number | null;
  readonly creator_name: number | null;
};

export interface CreationRow {
  readonly id: number;
  readonly at_ms: number;
  readonly domain: number;
  readonly parent: string | null;
}

export type CallRow = Omit<SandboxCallColumns, 'program' | 'comm' | 'details'> & {
  readonly id: number;
  readonly at_ms: number;
  readonly program: number | null;
  readonly comm: number | null;
};
