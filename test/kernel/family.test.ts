// A family of domains that a program builds on this kernel, read by the real collector, against what the program says
// that it built.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Denial, Document, DomainDeallocated } from '../../src/landlock/document.ts';
import type { Family } from '../../src/landlock/hierarchy/family.ts';
import { inferParents } from '../../src/landlock/hierarchy/hierarchy.ts';
import { type Observation, toObservation } from '../../src/landlock/hierarchy/observation.ts';
import { Accuracy } from '../landlock/hierarchy/accuracy.ts';
import { type CapturedFamily, TrueFamily } from '../landlock/hierarchy/captured-families.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { type Collected, collectDuring } from './collect-during.ts';

const SOURCE = fileURLToPath(new URL('./family.c', import.meta.url));

type Said =
  | { readonly kind: 'domain'; readonly label: string; readonly parent: string | null; readonly pid: number }
  | { readonly kind: 'denial'; readonly domain: string; readonly pid: number; readonly is_logged: boolean };

/** Not in one breath: the collector is to look at the processes while they are there. */
async function buildFamily(directory: string): Promise<Said[]> {
  const program = join(directory, 'family');
  await promisify(execFile)('cc', ['-Wall', '-Wextra', '-Werror', '-pthread', '-o', program, SOURCE]);
  const folder = join(directory, 'folder');
  mkdirSync(folder);
  const { stdout } = await promisify(execFile)(program, [folder], { encoding: 'utf8' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Said);
}

/** Ids by label: a domain's record names its creator, who had the label for a name. */
function idsOf(said: readonly Said[], documents: readonly Document[]): Map<string, string> {
  const made = new Map(said.flatMap((one) => (one.kind === 'domain' ? [[`${one.pid} ${one.label}`, one.label]] : [])));
  return new Map(
    documents.flatMap((doc) => {
      if (doc.kind !== 'domain-allocated') return [];
      const { id, creator } = doc.landlock.domain;
      const label = made.get(`${creator.pid} ${creator.name}`);
      return label === undefined ? [] : [[label, id] as const];
    }),
  );
}

const freed = (documents: readonly Document[]) =>
  documents.filter((doc): doc is DomainDeallocated => doc.kind === 'domain-deallocated');

interface Lived extends Pick<CapturedFamily, 'domains' | 'observations' | 'families'> {
  readonly said: readonly Said[];
  readonly ids: ReadonlyMap<string, string>;
  readonly collected: Collected;
}

async function live(sandboxRules: boolean): Promise<Lived> {
  let said: Said[] = [];
  const collected = await collectDuring(
    async (directory) => {
      said = await buildFamily(directory);
    },
    (documents) => {
      const gone = new Set(freed(documents).map(({ landlock }) => landlock.domain.id));
      const ids = [...idsOf(said, documents).values()];
      return ids.length === said.filter(({ kind }) => kind === 'domain').length && ids.every((id) => gone.has(id));
    },
    { sandboxRules, canary: false },
  );
  const ids = idsOf(said, collected.documents);
  const domains = said.flatMap((one) =>
    one.kind === 'domain' ? [{ label: one.label, parent: one.parent, id: ids.get(one.label) ?? null }] : [],
  );
  const own = new Set(ids.values());
  // The machine may have other families; those are somebody else's.
  const observations: Observation[] = collected.lines.flatMap(({ doc }) =>
    doc.kind === 'aggregate' ? [] : (toObservation(doc) ?? []),
  );
  const families = new Map([...inferParents(observations)].filter(([id]) => own.has(id)));
  return { said, ids, collected, domains, observations, families };
}

/** `label: parent strength` of every domain, by what was inferred. */
function drawn({ families, domains }: Lived): Record<string, string> {
  const truth = new TrueFamily({ domains });
  const edge = ({ parent }: Family) =>
    parent === undefined ? 'none' : `${truth.label(parent.domain)} ${parent.strength}`;
  return Object.fromEntries([...families].map(([id, family]) => [truth.label(id), edge(family)]));
}

function accuracyOf({ observations, families, domains }: Lived): Accuracy {
  const accuracy = new Accuracy();
  const truth = new TrueFamily({ domains });
  accuracy.add(observations, families, (ancestor, domain) => truth.isAncestor(ancestor, domain));
  return accuracy;
}

/** The edges that records of any kind settle. */
const SETTLED = {
  L1: 'none',
  L2: 'L1 strong',
  L3: 'L2 strong',
  L4: 'L3 strong',
  L5: 'L4 strong',
  S2a: 'L1 strong',
  S2b: 'L1 strong',
  S4: 'L3 strong',
  PA: 'L2 strong',
  PB: 'PA proof',
  T1: 'L1 strong',
  // A guess: the process has threads in several chains.
  T3sub: 'T3 hint',
  FB: 'L1 strong',
};

describeKernel('a family built on this kernel', () => {
  describe.each([
    ['from audit records and /proc', false],
    ['with audit rules on the calls', true],
  ])('%s', (_, sandboxRules) => {
    let lived: Lived;
    beforeAll(async () => {
      lived = await live(sandboxRules);
    });

    it('is named whole: every domain, its creator and its end', () => {
      const labels = lived.said.flatMap((one) => (one.kind === 'domain' ? [one.label] : []));
      expect(labels).toHaveLength(16);
      expect([...lived.ids.keys()].sort()).toEqual(labels.sort());
      expect(new Set(lived.ids.values()).size).toBe(labels.length);
    });

    it('has the denials that the program met, and the totals with the one that was not logged', () => {
      const { said, ids, collected } = lived;
      const met = said.flatMap((one) => (one.kind === 'denial' ? [one] : []));
      const line = (domain: string | undefined, pid: number | undefined) => `${domain} ${pid}`;
      const own = new Set(ids.values());
      const heard = collected.documents.filter(
        (doc): doc is Denial => doc.kind === 'denial' && own.has(doc.landlock.domain.id),
      );
      expect(heard.map((doc) => line(doc.landlock.domain.id, doc.process?.pid)).sort()).toEqual(
        met.flatMap((one) => (one.is_logged ? [line(ids.get(one.domain), one.pid)] : [])).sort(),
      );
      const totals = new Map(freed(collected.documents).map(({ landlock }) => [landlock.domain.id, landlock.domain]));
      for (const [label, id] of ids) {
        expect([label, totals.get(id)?.denials]).toEqual([label, met.filter(({ domain }) => domain === label).length]);
      }
      expect(met.filter((one) => !one.is_logged)).toEqual([expect.objectContaining({ domain: 'S2b' })]);
    });

    it('has its edges: all that are proven or strong are true, and what the records decide is found', () => {
      const accuracy = accuracyOf(lived);
      expect(accuracy.wrong).toEqual([]);
      expect(accuracy.missed).toEqual([]);
      expect(accuracy.decidable.given).toBeGreaterThanOrEqual(11);
      expect(drawn(lived)).toMatchObject(SETTLED);
      expect(lived.families.get(lived.ids.get('L5') ?? '')?.depthMin).toBe(5);
    });

    it('keeps threads with domains of their own out of each other, but for guesses', () => {
      const { ids, families } = lived;
      const siblings = ['T1', 'T2', 'T3'].flatMap((label) => ids.get(label) ?? []);
      for (const label of ['T2', 'T3']) {
        const family = families.get(ids.get(label) ?? '');
        expect(family?.ancestors.find(({ domain }) => domain === ids.get('L1'))?.strength).toBe('strong');
        const others = family?.ancestors.filter(({ domain }) => siblings.includes(domain));
        expect(others?.filter(({ strength }) => strength !== 'hint')).toEqual([]);
        expect(family?.depthMin).toBe(2);
      }
    });

    it('says of the process that was forked before what the records allow', () => {
      const { ids, families } = lived;
      const family = families.get(ids.get('FC') ?? '');
      const own = family?.ancestors.find(({ domain }) => domain === ids.get('L1'));
      expect(own?.strength).toBe('strong');
      const beside = family?.ancestors.find(({ domain }) => domain === ids.get('FB'));
      // Only the calls tell when the parent restricted itself.
      if (sandboxRules) {
        expect(beside).toBeUndefined();
        // That it ended first, if it did, rules it out as well.
        const because = family?.ruledOut.find(({ domain }) => domain === ids.get('FB'))?.because;
        expect(['forked-before', 'freed-before']).toContain(because);
        expect(drawn(lived)).toMatchObject({ FC: 'L1 strong' });
      } else {
        expect(beside?.strength ?? 'hint').toBe('hint');
      }
    });
  });
});
