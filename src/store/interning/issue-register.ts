// Which issue a denial belongs to: the row of its fingerprint, made when it is first seen. A program that meets ever new
// paths would have ever new issues, and nobody could see the others for them: beyond a bound the new ones of a program
// and set of blockers are gathered in one.
import type { Denial } from '../../landlock/document.ts';
import {
  blockersOfIssue,
  FINGERPRINT_VERSION,
  fingerprintOfParts,
  type IssueParts,
  joinParts,
  type ObjectParts,
  objectPartsOf,
  type ProgramParts,
  programPartsOf,
} from '../../landlock/fingerprint.ts';
import type { DenialParts } from '../columns/denial-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Dictionaries } from './dictionaries.ts';
import { IssueIds, saysAll } from './issue-ids.ts';

/** Issues of one program and set of blockers; what comes beyond them is gathered in one more. */
export const ISSUES_OF_GROUP_MAX = 64;
/** What issues.object_detail says of one that others were gathered in. */
export const GATHERED = 'gathered';
/** Also what somebody may claim that a denial is about: it is gathered then, too. */
const GATHERED_OBJECT = `none ${GATHERED} `;
/** What such an issue is about. */
const GATHERED_PARTS: ObjectParts = { objectClass: 'none', objectKey: '', objectDetail: GATHERED, rules: [] };
/** Objects whose part of the fingerprint is known; beyond it all are looked at again. */
const objectsMax = 262_144;
/** Groups at hand; beyond it all are read again. */
const groupsMax = 8_192;

/** The rows that a denial refers to, and its parts. */
export interface IssueFacts {
  readonly shape: number;
  readonly program: number | null;
  readonly object: number | null;
  readonly parts: Pick<DenialParts, 'form' | 'sourcePort' | 'destinationPort' | 'extra'>;
  readonly isCanary: boolean;
}

/** Issues of one program and set of blockers. */
interface Group {
  readonly program: number;
  readonly blockers: number;
  /** By what they are about; see `objectOf`. */
  readonly issues: Map<string, number>;
  gathered: number | undefined;
}

/** What all denials of one shape and program have in common. */
interface Kind {
  readonly group: Group;
  readonly program: ProgramParts;
  readonly blockers: readonly string[];
}

interface IssueRow {
  readonly id: number;
  readonly object_class: IssueParts['objectClass'];
  readonly object_key: string;
  readonly object_detail: string;
}

export const ISSUES_OF_GROUP_SQL = `
  SELECT id, object_class, object_key, object_detail
  FROM issues
  WHERE program = ? AND blockers = ? AND program_class = ? AND is_canary = ?`;

