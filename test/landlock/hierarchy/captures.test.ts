import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../../src/landlock/decoder.ts';
import type { Document } from '../../../src/landlock/document.ts';
import type { Family, Strength } from '../../../src/landlock/hierarchy/family.ts';
import { Hierarchy, inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import { toObservation } from '../../../src/landlock/hierarchy/observation.ts';

interface Truth {
  readonly label: string;
  readonly parent: string | null;
  readonly id: string | null;
}

const fixtures = new URL('../../fixtures/hierarchy/', import.meta.url);
const names = readdirSync(fixtures)
  .filter((name) => name.endsWith('.log'))
  .map((name) => name.slice(0, -'.log'.length));

function documentsOf(name: string): Document[] {
  const documents: Document[] = [];
  const decoder = new Decoder({
    hostFor: () => ({ id: 'host', boot: { id: 'boot' } }),
    completesOn: 'eoe',
    serialGaps: false,
    onDocument: (document) => documents.push(document),
  });
  for (const line of readFileSync(new URL(`${name}.log`, fixtures), 'latin1').split('\n')) {
    decoder.pushLine(line);
  }
  decoder.end();
  return documents;
}

/** The true family: who is an ancestor of whom, and the nearest one that the records name. */
class TrueFamily {
  readonly domains: readonly Truth[];

  constructor(name: string) {
    this.domains = JSON.parse(readFileSync(new URL(`${name}.truth.json`, fixtures), 'utf8'));
  }

  label(id: string | undefined): string | undefined {
    return this.domains.find((domain) => domain.id === id)?.label;
  }

  ancestors(label: string): string[] {
    const parent = this.domains.find((domain) => domain.label === label)?.parent;
    return parent == null ? [] : [parent, ...this.ancestors(parent)];
  }
}

function familiesOf(name: string): Map<string, Family> {
  return inferParents(documentsOf(name).flatMap((document) => toObservation(document) ?? []));
}

/** `child ← parent strength kinds` for each domain that has a parent. */
function drawn(name: string): string[] {
  const truth = new TrueFamily(name);
  return [...familiesOf(name).values()].flatMap(({ domain, parent, depthMin }) => {
    if (parent === undefined) {
      return [];
    }
    const kinds = parent.evidence.map(({ kind }) => kind).join(', ');
    return [
      `${truth.label(domain)} ← ${truth.label(parent.domain)}: ${parent.strength} (${kinds}), depth ≥ ${depthMin}`,
    ];
  });
}

describe('the captures with known truth', () => {
  it('have no wrong proof, no wrong strong edge, and the right parent wherever the records decide it', () => {
    const table = new Map<Strength | 'none', { domains: number; ancestors: number; parents: number }>();
    const wrong: string[] = [];
    for (const name of names) {
      const truth = new TrueFamily(name);
      const families = familiesOf(name);
      for (const { label, id } of truth.domains) {
        const family = id === null ? undefined : families.get(id);
        if (family === undefined) {
          continue;
        }
        const ancestors = truth.ancestors(label);
        const isNamed = (ancestor: string) => families.has(truth.domains.find((d) => d.label === ancestor)?.id ?? '');
        const nearest = ancestors.find(isNamed);
        const found = truth.label(family.parent?.domain);
        const row = table.get(family.parent?.strength ?? 'none') ?? { domains: 0, ancestors: 0, parents: 0 };
        table.set(family.parent?.strength ?? 'none', row);
        row.domains += 1;
        row.ancestors += found === undefined ? Number(nearest === undefined) : Number(ancestors.includes(found));
        row.parents += Number(found === nearest);
        wrong.push(
          ...family.ancestors
            .filter(({ domain, strength }) => strength !== 'hint' && !ancestors.includes(truth.label(domain) ?? ''))
            .map(({ domain, strength }) => `${name}: ${label} ← ${truth.label(domain)} (${strength})`),
        );
      }
    }
    console.table([...table].map(([strength, row]) => ({ strength, ...row })));
    expect(wrong).toEqual([]);
    expect(Object.fromEntries(table)).toEqual({
      proof: { domains: 1, ancestors: 1, parents: 1 },
      strong: { domains: 25, ancestors: 25, parents: 25 },
      hint: { domains: 10, ancestors: 9, parents: 9 },
      // Six have a parent that no record tells of: their tasks have no audit context.
      none: { domains: 39, ancestors: 33, parents: 33 },
    });
  });

  it('give the family of nested processes and siblings', () => {
    expect(drawn('siblings')).toMatchInlineSnapshot(`
      [
        "C1 ← B1: strong (born-inside), depth ≥ 3",
        "C2 ← B1: strong (born-inside), depth ≥ 3",
        "B2 ← A: strong (born-inside), depth ≥ 2",
        "B1 ← A: strong (born-inside, born-inside, parent-born-inside), depth ≥ 2",
        "D1 ← C3: strong (same-thread), depth ≥ 3",
        "C3 ← B3: strong (born-inside), depth ≥ 2",
        "B3 ← A: hint (parent-process), depth ≥ 1",
        "Z2 ← Z: hint (same-process), depth ≥ 1",
      ]
    `);
  });

  it('tell threads with a domain of their own from nested ones only where the records do', () => {
    expect(drawn('threads')).toMatchInlineSnapshot(`
      [
        "T2sub ← T2: strong (same-thread), depth ≥ 2",
        "T2 ← T1: hint (same-process), depth ≥ 1",
        "INNER ← MAIN: strong (same-thread), depth ≥ 2",
      ]
    `);
  });

  it('prove a chain by one system call that two domains refused', () => {
    expect(drawn('two-domains-one-call')).toMatchInlineSnapshot(`
      [
        "1bad2cfa3 ← 1bad2cf8e: proof (same-event, same-process), depth ≥ 2",
      ]
    `);
  });

  it('are exact with the tracepoints', () => {
    const truth = new TrueFamily('traced-tree');
    const traced = truth.domains.map(({ id, parent }) => {
      return { kind: 'creation' as const, domain: id ?? '', record: 'trace', ...(parent !== null && { parent }) };
    });
    const heard = documentsOf('traced-tree').flatMap((document) => toObservation(document) ?? []);
    const families = inferParents([...heard, ...traced]);
    for (const { id, parent } of truth.domains) {
      expect(families.get(id ?? '')?.parent?.domain).toBe(parent ?? undefined);
      expect(families.get(id ?? '')?.parent?.strength).toBe(parent === null ? undefined : 'proof');
    }
  });

  it('say the same whatever the order of the documents', () => {
    for (const name of names) {
      const observations = documentsOf(name).flatMap((document) => toObservation(document) ?? []);
      const parents = (order: typeof observations) =>
        [...inferParents([...order, ...order])]
          .map(([id, { parent }]) => `${id} ${parent?.domain} ${parent?.strength}`)
          .sort();
      expect(parents(observations.toReversed())).toEqual(parents(observations));
    }
  });
});

it('keeps the same numbers apart by host and boot', () => {
  const hierarchy = new Hierarchy();
  const documents = documentsOf('siblings');
  for (const [index, document] of documents.entries()) {
    const host = { id: index % 2 === 0 ? 'one' : 'other', boot: { id: 'boot' } };
    hierarchy.observe({ ...document, host });
    hierarchy.observe({ ...document, host: { id: 'whole', boot: { id: 'boot' } } });
  }
  const whole = familiesOf('siblings');
  for (const [id, family] of whole) {
    expect(hierarchy.family('whole', 'boot', id)).toEqual(family);
  }
  expect(hierarchy.family('whole', 'another boot', [...whole.keys()][0] ?? '')).toBeUndefined();
  expect(hierarchy.family('nobody', 'boot', '1')).toBeUndefined();
});

it('holds no more domains than it may, over all hosts, and forgets the host that was quiet the longest', () => {
  const hierarchy = new Hierarchy({ domainsMax: 25 });
  const documents = documentsOf('siblings');
  const domains = familiesOf('siblings').size;
  for (const id of ['one', 'two', 'three', 'four']) {
    for (const document of documents) {
      hierarchy.observe({ ...document, host: { id, boot: { id: 'boot' } } });
    }
  }
  expect(domains).toBe(10);
  expect(hierarchy.size).toBe(20);
  const [some = ''] = familiesOf('siblings').keys();
  expect(['one', 'two', 'three', 'four'].map((id) => hierarchy.family(id, 'boot', some) !== undefined)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
