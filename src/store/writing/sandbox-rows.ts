// Turns what tracepoints and audit rules tell of sandboxes (the creation of a domain, a system call of Landlock) into
// rows, as document-rows.ts does for all else. Works within its transaction.
import type { DomainCreated, SandboxCall, SandboxDocument } from '../../landlock/document.ts';
import { timeMs } from '../columns/check-parts.ts';
import { FLAG_CANARY, FLAG_REPLAY } from '../columns/common-columns.ts';
import { splitDomainCreation } from '../columns/domain-creation-columns.ts';
import type { EventKey } from '../columns/event-key.ts';
import { EXTRA_LENGTH_MAX } from '../columns/extra.ts';
import { splitSandboxCall } from '../columns/sandbox-call-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Dictionaries } from '../interning/dictionaries.ts';
import { NO_PROGRAM, UsageBatch, usageOf } from '../rollups/usage-hours.ts';
import type { PlaceRegister } from './place-register.ts';

const INSERT_CREATION = `
  INSERT INTO domain_creations (
    event_key, event_rest, at_ms, flags, domain, parent, ruleset, creator_pid, creator_thread, creator_name, raw, extra
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_CALL = `
  INSERT INTO sandbox_calls (
    event_key, event_rest, at_ms, serial, flags, host, boot, call, is_success, makes_domain, is_probe, call_flags,
    ruleset_fd, rule_type, pid, parent_pid, program, comm, details, raw, extra
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const TOO_MUCH = `document: more than ${EXTRA_LENGTH_MAX} characters in members without a column`;

/** What the rows share with those of other documents. */
export interface RowContext {
  readonly places: PlaceRegister;
  readonly texts: Dictionaries;
  addRaw(raw: string | undefined, nowMs: number): number | null;
}

export class SandboxRows {
  readonly #db: Database;
  readonly #context: RowContext;
  readonly #usage: UsageBatch;

  constructor(db: Database, context: RowContext) {
    this.#db = db;
    this.#context = context;
    this.#usage = new UsageBatch(db);
  }

  /** Stores `doc` unless it is there; answers whether it was new, or why it never can be stored. */
  add(doc: SandboxDocument, key: EventKey, raw: string | undefined, nowMs: number): { isNew: boolean } | string {
    return doc.kind === 'domain-created'
      ? this.#addCreation(doc, key, raw, nowMs)
      : this.#addCall(doc, key, raw, nowMs);
  }

  flush(): void {
    this.#usage.flush();
  }

  clear(): void {
    this.#usage.clear();
  }

  #addCreation(doc: DomainCreated, key: EventKey, raw: string | undefined, nowMs: number): { isNew: boolean } | string {
    if (this.#has('domain_creations', key)) return { isNew: false };
    const { places, texts } = this.#context;
    const ms = timeMs(doc['@timestamp']) ?? nowMs;
    const place = places.boot(doc.host, ms);
    const parts = splitDomainCreation(doc, place);
    if (isTooMuch(parts.extra) || isTooMuch(parts.ruleset)) return TOO_MUCH;
    const domain = places.domain(place, doc.landlock.domain.id, ms);
    const row = statement(this.#db, INSERT_CREATION).run(
      key.key,
      key.rest,
      ms,
      parts.flags,
      domain,
      parts.parent,
      parts.ruleset,
      parts.creatorPid,
      parts.creatorThread,
      texts.strings.idOrNull(parts.creatorName),
      this.#context.addRaw(raw, nowMs),
      parts.extra,
    );
    const creation = { event: Number(row.lastInsertRowid), ms, parent: parts.parent };
    places.domainSums.addCreation(domain, creation, (parts.flags & FLAG_CANARY) !== 0);
    places.saw(place, doc.host, ms, (parts.flags & FLAG_REPLAY) !== 0);
    return { isNew: true };
  }

  #addCall(doc: SandboxCall, key: EventKey, raw: string | undefined, nowMs: number): { isNew: boolean } | string {
    if (this.#has('sandbox_calls', key)) return { isNew: false };
    const { places, texts } = this.#context;
    const ms = timeMs(doc['@timestamp']) ?? nowMs;
    const place = places.boot(doc.host, ms);
    const parts = splitSandboxCall(doc, place);
    if (isTooMuch(parts.extra)) return TOO_MUCH;
    const program = texts.strings.idOrNull(parts.program);
    statement(this.#db, INSERT_CALL).run(
      key.key,
      key.rest,
      ms,
      doc.event.sequence,
      parts.flags,
      place.host,
      place.boot,
      parts.call,
      parts.isSuccess ? 1 : 0,
      parts.makesDomain,
      parts.isProbe ? 1 : 0,
      parts.callFlags,
      parts.rulesetFd,
      parts.ruleType,
      parts.pid,
      parts.parentPid,
      program,
      texts.strings.idOrNull(parts.comm),
      texts.strings.id(parts.details),
      this.#context.addRaw(raw, nowMs),
      parts.extra,
    );
    const usage = usageOf(parts);
    if (usage !== undefined && (parts.flags & FLAG_CANARY) === 0) {
      this.#usage.add(ms, place.host, program ?? NO_PROGRAM, usage);
    }
    places.saw(place, doc.host, ms, (parts.flags & FLAG_REPLAY) !== 0);
    return { isNew: true };
  }

  #has(table: 'domain_creations' | 'sandbox_calls', key: EventKey): boolean {
    const find = statement(this.#db, `SELECT 1 FROM ${table} WHERE event_key = ? AND event_rest = ?`);
    return find.get(key.key, key.rest) !== undefined;
  }
}

function isTooMuch(text: string | null): boolean {
  return text !== null && text.length > EXTRA_LENGTH_MAX;
}
