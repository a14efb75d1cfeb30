// Small checks that compose: each takes a value and its name and answers a complaint, or undefined. For input from
// the wire, where a wrong shape is data and not an exception.

/** A complaint that names the field, or undefined where the value is right. */
export type Check = (value: unknown, name: string) => string | undefined;

/** Levels of objects and arrays in a part that this version does not know. */
const depthMax = 8;
/** Characters of a string in a part that this version does not know. */
const unknownTextMax = 16_384;

declare global {
  interface String {
    /** Node 20 has it, TypeScript's ES2023 library does not know it. */
    isWellFormed(): boolean;
  }
}

/** A string of at most `max` UTF-16 units without lone surrogates (which UTF-8, and so SQLite, cannot hold). */
export function text(max: number, min = 0): Check {
  return (value, name) => {
    if (typeof value !== 'string') return `${name}: not a string`;
    if (value.length > max) return `${name}: longer than ${max} characters`;
    if (value.length < min) return `${name}: empty`;
    return value.isWellFormed() ? undefined : `${name}: not well-formed Unicode`;
  };
}

export function integer(min: number, max: number): Check {
  return (value, name) =>
    Number.isSafeInteger(value) && typeof value === 'number' && value >= min && value <= max && !Object.is(value, -0)
      ? undefined
      : `${name}: not an integer from ${min} to ${max}`;
}

export function literal(wanted: string | number | boolean): Check {
  return (value, name) => (value === wanted ? undefined : `${name}: not ${JSON.stringify(wanted)}`);
}

export function matching(pattern: RegExp, what: string): Check {
  return (value, name) => (typeof value === 'string' && pattern.test(value) ? undefined : `${name}: not ${what}`);
}

export function list(check: Check, max: number): Check {
  return (value, name) => {
    if (!Array.isArray(value)) return `${name}: not a list`;
    if (value.length > max) return `${name}: more than ${max} items`;
    for (const item of value) {
      const complaint = check(item, `${name}[]`);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  };
}

/**
 * An object with the `required` and any of the `optional` members. Further members may come from a newer version:
 * they are kept, and must only be plain JSON of bounded depth.
 */
export function object(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const checks = new Map(Object.entries({ ...required, ...optional }));
  const names = Object.keys(required);
  return (value, name) => {
    if (!isRecord(value)) return `${name}: not an object`;
    for (const key in value) {
      const member = value[key];
      const check = checks.get(key);
      const complaint = check === undefined ? checkUnknown(member, key, name) : check(member, `${name}.${key}`);
      if (complaint !== undefined) return complaint;
    }
    for (const key of names) {
      if (!Object.hasOwn(value, key)) return `${name}.${key}: missing`;
    }
    return undefined;
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkUnknown(value: unknown, key: string, parent: string): string | undefined {
  if (key === '__proto__' || key.length > 256 || !key.isWellFormed()) return `${parent}: a member has a bad name`;
  return checkPlain(value, `${parent}.${key.slice(0, 64)}`, depthMax);
}

function checkPlain(value: unknown, name: string, depth: number): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return text(unknownTextMax)(value, name);
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? undefined : `${name}: no number`;
  if (typeof value !== 'object') return `${name}: not JSON`;
  if (depth === 0) return `${name}: nested too deeply`;
  if (Array.isArray(value)) {
    for (const item of value) {
      const complaint = checkPlain(item, `${name}[]`, depth - 1);
      if (complaint !== undefined) return complaint;
    }
    return undefined;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__' || key.length > 256 || !key.isWellFormed()) return `${name}: a member has a bad name`;
    const complaint = checkPlain(member, `${name}.${key.slice(0, 64)}`, depth - 1);
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}