const INSERT = `
  INSERT INTO issues (
    id, fingerprint, is_canary, version, program, program_class, blockers, object_class, object_key, object_detail,
    rules, first_ms, last_ms, denials, hosts
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** What a batch's denials add to an issue. */
export interface IssueTotal {
  readonly denials: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly hosts: number;
}

/** Until there are denials of it. */
const NOTHING: IssueTotal = {
  denials: 0,
  firstMs: Number.MAX_SAFE_INTEGER,
  lastMs: Number.MIN_SAFE_INTEGER,
  hosts: 0,
};

export class IssueRegister {
  readonly #db: Database;
  readonly #texts: Dictionaries;
  /** What a denial is about, by its shape and the row of its path or name, or its port. */
  readonly #objects = new Map<number, string>();
  /** By shape, program and canary; several may have the same group. */
  readonly #kinds = new Map<number, Kind>();
  readonly #groups = new Map<string, Group>();
  /** The columns of issues that have a number and no row yet: it is written once, with what the batch adds to it. */
  readonly #unwritten = new Map<number, readonly unknown[]>();
  readonly #ids: IssueIds;

  constructor(db: Database, texts: Dictionaries) {
    this.#db = db;
    this.#texts = texts;
    this.#ids = new IssueIds(db);
  }

  /** What the issue of `doc` is about is worked out for what is new, and once; mostly nobody asks for it. */
  idOf(facts: IssueFacts, doc: () => Denial): number {
    let known: ObjectParts | undefined;
    const partsOf = (): ObjectParts => {
      known ??= objectPartsOf(doc());
      return known;
    };
    const kind = this.#kindOf(doc, facts);
    const { group } = kind;
    const object = this.#objectOf(partsOf, facts);
    const issue = group.issues.get(object);
    if (issue !== undefined) return issue;
    if (group.issues.size < ISSUES_OF_GROUP_MAX && object !== GATHERED_OBJECT) {
      const id = this.#insert(kind, partsOf(), facts);
      group.issues.set(object, id);
      return id;
    }
    group.gathered ??= this.#insert(kind, GATHERED_PARTS, facts);
    return group.gathered;
  }

  /** To be called first in a transaction: another process may have added issues. */
  begin(): void {
    this.#ids.begin();
  }

  /** Whether the issue has no row yet. */
  isUnwritten(issue: number): boolean {
    return this.#unwritten.has(issue);
  }

  /** Writes the row of an issue that has none yet. */
  write(issue: number, total: IssueTotal): void {
    const columns = this.#unwritten.get(issue);
    if (columns === undefined) throw new Error(`the issue ${issue} has a row already, or no number`);
    const { firstMs, lastMs, denials, hosts } = total;
    statement(this.#db, INSERT).run(issue, ...columns, firstMs, lastMs, denials, hosts);
    this.#unwritten.delete(issue);
  }

  /** Writes the rows that nothing was added to, as of a denial that could not be stored. */
  flush(): void {
    for (const issue of this.#unwritten.keys()) this.write(issue, NOTHING);
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#objects.clear();
    this.#unwritten.clear();
    this.#ids.begin();
    this.#forgetGroups();
  }

  #objectOf(partsOf: () => ObjectParts, facts: IssueFacts): string {
    const key = keyOf(facts);
    let object = key === undefined ? undefined : this.#objects.get(key);
    if (object !== undefined) return object;
    object = objectOf(partsOf());
    if (key === undefined) return object;
    if (this.#objects.size >= objectsMax) this.#objects.clear();
    this.#objects.set(key, object);
    return object;
  }

  #kindOf(doc: () => Denial, { shape, program, isCanary }: IssueFacts): Kind {
    // The name of a process stands in for its program where there is none, and is not one of the two.
    const pair = program === null ? undefined : (shape * 2 + (isCanary ? 1 : 0)) * 2 ** 30 + program;
    const known = pair === undefined ? undefined : this.#kinds.get(pair);
    if (known !== undefined) return known;
    const denial = doc();
    const programParts = programPartsOf(denial);
    const blockers = blockersOfIssue(denial.landlock.blockers);
    if (this.#groups.size >= groupsMax || this.#kinds.size >= groupsMax * 2) {
      // Who reads a group anew must find all of it.
      this.flush();
      this.#forgetGroups();
    }
    const kind = { group: this.#groupOf(programParts, blockers, isCanary), program: programParts, blockers };
    if (pair !== undefined) this.#kinds.set(pair, kind);
    return kind;
  }

  #groupOf({ program, programClass }: ProgramParts, members: readonly string[], isCanary: boolean): Group {
    const { strings, blockers: sets } = this.#texts;
    const place = {
      program: strings.id(columnText(program)),
      programClass,
      blockers: sets.id(JSON.stringify(members)),
      canary: isCanary ? 1 : 0,
    };
    const name = `${place.program} ${place.blockers} ${place.canary} ${programClass}`;
    const group = this.#groups.get(name) ?? this.#readGroup(place);
    this.#groups.set(name, group);
    return group;
  }

  #readGroup(place: { program: number; programClass: string; blockers: number; canary: number }): Group {
    const { program, programClass, blockers, canary } = place;
    const group: Group = { program, blockers, issues: new Map(), gathered: undefined };
    const find = statement<IssueRow>(this.#db, ISSUES_OF_GROUP_SQL);
    for (const row of find.all(program, blockers, programClass, canary)) {
      const object = { objectClass: row.object_class, objectKey: row.object_key, objectDetail: row.object_detail };
      if (objectOf(object) === GATHERED_OBJECT) group.gathered = row.id;
      else group.issues.set(objectOf(object), row.id);
    }
    return group;
  }

  #forgetGroups(): void {
    this.#groups.clear();
    this.#kinds.clear();
  }

  #insert({ group, program, blockers }: Kind, object: ObjectParts, { isCanary }: IssueFacts): number {
    const print = joinParts(program, blockers, object);
    const { program: ofProgram, object: ofObject } = print.rules;
    const hasRules = ofProgram.length > 0 || ofObject.length > 0;
    const issue = this.#ids.next(saysAll(print));
    this.#unwritten.set(issue, [
      fingerprintOfParts(print),
      isCanary ? 1 : 0,
      FINGERPRINT_VERSION,
      group.program,
      print.programClass,
      group.blockers,
      print.objectClass,
      columnText(print.objectKey),
      print.objectDetail,
      hasRules ? JSON.stringify(print.rules) : null,
    ]);
    return issue;
  }
}

/** What an issue of a group is about, as one text. */
function objectOf(parts: Pick<IssueParts, 'objectClass' | 'objectKey' | 'objectDetail'>): string {
  return `${parts.objectClass} ${parts.objectDetail} ${columnText(parts.objectKey)}`;
}

/** SQLite's text functions end at U+0000. Paths and names have none; abstract sockets may. */
function columnText(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

/** The row of a path or name, or a port, and the shape; undefined where columns do not say all that a denial is about. */
function keyOf({ shape, object, parts }: IssueFacts): number | undefined {
  if (parts.extra !== null) return undefined;
  const about = aboutOf(object, parts);
  return about === undefined ? undefined : shape * 2 ** 32 + about;
}

/** The row of a path or name, or a port: what tells denials of one shape and program apart that extra tells nothing of. */
export function aboutOf(
  object: number | null,
  { form, sourcePort, destinationPort }: Pick<DenialParts, 'form' | 'sourcePort' | 'destinationPort'>,
): number | undefined {
  const hasPort = sourcePort !== null || destinationPort !== null;
  if (form === 'file' || form === 'target') return hasPort || object === null ? undefined : object * 3;
  if ((sourcePort === null) === (destinationPort === null)) return undefined;
  return destinationPort === null ? (sourcePort ?? 0) * 3 + 1 : destinationPort * 3 + 2;
}
