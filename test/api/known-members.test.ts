import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { domainWithoutSensitive, gapWithoutSensitive, withoutSensitive } from '../../src/api/access/sensitive.ts';
import { knownMembers } from '../../src/api/known-members.ts';
import type { AnyDocument } from '../../src/landlock/document.ts';

const schema = Type.Object({
  id: Type.String(),
  size: Type.Optional(Type.Integer()),
  owner: Type.Optional(Type.Object({ id: Type.String(), secret: Type.Optional(Type.String()) })),
  parts: Type.Optional(Type.Array(Type.Object({ name: Type.String() }))),
});
const known = knownMembers<object>(schema, ['owner.secret']);

it('keeps what the schema names, and the value itself where that is all', () => {
  const whole = { id: 'a', size: 0, owner: { id: 'b' }, parts: [{ name: 'c' }] };
  expect(known(whole)).toBe(whole);
});

it('leaves out what has no name there, at every level, and what is excepted', () => {
  const value = {
    ...{ id: 'a', title: 'x', owner: { id: 'b', secret: 'x', more: 1 } },
    parts: [{ name: 'c', text: 'x' }, 'x', { name: 'd' }],
  };
  const before = structuredClone(value);
  expect(known(value)).toEqual({ id: 'a', owner: { id: 'b' }, parts: [{ name: 'c' }, { name: 'd' }] });
  expect(value).toEqual(before);
});

it('leaves out objects where texts should be, and texts where objects should be', () => {
  expect(known({ id: { x: 1 }, size: ['x'], owner: 'x', parts: { 0: { name: 'c' } } })).toEqual({});
});

it('takes no name for another because objects have it from the start', () => {
  const value = JSON.parse('{"id":"a","__proto__":{"size":1},"constructor":"x","toString":"x"}');
  const kept = known(value);
  expect(Object.keys(kept)).toEqual(['id']);
  expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
});

describe('without read-sensitive', () => {
  const folder = fileURLToPath(new URL('../fixtures/conformance/', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ndjson'));
  const documents = files.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): AnyDocument => JSON.parse(line)),
  );

  it('everything else of what kernels tell is there', () => {
    const kinds = new Map<string, number>();
    for (const doc of documents) {
      const shown = shownOf(doc);
      if (shown === undefined) continue;
      kinds.set(doc.kind, (kinds.get(doc.kind) ?? 0) + 1);
      const { args: _, ...process } = doc.kind === 'denial' ? (doc.process ?? {}) : {};
      const { unknown_fields: __, ...landlock } = 'landlock' in doc ? doc.landlock : {};
      expect(shown).toEqual({
        ...doc,
        ...('landlock' in doc && { landlock }),
        ...('process' in doc && { process }),
      });
    }
    expect([...kinds.keys()].sort()).toEqual(['denial', 'domain-allocated', 'domain-deallocated', 'gap']);
  });
});

function shownOf(doc: AnyDocument): object | undefined {
  switch (doc.kind) {
    case 'denial':
      return withoutSensitive(doc);
    case 'domain-allocated':
    case 'domain-created':
    case 'domain-deallocated':
      return domainWithoutSensitive(doc);
    case 'gap':
      return gapWithoutSensitive(doc);
    default:
      return undefined;
  }
}
