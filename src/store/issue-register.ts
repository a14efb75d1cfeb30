// Which issue a denial belongs to: the row of its fingerprint, made when it is first seen. What most denials share
// with earlier ones (shape, program, path or port) is looked up first, so that a fingerprint is made once for each. A
// program that meets ever new paths would have ever new issues, and nobody could see the others for them: beyond a
// bound the new ones of one program, set of blockers and kind of object are gathered in one.
import type { Denial } from '../landlock/document.ts';
import { idOfText } from '../landlock/event-id.ts';
import type { DenialParts } from './denial-columns.ts';
import type { Dictionary } from './intern.ts';
import { type IssuePrint, issuePrintOf, templateOf } from './issue-print.ts';
import type { Database } from './open.ts';
import { statement } from './statement.ts';

/** Issues of one group; what comes beyond them is gathered in one more. */
export const ISSUES_OF_GROUP_MAX = 16;
/** issues.rule of what was gathered. It has no template. */
export const GATHERED_RULE = 'gathered';
/** Stands for no template; a text in a column has no such character. */
const NONE = '\0';
/** Combinations whose issue is known; beyond it all are looked up again. */
const knownMax = 131_072;
/** Groups at hand; beyond it all are read again. */
const groupsMax = 8_192;

/** The rows that a denial refers to, and its parts. */
export interface IssueFacts {
  readonly shape: number;
  readonly program: number | null;
  readonly object: number | null;
  readonly parts: DenialParts;
  readonly isCanary: boolean;
  /** The millisecond of its slot. */
  readonly seenMs: number;
}

/** Issues of one program, set of blockers and kind of object. */
interface Group {
  readonly blockers: number;
  readonly kind: string;
  /** By template, with NONE where there is none. */
  readonly issues: Map<string, number>;
  gathered: number | undefined;
}

const FIND_GROUP = `
  SELECT id, template, rule
  FROM issues
  WHERE program IS ? AND blockers = ? AND kind = ? AND is_canary = ?`;

const INSERT = `
  INSERT INTO issues (fingerprint, is_canary, version, program, blockers, kind, template, rule, first_ms, last_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export class IssueRegister {
  readonly #db: Database;
  readonly #blockers: Dictionary;
  /** By shape, program and canary; then by path, name or port. */
  readonly #known = new Map<number, Map<number, number>>();
  #knownCount = 0;
  /** By shape, program and canary; several may have the same group. */
  readonly #groupOfPair = new Map<number, Group>();
  readonly #groups = new Map<string, Group>();

  constructor(db: Database, blockers: Dictionary) {
    this.#db = db;
    this.#blockers = blockers;
  }

  idOf(doc: Denial, facts: IssueFacts): number {
    const pair = (facts.shape * 2 + (facts.isCanary ? 1 : 0)) * 2 ** 28 + (facts.program ?? 0);
    const key = keyOf(facts);
    if (key === undefined) return this.#resolve(doc, pair, facts);
    let objects = this.#known.get(pair);
    const known = objects?.get(key);
    if (known !== undefined) return known;
    const id = this.#resolve(doc, pair, facts);
    if (this.#knownCount >= knownMax) {
      this.#known.clear();
      this.#knownCount = 0;
      objects = undefined;
    }
    this.#knownCount += 1;
    if (objects === undefined) this.#known.set(pair, new Map([[key, id]]));
    else objects.set(key, id);
    return id;
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#known.clear();
    this.#knownCount = 0;
    this.#forgetGroups();
  }

  #resolve(doc: Denial, pair: number, facts: IssueFacts): number {
    const group = this.#groupOf(doc, pair, facts);
    const template = templateOf(doc) ?? NONE;
    const known = group.issues.get(template);
    if (known !== undefined) return known;
    if (group.issues.size < ISSUES_OF_GROUP_MAX) {
      const id = this.#insert(issuePrintOf(doc), group, facts);
      group.issues.set(template, id);
      return id;
    }
    group.gathered ??= this.#insert(gathered(issuePrintOf(doc), doc), group, facts);
    return group.gathered;
  }

  #groupOf(doc: Denial, pair: number, { program, isCanary }: IssueFacts): Group {
    const known = this.#groupOfPair.get(pair);
    if (known !== undefined) return known;
    const print = issuePrintOf(doc);
    const blockers = this.#blockers.id(JSON.stringify(print.blockers));
    const canary = isCanary ? 1 : 0;
    const name = `${program ?? 0} ${blockers} ${canary} ${print.kind}`;
    if (this.#groupOfPair.size >= groupsMax) this.#forgetGroups();
    const group = this.#groups.get(name) ?? this.#readGroup(program, blockers, print.kind, canary);
    this.#groups.set(name, group);
    this.#groupOfPair.set(pair, group);
    return group;
  }

  #readGroup(program: number | null, blockers: number, kind: string, canary: number): Group {
    const group: Group = { blockers, kind, issues: new Map(), gathered: undefined };
    const find = statement<{ id: number; template: string | null; rule: string | null }>(this.#db, FIND_GROUP);
    for (const { id, template, rule } of find.all(program, blockers, kind, canary)) {
      if (rule === GATHERED_RULE) group.gathered = id;
      else group.issues.set(template ?? NONE, id);
    }
    return group;
  }

  #forgetGroups(): void {
    this.#groups.clear();
    this.#groupOfPair.clear();
  }

  #insert(print: IssuePrint, group: Group, { program, isCanary, seenMs }: IssueFacts): number {
    const row = statement(this.#db, INSERT).run(
      print.fingerprint,
      isCanary ? 1 : 0,
      print.version,
      program,
      group.blockers,
      group.kind,
      print.template ?? null,
      print.rule ?? null,
      seenMs,
      seenMs,
    );
    return Number(row.lastInsertRowid);
  }
}

function gathered({ version, blockers, kind }: IssuePrint, doc: Denial): IssuePrint {
  const parts = [GATHERED_RULE, version, doc.process?.executable, blockers, kind];
  return { version, blockers, kind, fingerprint: idOfText(JSON.stringify(parts)), rule: GATHERED_RULE };
}

/** What tells denials of one shape and program apart; undefined where columns do not say all of it. */
function keyOf({ object, parts }: IssueFacts): number | undefined {
  const { form, sourcePort, destinationPort, extra } = parts;
  if (extra !== null) return undefined;
  if (form === 'file' || form === 'target') {
    if (sourcePort !== null || destinationPort !== null) return undefined;
    return object ?? 0;
  }
  if (destinationPort !== null) return sourcePort === null ? destinationPort : undefined;
  return sourcePort ?? -1;
}
