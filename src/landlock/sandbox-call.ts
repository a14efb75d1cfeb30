// The events that an audit rule on Landlock's system calls makes: SYSCALL records with our key. They tell of rulesets and
// restrictions, and of no domain id: which domain a restriction made is for the hierarchy to work out.
import { readFields } from '../audit/fields.ts';
import { integerOf } from '../audit/numbers.ts';
import type { AuditEvent, AuditRecord } from '../audit/record.ts';
import { stampText } from '../audit/record-line.ts';
import { SYSCALL } from '../audit/record-types.ts';
import { decodeUntrusted } from '../audit/untrusted-string.ts';
import { readActor } from './actor.ts';
import type { HostFields, SandboxCall, Tag } from './document.ts';
import type { Writable } from './document-base.ts';
import { eventId } from './event-id.ts';
import { timestampText } from './timestamp.ts';

/** Where the event comes from, and the key of the rules that are ours. */
export interface SandboxContext {
  readonly host: HostFields;
  readonly tags?: readonly Tag[] | undefined;
  readonly key: string;
}

type CallName = SandboxCall['landlock']['call'];

const CALLS: ReadonlyMap<string, CallName> = new Map([
  ['444', 'create_ruleset'],
  ['445', 'add_rule'],
  ['446', 'restrict_self'],
]);

const RULE_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'path_beneath'],
  [2, 'net_port'],
]);

/** LANDLOCK_CREATE_RULESET_VERSION and _ERRATA: the call answers a question and makes nothing. */
const PROBE_FLAGS = 3;

const QUICK = / syscall=44[456] /;

/** undefined: the event is no such call, or no rule of ours made it. */
export function readSandboxCall(event: AuditEvent, context: SandboxContext): SandboxCall | undefined {
  const record = event.records.find(({ type, text }) => type === SYSCALL && QUICK.test(text));
  const values = record === undefined ? undefined : valuesOf(record);
  const call = CALLS.get(values?.get('syscall') ?? '');
  if (values === undefined || call === undefined || !keysOf(values.get('key')).includes(context.key)) return undefined;
  const isSuccess = values.get('success') === 'yes';
  const { host, tags } = context;
  const { seconds, millis, serial } = event;
  const actor = readActor(event.records);
  const { task, syscall, program } = actor.call ?? {};
  // Landlock's own records have the indices from 0 on.
  const id = eventId(host.id, host.boot.id, stampText(seconds, millis), serial, -1);
  const landlock = landlockOf(call, values, isSuccess);
  if (program !== undefined && program.unknown.length > 0) landlock.unknown_fields = program.unknown;
  return {
    kind: 'sandbox-call',
    '@timestamp': timestampText(seconds, millis),
    event: { id, sequence: serial, outcome: isSuccess ? 'success' : 'failure' },
    host,
    ...(tags !== undefined && { tags }),
    landlock,
    ...(actor.process !== undefined && { process: actor.process }),
    ...(task?.user !== undefined && { user: task.user }),
    ...(task?.group !== undefined && { group: task.group }),
    ...(syscall !== undefined && { syscall }),
  };
}

function landlockOf(
  call: CallName,
  values: ReadonlyMap<string, string>,
  isSuccess: boolean,
): Writable<SandboxCall['landlock']> {
  const argument = (name: string) => signed32(values.get(name));
  const landlock: Writable<SandboxCall['landlock']> = { call };
  switch (call) {
    case 'create_ruleset': {
      const flags = argument('a2');
      const made = integerOf(values.get('exit'));
      if (flags !== undefined) landlock.flags = flags >>> 0;
      if (flags !== undefined && (flags & PROBE_FLAGS) !== 0) landlock.is_probe = true;
      else if (isSuccess && made !== undefined) landlock.ruleset_fd = made;
      break;
    }
    case 'add_rule': {
      const fd = argument('a0');
      const type = argument('a1');
      const flags = argument('a3');
      if (flags !== undefined) landlock.flags = flags >>> 0;
      if (fd !== undefined) landlock.ruleset_fd = fd;
      if (type !== undefined) landlock.rule_type = RULE_TYPES.get(type) ?? String(type >>> 0);
      break;
    }
    case 'restrict_self': {
      const fd = argument('a0');
      const flags = argument('a1');
      if (flags !== undefined) landlock.flags = flags >>> 0;
      if (fd !== undefined) landlock.ruleset_fd = fd;
      if (isSuccess && fd !== undefined) landlock.makes_domain = fd !== -1;
      break;
    }
  }
  return landlock;
}

/** An argument of type int: the low 32 bits of the hexadecimal register. */
function signed32(hex: string | undefined): number | undefined {
  if (hex === undefined || !/^[0-9a-f]{1,16}$/.test(hex)) return undefined;
  return Number.parseInt(hex.slice(-8), 16) | 0;
}

function valuesOf(record: AuditRecord): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  for (const { name, value } of readFields(record.text) ?? []) {
    if (!values.has(name)) values.set(name, value);
  }
  return values;
}

/** Several keys of one rule are joined by U+0001 (and then written in hexadecimal). */
function keysOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : (decodeUntrusted(value) ?? '').split('\x01');
}
