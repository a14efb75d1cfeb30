import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

interface Shape {
  readonly attributes: Readonly<Record<string, string>>;
  readonly required: readonly string[];
  readonly enums: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly at_least_one?: readonly string[];
}
interface ClassShape extends Shape {
  readonly uid: number;
  readonly caption: string;
  readonly category: readonly [number, string];
}
interface OcsfSchema {
  readonly version: string;
  readonly classes: Readonly<Record<string, ClassShape>>;
  readonly objects: Readonly<Record<string, Shape>>;
}
const schema: OcsfSchema = JSON.parse(
  readFileSync(new URL('../../../fixtures/export/ocsf-1.7.json', import.meta.url), 'utf8'),
);

type Fields = Readonly<Record<string, unknown>>;

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  ip: (value) => typeof value === 'string' && isIP(value) !== 0,
  port: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  object: isFields,
};

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What OCSF's validator would say of `event`. */
export function ocsfFaults(event: object): readonly string[] {
  const fields: Fields = { ...event };
  const shape = schema.classes[String(fields.class_uid)];
  if (shape === undefined) return [`there is no class ${fields.class_uid}`];
  const { activity_id: activity, activity_name: name } = fields;
  const same: readonly (readonly [string, unknown, unknown])[] = [
    ['class_name', fields.class_name, shape.caption],
    ['category_uid', fields.category_uid, shape.category[0]],
    ['category_name', fields.category_name, shape.category[1]],
    ['type_uid', fields.type_uid, shape.uid * 100 + Number(activity)],
    ['type_name', fields.type_name, `${shape.caption}: ${name}`],
    ['metadata.version', isFields(fields.metadata) && fields.metadata.version, schema.version],
  ];
  return [
    ...same.filter(([, is, should]) => is !== should).map(([what, is, should]) => `${what} is ${is}, not ${should}`),
    ...shapeFaults(shape, fields, ''),
  ];
}

function shapeFaults(shape: Shape, fields: Fields, path: string): readonly string[] {
  const known = (name: string) => fields[name] !== undefined;
  const none = shape.at_least_one !== undefined && !shape.at_least_one.some(known);
  return [
    ...shape.required.filter((name) => !known(name)).map((name) => `${path}${name} is required`),
    ...(none ? [`${path} has none of ${shape.at_least_one}`] : []),
    ...Object.keys(fields).flatMap((name) => attributeFaults(shape, fields, name, path)),
  ];
}

function attributeFaults(shape: Shape, fields: Fields, name: string, path: string): readonly string[] {
  const value = fields[name];
  const type = Object.hasOwn(shape.attributes, name) ? shape.attributes[name] : undefined;
  if (type === undefined) return [`${path}${name} is no attribute`];
  if (type.endsWith('[]')) {
    return Array.isArray(value)
      ? value.flatMap((one, index) => valueFaults(type.slice(0, -2), one, `${path}${name}[${index}]`))
      : [`${path}${name} is no list`];
  }
  return [...valueFaults(type, value, path + name), ...enumFaults(shape.enums[name], fields, name, path)];
}

function valueFaults(type: string, value: unknown, path: string): readonly string[] {
  const fits = FITS[type];
  if (fits !== undefined) return fits(value) ? [] : [`${path} is no ${type}: ${JSON.stringify(value)}`];
  const shape = schema.objects[type];
  return shape !== undefined && isFields(value) ? shapeFaults(shape, value, `${path}.`) : [`${path} is no ${type}`];
}

/** The sibling of an enumeration has the caption of its value, but for what the source names itself. */
function enumFaults(captions: Shape['enums'][string] | undefined, fields: Fields, name: string, path: string) {
  if (captions === undefined) return [];
  const key = String(fields[name]);
  if (!Object.hasOwn(captions, key)) return [`${path}${name} has no value ${key}`];
  const sibling = name === 'activity_id' ? 'activity_name' : name.replace(/_id$/, '');
  const caption = captions[key];
  const isRight = fields[sibling] === undefined || caption === null || fields[sibling] === caption;
  return isRight ? [] : [`${path}${sibling} is ${fields[sibling]}, not ${caption}`];
}
