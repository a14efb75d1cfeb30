// Values cut down to the members that a schema of the contract names. Newer collectors and kernels may tell more than
// this version knows: that is kept and sent on, but not to whom nobody has decided to tell it.
import Type, { type TSchema } from 'typebox';

type Keep = (value: unknown) => unknown;

/**
 * A function that answers a value with the members that `schema` names, at every level, and none of `except` (with dots,
 * as in `process.args`). What should be a text or a number and is an object has no name, so it goes as well. The value is
 * not changed; it is answered itself where all of it is known.
 */
export function knownMembers<T extends object>(schema: TSchema, except: readonly string[] = []): (value: T) => T {
  const keep = keepOf(schema, new Set(except), '');
  // The members that are left are those of the value itself.
  return (value) => keep(value) as T;
}

function keepOf(schema: TSchema, except: ReadonlySet<string>, at: string): Keep {
  if (Type.IsObject(schema)) {
    const members = Object.entries(schema.properties)
      .filter(([name]) => !except.has(at + name))
      .map(([name, member]) => [name, keepOf(member, except, `${at}${name}.`)] as const);
    return ofObject(new Map(members));
  }
  if (Type.IsArray(schema)) return ofArray(keepOf(schema.items, except, at));
  // Lists of fixed values have a type that no one else has.
  if ('type' in schema && schema.type === 'array') return ofArray(leaf);
  return leaf;
}

function leaf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? undefined : value;
}

function ofArray(keep: Keep): Keep {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return value.every((item) => keep(item) === item) ? value : value.map(keep).filter((item) => item !== undefined);
  };
}

function ofObject(members: ReadonlyMap<string, Keep>): Keep {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const kept: [string, unknown][] = [];
    let isWhole = true;
    for (const [name, member] of Object.entries(value)) {
      const known = members.get(name)?.(member);
      if (known !== undefined) kept.push([name, known]);
      isWhole &&= known === member;
    }
    return isWhole ? value : Object.fromEntries(kept);
  };
}
