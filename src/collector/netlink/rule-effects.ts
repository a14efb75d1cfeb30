// What a loaded audit rule keeps from us, as the kernel applies it (kernel/auditfilter.c, kernel/auditsc.c). Such a rule
// is no mistake of its author's: it is written against other records, and takes Landlock's along. Pure.
import { EOE, LANDLOCK_ACCESS, LANDLOCK_DOMAIN, PROCTITLE, SYSCALL } from '../../audit/record-types.ts';
import {
  FIELDS_AT,
  FIELDS_MAX,
  hasText,
  MASK_AT,
  MASK_WORDS,
  OPERATORS_AT,
  STRINGS_AT,
  VALUES_AT,
} from './audit-rule.ts';

/** What is hidden: whole denials, the records about domains, or who was denied (the SYSCALL record). */
export type Hidden = 'denials' | 'domains' | 'actors';

export interface RuleEffect {
  readonly hides: readonly Hidden[];
  /** Whether it holds for every process and system call. */
  readonly isForAll: boolean;
  /** As `auditctl -l` would write it, more or less; may hold any character. */
  readonly text: string;
}

interface Field {
  readonly number: number;
  readonly operator: number;
  readonly value: number;
  readonly text: string | undefined;
}

const LISTS: ReadonlyMap<number, string> = new Map([
  [0, 'user'],
  [1, 'task'],
  [4, 'exit'],
  [5, 'exclude'],
  [6, 'filesystem'],
  [7, 'io_uring'],
]);
const PREPEND = 0x10;
/** So many make a rule one for all calls: it is mostly all or a few. */
const ALL_CALLS_MIN = 300;
const NEVER = 0;
const ACTIONS = ['never', 'possible', 'always'];

const ARCH = 11;
const MSGTYPE = 12;
const FILTERKEY = 210;
/** Those that occur; others are told by number. */
const FIELD_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'pid'],
  [1, 'uid'],
  [2, 'euid'],
  [5, 'gid'],
  [9, 'auid'],
  [ARCH, 'arch'],
  [MSGTYPE, 'msgtype'],
  [13, 'subj_user'],
  [14, 'subj_role'],
  [15, 'subj_type'],
  [18, 'ppid'],
  [25, 'sessionid'],
  [103, 'exit'],
  [104, 'success'],
  [105, 'path'],
  [106, 'perm'],
  [107, 'dir'],
  [112, 'exe'],
  [FILTERKEY, 'key'],
]);

const EQUAL = 0x40000000;
const NOT_EQUAL = 0x30000000;
const OPERATORS: ReadonlyMap<number, { readonly sign: string; holds(type: number, value: number): boolean }> = new Map([
  [EQUAL, { sign: '=', holds: (type, value) => type === value }],
  [NOT_EQUAL, { sign: '!=', holds: (type, value) => type !== value }],
  [0x10000000, { sign: '<', holds: (type, value) => type < value }],
  [0x20000000, { sign: '>', holds: (type, value) => type > value }],
  [0x50000000, { sign: '<=', holds: (type, value) => type <= value }],
  [0x60000000, { sign: '>=', holds: (type, value) => type >= value }],
  [0x08000000, { sign: '&', holds: (type, value) => (type & value) !== 0 }],
  [0x48000000, { sign: '&=', holds: (type, value) => (type & value) === value }],
]);

/** Of a rule's bytes as AUDIT_LIST_RULES gives them; undefined: it hides nothing of Landlock's, or is no rule. */
export function effectOfRule(bytes: Uint8Array): RuleEffect | undefined {
  if (bytes.byteLength < STRINGS_AT) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const list = LISTS.get(view.getUint32(0, true) & ~PREPEND);
  const action = view.getUint32(4, true);
  const fields = readFields(view, bytes);
  const hides = hiddenBy(list, action, fields);
  if (hides.length === 0) return undefined;
  const narrowing = fields.filter(({ number }) => number !== MSGTYPE && number !== FILTERKEY);
  const calls = list === 'exit' ? callsOf(view) : undefined;
  return {
    hides,
    isForAll: calls === undefined && narrowing.every(({ number }) => number === ARCH),
    text: ruleText(list ?? 'unknown', action, fields, calls),
  };
}

function hiddenBy(list: string | undefined, action: number, fields: readonly Field[]): readonly Hidden[] {
  // The exclude list hides whatever matches, also where it says "always".
  if (list === 'exclude') {
    const hides: Hidden[] = [];
    if (excludes(fields, LANDLOCK_ACCESS)) hides.push('denials');
    if (excludes(fields, LANDLOCK_DOMAIN)) hides.push('domains');
    if ([SYSCALL, PROCTITLE, EOE].some((type) => excludes(fields, type))) hides.push('actors');
    return hides;
  }
  const isHidingList = list === 'task' || list === 'exit' || list === 'io_uring';
  return isHidingList && action === NEVER ? ['actors'] : [];
}

function excludes(fields: readonly Field[], type: number): boolean {
  return fields
    .filter(({ number }) => number === MSGTYPE)
    .every(({ operator, value }) => OPERATORS.get(operator)?.holds(type, value) ?? true);
}

function readFields(view: DataView, bytes: Uint8Array): readonly Field[] {
  const count = Math.min(view.getUint32(8, true), FIELDS_MAX);
  const fields: Field[] = [];
  let start = STRINGS_AT;
  for (let index = 0; index < count; index++) {
    const number = view.getUint32(FIELDS_AT + 4 * index, true);
    const value = view.getUint32(VALUES_AT + 4 * index, true);
    const isText = number === FILTERKEY || hasText(number);
    const text = isText ? Buffer.from(bytes.subarray(start, start + value)).toString('utf8') : undefined;
    if (isText) start += value;
    fields.push({ number, operator: view.getUint32(OPERATORS_AT + 4 * index, true), value, text });
  }
  return fields;
}

/** The numbers of the system calls that an exit rule is about; undefined: all of them, as good as. */
function callsOf(view: DataView): readonly number[] | undefined {
  const calls: number[] = [];
  for (let word = 0; word < MASK_WORDS; word++) {
    const bits = view.getUint32(MASK_AT + 4 * word, true);
    for (let bit = 0; bit < 32; bit++) if ((bits >>> bit) & 1) calls.push(32 * word + bit);
  }
  return calls.length >= ALL_CALLS_MIN ? undefined : calls;
}

/** auditctl wants the architecture before the calls, and takes both as numbers. */
function ruleText(
  list: string,
  action: number,
  fields: readonly Field[],
  calls: readonly number[] | undefined,
): string {
  const toText = ({ number, operator, value, text }: Field) => {
    const name = FIELD_NAMES.get(number) ?? `field${number}`;
    const shown = text ?? (number === ARCH ? `0x${value.toString(16)}` : String(value));
    return `-F ${name}${OPERATORS.get(operator)?.sign ?? '?'}${shown}`;
  };
  return [
    `-a ${ACTIONS[action] ?? action},${list}`,
    ...fields.filter(({ number }) => number === ARCH).map(toText),
    ...(calls === undefined || calls.length === 0 ? [] : [`-S ${calls.join(',')}`]),
    ...fields.filter(({ number }) => number !== ARCH).map(toText),
  ].join(' ');
}
