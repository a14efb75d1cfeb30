// Small checks that compose: each takes a value and answers a complaint, or undefined. For input from the wire, where
// a wrong shape is data and not an exception. A complaint names the member, from the outside in; nothing is put
// together for values that are right, which is nearly all of them.

/** `: not a string` or `.file.path: not a string`; undefined where the value is right. */
export type Check = (value: unknown) => string | undefined;

/** Levels of objects and arrays in a part that this version does not know. */
const depthMax = 8;
/** Characters of a string in a part that this version does not know. */
const unknownTextMax = 16_384;
const nameLengthMax = 256;

declare global {
  interface String {
    /** Node 20 has it, TypeScript's ES2023 library does not know it. */
    isWellFormed(): boolean;
  }
}

/** A string of at most `max` UTF-16 units without lone surrogates (which UTF-8, and so SQLite, cannot hold). */
export function text(max: number, min = 0): Check {
  return (value) => {
    if (typeof value !== 'string') return ': not a string';
    if (value.length > max) return `: longer than ${max} characters`;
    if (value.length < min) return ': empty';
    return value.isWellFormed() ? undefined : ': not well-formed Unicode';
  };
}

export function integer(min: number, max: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max && !Object.is(value, -0)
      ? undefined
      : `: not an integer from ${min} to ${max}`;
}

export function literal(wanted: string | number | boolean): Check {
  return (value) => (value === wanted ? undefined : `: not ${JSON.stringify(wanted)}`);
}

export const flag: Check = (value) => (typeof value === 'boolean' ? undefined : ': neither true nor false');

export function matching(pattern: RegExp, what: string): Check {
  return (value) => (typeof value === 'string' && pattern.test(value) ? undefined : `: not ${what}`);
}

export function list(check: Check, max: number, min = 0): Check {
  return (value) => {
    if (!Array.isArray(value)) return ': not a list';
    if (value.length > max) return `: more than ${max} items`;
    if (value.length < min) return ': empty';
    for (const item of value) {
      const complaint = check(item);
      if (complaint !== undefined) return `[]${complaint}`;
    }
    return undefined;
  };
}

/**
 * An object with the `required` and any of the `optional` members. Further members may come from a newer version:
 * they are kept, and must only be plain JSON of bounded depth.
 */
export function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const checks: Record<string, Check> = Object.assign(Object.create(null), required, optional);
  const names = Object.keys(required);
  return (value) => {
    if (!isRecord(value)) return ': not an object';
    for (const key in value) {
      const check = checks[key];
      const complaint = check === undefined ? checkUnknown(value[key], key, depthMax) : check(value[key]);
      if (complaint !== undefined) return `.${key.slice(0, nameLengthMax)}${complaint}`;
    }
    for (const key of names) {
      if (!Object.hasOwn(value, key)) return `.${key}: missing`;
    }
    return undefined;
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkUnknown(value: unknown, key: string, depth: number): string | undefined {
  if (key === '__proto__' || key.length > nameLengthMax || !key.isWellFormed()) return ': a name that no member has';
  return checkPlain(value, depth);
}

const checkUnknownText = text(unknownTextMax);

function checkPlain(value: unknown, depth: number): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return checkUnknownText(value);
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : ': not a number';
  if (typeof value !== 'object') return ': not JSON';
  if (depth === 0) return ': nested too deeply';
  for (const [key, member] of Object.entries(value)) {
    const complaint = checkUnknown(member, key, depth - 1);
    if (complaint !== undefined) return `.${key.slice(0, nameLengthMax)}${complaint}`;
  }
  return undefined;
}
