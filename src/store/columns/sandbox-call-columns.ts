// One of Landlock's system calls as a row and back.
import type { SandboxCall } from '../../landlock/document.ts';
import { type BootFacts, joinCommon, splitCommon } from './common-columns.ts';
import { isColumnText } from './denial-columns.ts';
import { type Extra, keep, keepInner, keepOthers, keepTop, toExtraText, withExtra } from './extra.ts';

/** As `sandbox_calls.call` numbers them. */
export const CALLS = ['create_ruleset', 'add_rule', 'restrict_self'] as const;

/** `program`, `comm` and `details` are to be interned. */
export interface SandboxCallParts {
  readonly flags: number;
  readonly call: number;
  readonly isSuccess: boolean;
  readonly makesDomain: number | null;
  readonly isProbe: boolean;
  readonly callFlags: number | null;
  readonly rulesetFd: number | null;
  readonly ruleType: string | null;
  readonly pid: number | null;
  readonly parentPid: number | null;
  readonly program: string | null;
  readonly comm: string | null;
  readonly details: string;
  readonly extra: string | null;
}

export interface SandboxCallColumns extends BootFacts {
  readonly flags: number;
  readonly serial: number;
  readonly call: number;
  readonly is_success: number;
  readonly makes_domain: number | null;
  readonly is_probe: number;
  readonly call_flags: number | null;
  readonly ruleset_fd: number | null;
  readonly rule_type: string | null;
  readonly pid: number | null;
  readonly parent_pid: number | null;
  readonly program: string | null;
  readonly comm: string | null;
  readonly details: string;
  readonly extra: string | null;
}

/** What calls of one program have in common. */
interface Details extends Pick<SandboxCall, 'user' | 'group' | 'syscall'> {
  readonly tty?: string;
  readonly session_id?: number;
}

const TOP = new Set('kind @timestamp event host tags landlock process user group syscall'.split(' '));
const EVENT = new Set(['id', 'sequence', 'outcome']);
const LANDLOCK = new Set(['call', 'is_probe', 'flags', 'ruleset_fd', 'rule_type', 'makes_domain']);
const PROCESS = new Set(['pid', 'parent', 'name', 'executable', 'tty', 'session_id']);
const PARENT = new Set(['pid']);

/** The parts of a checked document. */
export function splitSandboxCall(doc: SandboxCall, boot: BootFacts): SandboxCallParts {
  const extra: Extra = {};
  const flags = splitCommon(doc, boot, extra);
  const { landlock, process, user, group, syscall } = doc;
  keepTop(extra, doc, TOP);
  keepOthers(extra, 'event', doc.event, EVENT);
  keepOthers(extra, 'landlock', landlock, LANDLOCK);
  keepOthers(extra, 'process', process, PROCESS);
  if (process?.parent !== undefined) keepInner(extra, 'process', 'parent', process.parent, PARENT);
  const column = (name: 'name' | 'executable') => {
    const value = process?.[name];
    if (value === undefined || isColumnText(value)) return value ?? null;
    keep(extra, ['process', name], value);
    return null;
  };
  return {
    flags,
    call: CALLS.indexOf(landlock.call),
    isSuccess: doc.event.outcome === 'success',
    makesDomain: landlock.makes_domain === undefined ? null : Number(landlock.makes_domain),
    isProbe: landlock.is_probe === true,
    callFlags: landlock.flags ?? null,
    rulesetFd: landlock.ruleset_fd ?? null,
    ruleType: landlock.rule_type ?? null,
    pid: process?.pid ?? null,
    parentPid: process?.parent?.pid ?? null,
    program: column('executable'),
    comm: column('name'),
    details: JSON.stringify({ user, group, syscall, tty: process?.tty, session_id: process?.session_id }),
    extra: toExtraText(extra),
  };
}

/** The document of a row. */
export function joinSandboxCall(row: SandboxCallColumns, eventId: string, ms: number): SandboxCall {
  const { tty, session_id: session, user, group, syscall }: Details = JSON.parse(row.details);
  const process = {
    ...(row.pid === null ? {} : { pid: row.pid }),
    ...(row.parent_pid === null ? {} : { parent: { pid: row.parent_pid } }),
    ...(row.comm === null ? {} : { name: row.comm }),
    ...(row.program === null ? {} : { executable: row.program }),
    ...(tty === undefined ? {} : { tty }),
    ...(session === undefined ? {} : { session_id: session }),
  };
  const base: SandboxCall = {
    kind: 'sandbox-call',
    '@timestamp': new Date(ms).toISOString(),
    event: { id: eventId, sequence: row.serial, outcome: row.is_success === 1 ? 'success' : 'failure' },
    ...joinCommon(row.flags, row),
    landlock: {
      call: CALLS[row.call] ?? 'restrict_self',
      ...(row.is_probe === 1 && { is_probe: true }),
      ...(row.call_flags !== null && { flags: row.call_flags }),
      ...(row.ruleset_fd !== null && { ruleset_fd: row.ruleset_fd }),
      ...(row.rule_type !== null && { rule_type: row.rule_type }),
      ...(row.makes_domain !== null && { makes_domain: row.makes_domain === 1 }),
    },
    ...(Object.keys(process).length > 0 && { process }),
    ...(user !== undefined && { user }),
    ...(group !== undefined && { group }),
    ...(syscall !== undefined && { syscall }),
  };
  return withExtra(base, row.extra);
}
