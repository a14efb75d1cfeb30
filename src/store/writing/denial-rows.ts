// Turns one denial's document into its row, unless it is there already: interned texts and its issue. Works within the
// writer's transaction: `clear` as in document-rows.ts.
import type { Denial } from '../../landlock/document.ts';
import { FLAG_CANARY } from '../columns/common-columns.ts';
import { argsText, splitDenial } from '../columns/denial-columns.ts';
import { EXTRA_LENGTH_MAX } from '../columns/extra.ts';
import { FOREIGN_INDEX, RecordIndexes } from '../columns/record-index.ts';
import type { Dictionaries } from '../interning/dictionaries.ts';
import type { IssueRegister } from '../interning/issue-register.ts';
import type { DenialInsert } from './denial-insert.ts';
import type { DenialTexts } from './denial-texts.ts';
import type { BootPlace } from './place-register.ts';

/** A denial that was stored. */
export interface StoredDenial {
  readonly domain: number;
  /** The millisecond of its slot; its own where it went into the row of another. */
  readonly seenMs: number;
  readonly flags: number;
  readonly issue: number;
}

/** Where and when a denial is. */
interface DenialAt {
  readonly place: BootPlace;
  readonly ms: number;
  readonly index: number;
  readonly isOwn: boolean;
}

/** What denials refer to, and where they go. */
export interface DenialTables {
  readonly texts: Dictionaries;
  readonly denialTexts: DenialTexts;
  readonly issues: IssueRegister;
  readonly insert: DenialInsert;
}

const TOO_MUCH = `document: more than ${EXTRA_LENGTH_MAX} characters in members without a column`;

export class DenialRows {
  readonly #tables: DenialTables;
  readonly #indexes = new RecordIndexes();

  constructor(tables: DenialTables) {
    this.#tables = tables;
  }

  /**
   * Where and whether `doc` is new: its record's index, undefined where it is stored already, a string where it never
   * can be. `ms` is its time.
   */
  place(doc: Denial, ms: number, boot: number): number | undefined | string {
    const { id, sequence: serial } = doc.event;
    const { insert } = this.#tables;
    const index = this.#indexes.find({ hostId: doc.host.id, bootId: doc.host.boot.id, ms, serial }, id);
    const isThere = index === FOREIGN_INDEX ? insert.hasForeign(id) : insert.isThere(boot, ms, serial, index);
    if (typeof isThere === 'string') return isThere;
    return isThere ? undefined : index;
  }

  /** Stores a denial that `place` gave `index` for. `domain` answers its domain's row and is called last. */
  add(
    doc: Denial,
    at: DenialAt,
    refer: { readonly domain: () => number; readonly raw: () => number | null },
  ): StoredDenial | string {
    const { place, ms, index, isOwn } = at;
    const { denialTexts, texts, issues, insert } = this.#tables;
    const blockers = denialTexts.blockers(doc, isOwn);
    const reason = denialTexts.reason(doc, blockers);
    const parts = splitDenial(doc, place, reason !== undefined);
    if (parts.extra !== null && parts.extra.length > EXTRA_LENGTH_MAX) return TOO_MUCH;
    const domain = refer.domain();
    const isCanary = (parts.flags & FLAG_CANARY) !== 0;
    const shape = denialTexts.shape(doc, parts.form, blockers, reason ?? denialTexts.noReason(), isOwn);
    const { id: actor, program, uid } = denialTexts.actor(doc, parts.program, parts.comm);
    const object = texts.strings.idOrNull(parts.object);
    const issue = issues.idOf({ shape, program, object, parts, isCanary }, () => doc);
    const args = doc.process?.args;
    const row = {
      flags: parts.flags,
      boot: place.boot,
      host: place.host,
      ms,
      serial: doc.event.sequence,
      index,
      domain,
      issue,
      blockers,
      shape,
      actor,
      program,
      uid,
      object,
      number: parts.number,
      pid: parts.pid,
      parentPid: parts.parentPid,
      sourcePort: parts.sourcePort,
      destinationPort: parts.destinationPort,
      extra: parts.extra,
      argsText: args === undefined ? null : argsText(args, parts.program),
    };
    const seenMs = insert.put(row, {
      args: () => denialTexts.args(row.argsText),
      raw: refer.raw,
      id: () => doc.event.id,
    });
    return { domain, seenMs, flags: parts.flags, issue };
  }
}
