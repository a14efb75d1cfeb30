// Stored rows of one boot's domains as the observations that the hierarchy is inferred from, in the order of their times.
// A boot may have some hundred thousand denials: takes narrow rows, looks texts up once, and names the documents by
// their rows (see record-names.ts) instead of by their event.id. Which rows: boot-reading.ts and near-reading.ts.
import type { Denial } from '../../landlock/document.ts';
import { type Observation, toObservation } from '../../landlock/hierarchy/observation.ts';
import { type DenialColumns, joinDenial } from '../columns/denial-columns.ts';
import { type DomainEventColumns, joinDomainEvent } from '../columns/domain-event-columns.ts';
import { joinSandboxCall } from '../columns/sandbox-call-columns.ts';
import { slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { nameOfCall, nameOfCreation, nameOfDenial, nameOfDomainEvent } from '../denials/record-names.ts';
import {
  type CallRow,
  type CreationRow,
  type DenialColumnValues,
  type DenialRow,
  type EventRow,
  toDenialRow,
} from './boot-rows.ts';

/** Texts looked up and kept while one boot is read; at the bound they are looked up again. */
const textsMax = 20_000;

/** What the observations do not depend on, so that the documents can be made as elsewhere. */
const NO_BOOT = { host_id: '', boot_id: '', boot_name: null, is_derived: 0 } as const;

/** What is observed of. */
export interface ObservedRows {
  /** Numbers of domains by row id; rows of other domains are left out. */
  readonly numbers: ReadonlyMap<number, string>;
  /** By id, in pieces. */
  readonly denials: Iterable<readonly DenialColumnValues[]>;
  readonly events: readonly EventRow[];
  readonly creations: readonly CreationRow[];
  readonly calls: readonly CallRow[];
}

/** A row that is no denial, at its place among the denials. Serial 0: before all of its millisecond. */
interface Turn {
  readonly ms: number;
  readonly serial: number;
  readonly observe: () => Observation | undefined;
}

export class BootObservations {
  readonly #rows: ObservedRows;
  readonly #strings: Texts;
  readonly #shapes: Texts;
  readonly #parsedShapes = new Map<number, Pick<Denial['landlock'], 'actor_certainty'> & { device?: string }>();
  readonly #parsedBlockers = new Map<number, readonly string[]>();
  #lastMs = Number.NaN;
  #lastTime = '';
  readonly #pids = new Set<number>();

  constructor(db: Database, rows: ObservedRows) {
    this.#rows = rows;
    this.#strings = new Texts(db, 'SELECT value FROM strings WHERE id = ?');
    this.#shapes = new Texts(db, 'SELECT value FROM shapes WHERE id = ?');
  }

  /** Process numbers that the observations named so far. */
  get processes(): number {
    return this.#pids.size;
  }

  /** By time; within one system call the denials come before what they made the kernel log of the domain. */
  *observations(): Generator<Observation> {
    const { numbers, denials } = this.#rows;
    const turns = this.#turns();
    let next = 0;
    for (const rows of denials) {
      for (const values of rows) {
        const row = toDenialRow(values);
        const number = numbers.get(row.domain);
        if (number === undefined) continue;
        if (row.pid !== null) this.#pids.add(row.pid);
        const ms = slotMs(row.id) - row.spill_ms;
        for (let turn = turns[next]; turn !== undefined && isBefore(turn, ms, row.serial); turn = turns[next]) {
          const seen = turn.observe();
          if (seen !== undefined) yield seen;
          next += 1;
        }
        const seen = toObservation(this.#toDenial(row, number, ms));
        if (seen !== undefined) yield seen;
      }
    }
    for (const turn of turns.slice(next)) {
      const seen = turn.observe();
      if (seen !== undefined) yield seen;
    }
  }

  /** One or two a domain: few beside the denials. */
  #turns(): readonly Turn[] {
    const { events, creations, calls } = this.#rows;
    const turns: Turn[] = [
      ...creations.map((row) => ({ ms: row.at_ms, serial: 0, observe: () => this.#ofCreation(row) })),
      ...events.map((row) => ({ ms: row.at_ms, serial: row.serial, observe: () => this.#ofEvent(row) })),
      ...calls.map((row) => ({ ms: row.at_ms, serial: row.serial, observe: () => this.#ofCall(row) })),
    ];
    return turns.sort((a, b) => a.ms - b.ms || a.serial - b.serial);
  }

  #ofEvent(row: EventRow): Observation | undefined {
    const number = this.#rows.numbers.get(row.domain);
    if (number === undefined) return undefined;
    if (row.creator_pid !== null) this.#pids.add(row.creator_pid);
    const columns: DomainEventColumns = {
      ...row,
      ...NO_BOOT,
      domain_number: number,
      creator_executable: this.#strings.get(row.creator_executable),
      creator_name: this.#strings.get(row.creator_name),
    };
    return toObservation(joinDomainEvent(columns, nameOfDomainEvent(row.id), row.at_ms));
  }

  #ofCreation({ id, at_ms: timeMs, domain, parent }: CreationRow): Observation | undefined {
    const number = this.#rows.numbers.get(domain);
    if (number === undefined) return undefined;
    const record = nameOfCreation(id);
    return { kind: 'creation', domain: number, record, timeMs, ...(parent !== null && { parent }) };
  }

  #ofCall(row: CallRow): Observation | undefined {
    if (row.pid !== null) this.#pids.add(row.pid);
    const columns = {
      ...row,
      ...NO_BOOT,
      program: this.#strings.get(row.program),
      comm: this.#strings.get(row.comm),
      details: '{}',
    };
    return toObservation(joinSandboxCall(columns, nameOfCall(row.id), row.at_ms));
  }

  /** As far as the hierarchy asks for it. */
  #toDenial(row: DenialRow, number: string, ms: number): Denial {
    const id = nameOfDenial(row.id);
    if (row.extra !== null) return this.#toWholeDenial(row, number, ms, id);
    const { actor_certainty, device } = this.#shape(row.shape);
    const name = this.#strings.get(row.comm);
    const executable = this.#strings.get(row.program);
    const port = row.destination_port ?? row.source_port;
    return {
      kind: 'denial',
      '@timestamp': this.#time(ms),
      event: { ...EVENT, id, sequence: row.serial },
      host: HOST,
      landlock: { domain: { id: number }, blockers: this.#blockers(row.blockers), object: NO_OBJECT, actor_certainty },
      // The number of a text says as well as the text itself whether two paths are one.
      ...(row.inode !== null && { file: toFile(row.inode, device, row.path) }),
      ...(port !== null && { destination: { port } }),
      ...(row.pid !== null && {
        process: {
          pid: row.pid,
          ...(row.parent_pid !== null && { parent: { pid: row.parent_pid } }),
          ...(name !== null && { name }),
          ...(executable !== null && { executable }),
        },
      }),
    };
  }

  /** Many in a row are of one millisecond. */
  #time(ms: number): string {
    if (ms !== this.#lastMs) {
      this.#lastMs = ms;
      this.#lastTime = new Date(ms).toISOString();
    }
    return this.#lastTime;
  }

  /** With what has no column laid over it: ancestry, target, provider. */
  #toWholeDenial(row: DenialRow, number: string, ms: number, id: string): Denial {
    const columns: DenialColumns = {
      ...row,
      ...NO_BOOT,
      flags: 0,
      domain_number: number,
      blockers: this.#strings.get(row.blockers) ?? '[]',
      shape: this.#shapes.get(row.shape) ?? '{"object":{}}',
      login: '{}',
      repeats: null,
      repeats_first_ms: null,
      repeats_last_ms: null,
      program: this.#strings.get(row.program),
      comm: this.#strings.get(row.comm),
      form: 'file',
      object: row.path === null ? null : String(row.path),
      number: row.inode,
      parent: row.parent_pid === null ? null : (row.pid ?? 0) - row.parent_pid,
      args: null,
      reason: '',
    };
    return joinDenial(columns, id, ms);
  }

  #shape(id: number): Pick<Denial['landlock'], 'actor_certainty'> & { device?: string } {
    let shape = this.#parsedShapes.get(id);
    if (shape === undefined) {
      shape = JSON.parse(this.#shapes.get(id) ?? '{}');
      remember(this.#parsedShapes, id, shape);
    }
    return shape ?? { actor_certainty: 'absent' };
  }

  #blockers(id: number): readonly string[] {
    let blockers = this.#parsedBlockers.get(id);
    if (blockers === undefined) {
      blockers = JSON.parse(this.#strings.get(id) ?? '[]');
      remember(this.#parsedBlockers, id, blockers);
    }
    return blockers ?? [];
  }
}

const HOST: Denial['host'] = { id: '', boot: { id: '' } };
const NO_OBJECT: Denial['landlock']['object'] = { kind: '' };
const EVENT = {
  action: 'violated-landlock-policy',
  outcome: 'failure',
  category: [],
  type: ['denied'],
  reason: '',
} as const;

function toFile(inode: number, device: string | undefined, path: number | null): NonNullable<Denial['file']> {
  return {
    inode: String(inode),
    ...(device !== undefined && { device }),
    ...(path !== null && { path: String(path) }),
  };
}

/** Whether `turn` was recorded before the denial of `ms` and `serial`. Serials wrap at 2^32. */
function isBefore(turn: Turn, ms: number, serial: number): boolean {
  return turn.ms !== ms ? turn.ms < ms : turn.serial === 0 || ((turn.serial - serial) | 0) < 0;
}

class Texts {
  readonly #db: Database;
  readonly #sql: string;
  readonly #texts = new Map<number, string>();

  constructor(db: Database, sql: string) {
    this.#db = db;
    this.#sql = sql;
  }

  get(id: number | null): string | null {
    if (id === null) return null;
    let text = this.#texts.get(id);
    if (text === undefined) {
      text = statement<{ value: string }>(this.#db, this.#sql).get(id)?.value;
      if (text === undefined) return null;
      remember(this.#texts, id, text);
    }
    return text;
  }
}

function remember<T>(map: Map<number, T>, id: number, value: T | undefined): void {
  if (value === undefined) return;
  if (map.size >= textsMax) map.clear();
  map.set(id, value);
}
