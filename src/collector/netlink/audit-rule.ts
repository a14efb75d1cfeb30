// struct audit_rule_data and its messages as bytes (include/uapi/linux/audit.h, kernel/auditfilter.c): the part that
// rules on system calls with a key need. Numbers are little-endian: those of every machine that is supported.

export const AUDIT_ADD_RULE = 1011;
export const AUDIT_DEL_RULE = 1012;
export const AUDIT_LIST_RULES = 1013;
const AUDIT_FILTER_EXIT = 4;
const AUDIT_ALWAYS = 2;
const AUDIT_ARCH = 11;
const AUDIT_SESSIONID = 25;
const AUDIT_FILTERKEY = 210;
const AUDIT_EQUAL = 0x40000000;

export const MASK_WORDS = 64;
export const FIELDS_MAX = 64;
export const MASK_AT = 12;
export const FIELDS_AT = 268;
export const VALUES_AT = 524;
export const OPERATORS_AT = 780;
const STRINGS_LENGTH_AT = 1036;
export const STRINGS_AT = 1040;

/** `-a always,exit -F arch=ARCH -S SYSCALLS -k KEY` */
export interface SyscallRule {
  /** AUDIT_ARCH_* (include/uapi/linux/audit.h). */
  readonly arch: number;
  readonly syscalls: readonly number[];
  /** At most 256 bytes. */
  readonly key: string;
  /** Only in this audit session (`-F sessionid=`). */
  readonly sessionId?: number;
}

/** The payload of AUDIT_ADD_RULE and AUDIT_DEL_RULE. */
export function encodeRule(rule: SyscallRule): Uint8Array {
  const key = Buffer.from(rule.key, 'utf8');
  const bytes = new Uint8Array(STRINGS_AT + key.length);
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number) => view.setUint32(at, value, true);
  put(0, AUDIT_FILTER_EXIT);
  put(4, AUDIT_ALWAYS);
  put(8, rule.sessionId === undefined ? 2 : 3);
  for (const syscall of rule.syscalls) {
    const word = syscall >> 5;
    if (word < MASK_WORDS) put(MASK_AT + 4 * word, view.getUint32(MASK_AT + 4 * word, true) | (1 << (syscall & 31)));
  }
  // The architecture first: it says what the numbers of system calls mean.
  put(FIELDS_AT, AUDIT_ARCH);
  put(VALUES_AT, rule.arch);
  put(OPERATORS_AT, AUDIT_EQUAL);
  put(FIELDS_AT + 4, AUDIT_FILTERKEY);
  put(VALUES_AT + 4, key.length);
  put(OPERATORS_AT + 4, AUDIT_EQUAL);
  if (rule.sessionId !== undefined) {
    put(FIELDS_AT + 8, AUDIT_SESSIONID);
    put(VALUES_AT + 8, rule.sessionId);
    put(OPERATORS_AT + 8, AUDIT_EQUAL);
  }
  put(STRINGS_LENGTH_AT, key.length);
  bytes.set(key, STRINGS_AT);
  return bytes;
}

/** A rule as the kernel lists it. `bytes` is what deletes it: the very payload, whatever else the rule holds. */
export interface ListedRule {
  /** undefined: it has none. */
  readonly key: string | undefined;
  readonly bytes: Uint8Array;
}

/** Of one AUDIT_LIST_RULES message's payload; undefined: it is none. */
export function decodeRule(payload: Uint8Array): ListedRule | undefined {
  if (payload.byteLength < STRINGS_AT) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const at = (offset: number) => view.getUint32(offset, true);
  const end = STRINGS_AT + at(STRINGS_LENGTH_AT);
  const count = at(8);
  if (count > FIELDS_MAX || end > payload.byteLength) return undefined;
  let start = STRINGS_AT;
  for (let field = 0; field < count; field++) {
    const number = at(FIELDS_AT + 4 * field);
    const length = at(VALUES_AT + 4 * field);
    if (number === AUDIT_FILTERKEY) {
      if (start + length > end) return undefined;
      const key = Buffer.from(payload.subarray(start, start + length)).toString('utf8');
      return { key, bytes: new Uint8Array(payload.subarray(0, end)) };
    }
    if (hasText(number)) start += length;
  }
  return { key: undefined, bytes: new Uint8Array(payload.subarray(0, end)) };
}

/** Whether a field's value is the length of a string in the rule's buffer: subject, object, watch, directory, program. */
export function hasText(field: number): boolean {
  return (
    (field >= 13 && field <= 17) || (field >= 19 && field <= 23) || field === 105 || field === 107 || field === 112
  );
}
