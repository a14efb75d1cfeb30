import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../../src/landlock/decoder.ts';
import type { AnyDocument, Document } from '../../../src/landlock/document.ts';
import { idOfText } from '../../../src/landlock/event-id.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import { toObservation } from '../../../src/landlock/hierarchy/observation.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { DomainFamilies, FAMILY_BOUNDS, familiesIn } from '../../../src/store/families/domain-family.ts';
import { domainTree } from '../../../src/store/families/domain-tree.ts';
import { getDomain, listDomains } from '../../../src/store/families/domains.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { allocated, deallocated, denial, T0 } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

interface Truth {
  readonly label: string;
  readonly parent: string | null;
  readonly id: string | null;
}

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const truths = `${fixtures}hierarchy/`;
const conformance = `${fixtures}conformance/kernel-6.18.44/`;
const withTruth = readdirSync(truths).filter((name) => name.endsWith('.log'));
const captures = [
  ...withTruth.map((name) => `${truths}${name}`),
  ...['nest16', 'siblings', 'threads', 'outlive', 'two-records', 'with-rules'].map(
    (name) => `${conformance}${name}.log`,
  ),
];

function documentsOf(path: string, boot = 'boot'): Document[] {
  const documents: Document[] = [];
  const decoder = new Decoder({
    hostFor: () => ({ id: 'host', boot: { id: boot } }),
    completesOn: 'eoe',
    serialGaps: false,
    onDocument: (document) => documents.push(document),
  });
  for (const line of readFileSync(path, 'latin1').split('\n')) decoder.pushLine(line);
  decoder.end();
  return documents;
}

function store(db: Database, docs: readonly AnyDocument[]): void {
  const result = new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  expect(result.rejected).toEqual([]);
}

function inferredOf(docs: readonly Document[]) {
  return inferParents(docs.flatMap((doc) => toObservation(doc) ?? []));
}

function listed(db: Database) {
  const page = listDomains(db, { scope: { includeCanary: true }, limit: 500 });
  if (isRefused(page)) throw new Error(page.message);
  return page.data;
}

/** A process with two nested domains, which both refuse it things: enough for a strong edge. */
function nested(outer: string, inner: string, n: number, pid: number): Document[] {
  const common = { pid, path: `/srv/${n}` };
  return [
    denial({ ...common, n, domain: outer, blockers: ['fs.write_file'] }),
    { ...allocated({ n: n + 2, domain: outer }), landlock: madeBy(outer, pid + 1_000) },
    denial({ ...common, n: n + 4, domain: inner, blockers: ['fs.read_file'] }),
    { ...allocated({ n: n + 6, domain: inner }), landlock: madeBy(inner, pid) },
  ];
}

function madeBy(id: string, pid: number) {
  return { domain: { id, creator: { pid, executable: '/usr/bin/bash', name: 'sh' } } };
}

describe('the families of real captures, stored', () => {
  it.each(captures)('are those of their documents: %s', (path) => {
    const db = temporaryDatabase();
    const docs = documentsOf(path);
    store(db, docs);
    const families = inferredOf(docs);
    expect(families.size).toBeGreaterThan(0);
    for (const [id, { parent, depthMin, ancestors }] of families) {
      const domain = getDomain(db, 'host', 'boot', id);
      const evidence = domain?.evidence.map(({ text, ...rest }) => {
        expect(text).toMatch(/^[A-Z/].*\.$/);
        return rest;
      });
      expect([id, domain?.parent, evidence, domain?.depth_min]).toEqual([
        id,
        parent?.domain,
        parent?.evidence ?? [],
        depthMin,
      ]);
      expect((domain?.other_ancestors ?? []).map((other) => other.id)).toEqual(
        ancestors.slice(1).map((other) => other.domain),
      );
      expect(domain).not.toHaveProperty('evidence_incomplete');
    }
    // One for each family, and none for a second question.
    const { inferences } = familiesIn(db);
    expect(inferences).toBeGreaterThan(0);
    expect(inferences).toBeLessThanOrEqual(families.size);
    for (const id of families.keys()) getDomain(db, 'host', 'boot', id);
    expect(familiesIn(db).inferences).toBe(inferences);
  });

  it.each(withTruth)('have no edge that says proof or strong and is wrong: %s', (name) => {
    const db = temporaryDatabase();
    store(db, documentsOf(`${truths}${name}`));
    const truth: Truth[] = JSON.parse(readFileSync(`${truths}${name.replace('.log', '.truth.json')}`, 'utf8'));
    const labelOf = (id: string) => truth.find((domain) => domain.id === id)?.label ?? `unknown ${id}`;
    const ancestorsOf = (label: string): string[] => {
      const parent = truth.find((domain) => domain.label === label)?.parent;
      return parent == null ? [] : [parent, ...ancestorsOf(parent)];
    };
    const wrong = listed(db)
      .filter(({ evidence }) => evidence.some(({ strength }) => strength !== 'hint'))
      .filter(({ id, parent }) => !ancestorsOf(labelOf(id)).includes(labelOf(parent ?? '')))
      .map(({ id, parent }) => `${labelOf(id)} ← ${labelOf(parent ?? '')}`);
    expect(wrong).toEqual([]);
  });

  it('are trees of ancestors, the domain and descendants', () => {
    const db = temporaryDatabase();
    store(db, documentsOf(`${truths}siblings.log`));
    const truth: Truth[] = JSON.parse(readFileSync(`${truths}siblings.truth.json`, 'utf8'));
    const tree = (label: string) => {
      const id = truth.find((domain) => domain.label === label)?.id ?? '';
      return domainTree(db, 'host', 'boot', id)?.domains.map(
        (domain) => truth.find((known) => known.id === domain.id)?.label,
      );
    };
    expect(tree('A')).toEqual(['A', 'B1', 'B2', 'B3', 'C1', 'C2', 'C3', 'D1']);
    expect(tree('C3')).toEqual(['A', 'B3', 'C3', 'D1']);
    expect(tree('Z')).toEqual(['Z', 'Z2']);
  });
});

