import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Document } from '../../../src/landlock/document.ts';
import type { Ancestor, Family } from '../../../src/landlock/hierarchy/family.ts';
import { Hierarchy, inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import type { Observation } from '../../../src/landlock/hierarchy/observation.ts';
import { Accuracy } from './accuracy.ts';
import { type CapturedFamily, capturedFamilies, TrueFamily } from './captured-families.ts';

const GOLDEN = new URL('../../fixtures/golden/hierarchy/', import.meta.url).pathname;
const CAPTURES = capturedFamilies();

function documentsOf(name: string): Document[] {
  const captured = CAPTURES.find((capture) => capture.name === name);
  return captured?.documents.flatMap((doc) =>
    doc.kind === 'domain-created' || doc.kind === 'sandbox-call' ? [] : [doc],
  ) as Document[];
}

/** One line a domain, those without a record too: what is true, and what was inferred. */
function treeOf(captured: CapturedFamily): string {
  const truth = new TrueFamily(captured);
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  return captured.domains
    .map(({ label, id, parent }) => {
      const family = id === null ? undefined : captured.families.get(id);
      return line({ domain: label, id, true_parent: parent, ...(family && inferredOf(family, truth)) });
    })
    .join('');
}

function inferredOf(family: Family, truth: TrueFamily): object {
  const told = ({ domain, strength, evidence }: Ancestor) => ({
    domain: truth.label(domain),
    strength,
    evidence: evidence.map(({ kind, pid, parent_pid: parentPid }) =>
      [kind, ...(pid === undefined ? [] : [pid]), ...(parentPid === undefined ? [] : [`child of ${parentPid}`])].join(
        ' ',
      ),
    ),
  });
  const { parent, ancestors, ruledOut, depthMin } = family;
  return {
    parent: parent === undefined ? null : truth.label(parent.domain),
    ancestors: ancestors.map(told),
    ruled_out: ruledOut.map(({ domain, because }) => `${truth.label(domain)} ${because}`),
    depth_min: depthMin,
  };
}

describe('the captures with known truth', () => {
  it.each(CAPTURES.map((captured) => [captured.name, captured] as const))(
    'give the whole tree of %s',
    async (name, captured) => {
      await expect(treeOf(captured)).toMatchFileSnapshot(`${GOLDEN}${name}.ndjson`);
    },
  );

  it('have a golden tree each, and no other', () => {
    expect(readdirSync(GOLDEN).sort()).toEqual(CAPTURES.map(({ name }) => `${name}.ndjson`).sort());
  });

  it('name no domain that the program did not make', () => {
    for (const { name, families, domains } of CAPTURES) {
      const made = new Set(domains.map(({ id }) => id));
      expect([name, [...families.keys()].filter((id) => !made.has(id))]).toEqual([name, []]);
    }
  });

  it('have no wrong proof, no wrong strong edge, and the right parent wherever the records decide it', () => {
    const accuracy = new Accuracy();
    for (const captured of CAPTURES) {
      const truth = new TrueFamily(captured);
      accuracy.add(captured.observations, captured.families, (ancestor, domain) => truth.isAncestor(ancestor, domain));
    }
    expect(accuracy.wrong).toEqual([]);
    expect(accuracy.missed).toEqual([]);
    expect(accuracy.rows()).toEqual([
      { strength: 'proof', edges: { given: 4, right: 4 }, parents: { given: 4, right: 4 } },
      { strength: 'strong', edges: { given: 125, right: 125 }, parents: { given: 38, right: 38 } },
      { strength: 'hint', edges: { given: 15, right: 13 }, parents: { given: 14, right: 13 } },
    ]);
    expect(accuracy.named).toEqual({ given: 61, right: 55 });
    expect(accuracy.decidable).toEqual({ given: 51, right: 51 });
  });

  it('say the same whatever the order of the documents', () => {
    for (const { observations } of CAPTURES) {
      const parents = (order: readonly Observation[]) =>
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
  const ids = ['one', 'two', 'three', 'four'];
  for (const id of ids) {
    for (const document of documents) {
      hierarchy.observe({ ...document, host: { id, boot: { id: 'boot' } } });
    }
  }
  const domains = familiesOf('siblings');
  expect(domains.size).toBe(10);
  expect(hierarchy.size).toBe(20);
  const [some = ''] = domains.keys();
  expect(ids.map((id) => hierarchy.family(id, 'boot', some) !== undefined)).toEqual([false, false, true, true]);
});

function familiesOf(name: string): ReadonlyMap<string, Family> {
  return CAPTURES.find((captured) => captured.name === name)?.families ?? new Map();
}
