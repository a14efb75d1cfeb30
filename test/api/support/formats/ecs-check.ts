import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

interface EcsSchema {
  readonly version: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly allowed: Readonly<Record<string, readonly string[]>>;
}
export const ecsSchema: EcsSchema = JSON.parse(
  readFileSync(new URL('../../../fixtures/export/ecs-8.11.json', import.meta.url), 'utf8'),
);

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  keyword: (value) => typeof value === 'string',
  wildcard: (value) => typeof value === 'string',
  match_only_text: (value) => typeof value === 'string',
  long: (value) => Number.isSafeInteger(value),
  ip: (value) => typeof value === 'string' && isIP(value) !== 0,
  date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
  boolean: (value) => typeof value === 'boolean',
};

/** What in `document` an index with the mapping of ECS would refuse or not find by the name that ECS gives it. */
export function ecsFaults(document: object): readonly string[] {
  return leavesOf(document).flatMap(([name, value]) => {
    if (name.startsWith('landlock.')) return [];
    const type = Object.hasOwn(ecsSchema.fields, name) ? ecsSchema.fields[name] : undefined;
    if (type === undefined) return [`${name} is no field of ECS`];
    const isList = type.endsWith('[]');
    if (isList !== Array.isArray(value)) return [`${name} is ${isList ? 'a' : 'no'} list`];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    const isRight = FITS[type.replace('[]', '')] ?? (() => false);
    const allowed = ecsSchema.allowed[name];
    return values
      .filter((one) => !isRight(one) || (allowed !== undefined && !allowed.includes(String(one))))
      .map((one) => `${name} is no ${type}: ${JSON.stringify(one)}`);
  });
}

function leavesOf(value: object, path = ''): (readonly [string, unknown])[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = path === '' ? key : `${path}.${key}`;
    const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return isObject ? leavesOf(inner, name) : [[name, inner] as const];
  });
}