describe('the families of a database', () => {
  it('are not inferred again before something is stored of their boot', () => {
    const db = temporaryDatabase();
    const families = familiesIn(db);
    store(db, nested('a1', 'a2', 10, 50));
    expect(getDomain(db, 'host-1', 'boot of host-1', 'a2')).toMatchObject({ parent: 'a1', depth_min: 2 });
    expect(getDomain(db, 'host-1', 'boot of host-1', 'a1')?.parent).toBeUndefined();
    expect(families.inferences).toBe(1);

    store(db, [denial({ n: 30, boot: 'another', domain: 'b1' }), allocated({ n: 31, boot: 'another', domain: 'b1' })]);
    expect(getDomain(db, 'host-1', 'boot of host-1', 'a2')?.parent).toBe('a1');
    expect(families.inferences).toBe(1);

    store(db, nested('a3', 'a4', 40, 51));
    expect(getDomain(db, 'host-1', 'boot of host-1', 'a4')?.parent).toBe('a3');
    expect(getDomain(db, 'host-1', 'boot of host-1', 'a2')?.parent).toBe('a1');
    expect(families.inferences).toBe(2);

    // It ended before the other did: no ancestor. A deallocation alone, and one that came late.
    store(db, [deallocated({ n: 13, domain: 'a1', denials: 1 })]);
    expect(getDomain(db, 'host-1', 'boot of host-1', 'a2')).toMatchObject({
      evidence: [],
      ruled_out: [{ id: 'a1', because: 'freed-before', text: expect.any(String) }],
    });
    expect(families.inferences).toBe(3);
  });

  it('are inferred again only where something was stored that they depend on', () => {
    const db = temporaryDatabase();
    const families = familiesIn(db);
    const ask = (id: string) => getDomain(db, 'host-1', 'boot of host-1', id);
    store(db, [...nested('a1', 'a2', 10, 50), ...nested('b1', 'b2', 30, 60)]);
    expect([ask('a2')?.parent, ask('b2')?.parent, families.inferences]).toEqual(['a1', 'b1', 2]);

    store(db, [denial({ n: 70, domain: 'b2', pid: 60 }), denial({ n: 71, domain: 'c1', pid: 70 })]);
    expect([ask('a2')?.parent, ask('a1')?.parent, families.inferences]).toEqual(['a1', undefined, 2]);
    expect([ask('b2')?.parent, families.inferences]).toEqual(['b1', 3]);

    // A process that joins two families, and the kernel's own word that comes late.
    store(db, [{ ...denial({ n: 80, domain: 'b1', pid: 50 }) }]);
    ask('a2');
    expect(families.inferences).toBe(4);
    store(db, [
      {
        kind: 'domain-created',
        '@timestamp': new Date(T0 + 1).toISOString(),
        event: { id: idOfText('created c1'), provider: 'tracepoint' },
        host: denial({ n: 1 }).host,
        landlock: { domain: { id: 'c1', parent: { id: 'b2' }, creator: {} } },
      },
    ]);
    expect(ask('c1')).toMatchObject({ parent: 'b2', evidence: [{ kind: 'tracepoint', strength: 'proof' }] });
    const tree = domainTree(db, 'host-1', 'boot of host-1', 'b1');
    expect(tree?.domains.map(({ id }) => id)).toEqual(expect.arrayContaining(['b1', 'b2', 'c1']));
  });

  it('are read with their boot where they are too great to be read alone, with the same answers', () => {
    const db = temporaryDatabase();
    const documents = documentsOf(`${truths}siblings.log`);
    store(db, documents);
    const rows = db
      .prepare<[], { id: number; boot: number; host: number; number: string; firstMs: number }>(
        'SELECT id, boot, host, number, first_ms AS firstMs FROM domains ORDER BY id',
      )
      .all();
    const answersOf = (bounds: Partial<typeof FAMILY_BOUNDS>) => {
      const question = new DomainFamilies(db, { ...FAMILY_BOUNDS, ...bounds }).ask();
      return rows.map((row) => [question.kinshipOf(row), question.descendantsOf(row)]);
    };
    expect(answersOf({ nearDomainsMax: 1 })).toEqual(answersOf({}));
    expect(answersOf({ nearDenialsMax: 1 })).toEqual(answersOf({}));
  });

  it('take the system calls of programs into account, as they come', () => {
    const db = temporaryDatabase();
    const documents: AnyDocument[] = [];
    const decoder = new Decoder({
      hostFor: () => ({ id: 'host', boot: { id: 'boot' } }),
      completesOn: 'eoe',
      serialGaps: false,
      onDocument: (document) => documents.push(document),
      sandbox: { key: 'lab', onCall: (document) => documents.push(document) },
    });
    const log = readFileSync(`${fixtures}sandbox-calls/linux-7.3.4.log`, 'latin1');
    for (const line of log.split('\n')) decoder.pushLine(line);
    decoder.end();
    store(db, documents);
    const families = inferParents(documents.flatMap((doc) => toObservation(doc) ?? []));
    expect(families.size).toBeGreaterThan(1);
    for (const [id, { parent, depthMin }] of families) {
      expect(getDomain(db, 'host', 'boot', id)).toMatchObject({
        depth_min: depthMin,
        evidence: parent?.evidence.map((evidence) => expect.objectContaining(evidence)) ?? [],
      });
    }
  });

  it('keep the same numbers of two boots and two hosts apart', () => {
    const db = temporaryDatabase();
    const elsewhere = (docs: Document[], host: Document['host']) =>
      docs.map((doc) => ({
        ...doc,
        event: { ...doc.event, id: `${doc.event.id.slice(0, 25)}${host.id.at(-1)}` },
        host,
      }));
    store(db, nested('a1', 'a2', 10, 50));
    store(
      db,
      elsewhere([denial({ n: 1, domain: 'a2', pid: 9 })], {
        id: 'host-b',
        boot: { id: 'boot of host-1' },
      }) as Document[],
    );
    expect(listed(db).map(({ host, id, parent }) => [host.id, id, parent])).toEqual([
      ['host-b', 'a2', undefined],
      ['host-1', 'a2', 'a1'],
      ['host-1', 'a1', undefined],
    ]);
  });

  it('say so where a boot has too many records to look at all of them', () => {
    const db = temporaryDatabase();
    const far = Array.from({ length: 20 }, (_, i) => denial({ n: 100 + i, domain: `f${i}`, pid: 200 + i }));
    store(db, [...nested('a1', 'a2', 10, 50), ...far]);
    const families = new DomainFamilies(db, {
      ...FAMILY_BOUNDS,
      nearDomainsMax: 0,
      denialsMax: 10,
      partMax: 8,
      readMax: 15,
    });
    const rows = db
      .prepare<[], { id: number; boot: number; host: number; number: string; firstMs: number }>(
        'SELECT id, boot, host, number, first_ms AS firstMs FROM domains ORDER BY first_ms',
      )
      .all();
    const question = families.ask();
    const answers = rows.map((row) => ({ number: row.number, ...question.kinshipOf(row) }));
    expect(answers.every((answer) => answer.evidence_incomplete === true)).toBe(true);
    expect(answers.find(({ number }) => number === 'a2')?.parent).toBe('a1');
    expect(families.inferences).toBeGreaterThan(1);
    expect(families.inferences).toBeLessThan(5);
    const again = families.ask();
    const last = rows.at(-1);
    expect(last === undefined ? undefined : again.kinshipOf(last).evidence_incomplete).toBe(true);
  });

  it('are forgotten beyond the bound, and found again', () => {
    const db = temporaryDatabase();
    store(db, [
      ...nested('a1', 'a2', 10, 50),
      denial({ n: 60, domain: 'b1', boot: 'two' }),
      denial({ n: 61, domain: 'c1', boot: 'three' }),
    ]);
    const families = new DomainFamilies(db, { ...FAMILY_BOUNDS, keptMax: 2 });
    const rows = db
      .prepare<[], { id: number; boot: number; host: number; number: string; firstMs: number }>(
        'SELECT id, boot, host, number, first_ms AS firstMs FROM domains ORDER BY id',
      )
      .all();
    const ask = () => rows.map((row) => families.ask().kinshipOf(row).parent);
    expect(ask()).toEqual([undefined, 'a1', undefined, undefined]);
    expect(ask()).toEqual([undefined, 'a1', undefined, undefined]);
    expect(families.inferences).toBeGreaterThan(3);
  });
});
