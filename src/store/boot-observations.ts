// What is stored of one boot's domains, as the observations that the hierarchy is inferred from, in the order of their
// times. A boot may have some hundred thousand denials: reads narrow rows, looks texts up once, and names the documents
// by their rows (see record-names.ts) instead of by their event.id.
import type { Denial } from '../landlock/document.ts';
import { type Observation, toObservation } from '../landlock/hierarchy/observation.ts';
import {
  BOOT_DENIALS_SQL,
  BOOT_DOMAIN_EVENTS_SQL,
  BOOT_DOMAINS_SQL,
  type BootRow,
  type DenialColumnValues,
  type DenialRow,
  type EventRow,
  type Stretch,
  toDenialRow,
} from './boot-rows.ts';
import { type DenialColumns, joinDenial } from './denial-columns.ts';
import { type DomainEventColumns, joinDomainEvent } from './domain-event-columns.ts';
import type { Database } from './open.ts';
import { nameOfDenial, nameOfDomainEvent } from './record-names.ts';
import { slotMs } from './slot.ts';
import { statement } from './statement.ts';

/** Denials read at a time: row by row takes longer, and all at once is too much memory. */
const chunkRows = 2_000;

/** Texts looked up and kept while one boot is read; at the bound they are looked up again. */
const textsMax = 20_000;

/** What the observations do not depend on, so that the documents can be made as elsewhere. */
const NO_BOOT = { host_id: '', boot_id: '', boot_name: null, is_derived: 0 } as const;

export class BootObservations {
  readonly #db: Database;
  readonly #boot: BootRow;
  readonly #stretch: Stretch;
  readonly #numbers = new Map<number, string>();
  readonly #strings: Texts;
  readonly #shapes: Texts;
  readonly #parsedShapes = new Map<number, Pick<Denial['landlock'], 'actor_certainty'> & { device?: string }>();
  readonly #parsedBlockers = new Map<number, readonly string[]>();
  #lastMs = Number.NaN;
  #lastTime = '';
  readonly #pids = new Set<number>();
  /** Denials that were read so far, also those of other boots. */
  denials = 0;
  /** Whether there were more domains than `domainsMax`. */
  readonly isCut: boolean;

  constructor(db: Database, boot: BootRow, stretch: Stretch, domainsMax: number) {
    this.#db = db;
    this.#boot = boot;
    this.#stretch = stretch;
    this.#strings = new Texts(db, 'SELECT value FROM strings WHERE id = ?');
    this.#shapes = new Texts(db, 'SELECT value FROM shapes WHERE id = ?');
    const { host, boot: id } = boot;
    const rows = statement<{ id: number; number: string }>(db, BOOT_DOMAINS_SQL);
    for (const row of rows.iterate(host, id, stretch.fromMs, stretch.toMs, domainsMax + 1)) {
      this.#numbers.set(row.id, row.number);
    }
    this.isCut = this.#numbers.size > domainsMax;
  }

  /** Process numbers that the observations named so far. */
  get processes(): number {
    return this.#pids.size;
  }

  /** By time; within one system call the denials come before what they made the kernel log of the domain. */
  *observations(): Generator<Observation> {
    const { host, boot } = this.#boot;
    const { fromMs, toMs } = this.#stretch;
    // One event a domain, or two: few beside the denials.
    const events = statement<EventRow>(this.#db, BOOT_DOMAIN_EVENTS_SQL).all(host, boot, fromMs, toMs);
    let next = 0;
    for (const rows of this.#denialRows()) {
      for (const values of rows) {
        const row = toDenialRow(values);
        const number = this.#numbers.get(row.domain);
        if (number === undefined) continue;
        if (row.pid !== null) this.#pids.add(row.pid);
        const ms = slotMs(row.id) - row.spill_ms;
        for (let event = events[next]; event !== undefined && isBefore(event, ms, row.serial); event = events[next]) {
          yield* this.#ofEvent(event);
          next += 1;
        }
        const seen = toObservation(this.#toDenial(row, number, ms));
        if (seen !== undefined) yield seen;
      }
    }
    for (const event of events.slice(next)) yield* this.#ofEvent(event);
  }

  *#denialRows(): Generator<readonly DenialColumnValues[]> {
    const { firstSlot, endSlot } = this.#stretch;
    const read = statement<DenialColumnValues>(this.#db, BOOT_DENIALS_SQL).raw();
    for (let from = firstSlot; ; ) {
      const rows = read.all(this.#boot.host, from, endSlot, chunkRows);
      this.denials += rows.length;
      yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < chunkRows) return;
      from = last[0] + 1;
    }
  }

  *#ofEvent(row: EventRow): Generator<Observation> {
    const number = this.#numbers.get(row.domain);
    if (number === undefined) return;
    if (row.creator_pid !== null) this.#pids.add(row.creator_pid);
    const columns: DomainEventColumns = {
      ...row,
      ...NO_BOOT,
      domain_number: number,
      creator_executable: this.#strings.get(row.creator_executable),
      creator_name: this.#strings.get(row.creator_name),
    };
    const seen = toObservation(joinDomainEvent(columns, nameOfDomainEvent(row.id), row.at_ms));
    if (seen !== undefined) yield seen;
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
      program: this.#strings.get(row.program),
      comm: this.#strings.get(row.comm),
      path: row.path === null ? null : String(row.path),
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

/** Whether `event` was recorded before the denial of `ms` and `serial`. Serials wrap at 2^32. */
function isBefore(event: EventRow, ms: number, serial: number): boolean {
  return event.at_ms !== ms ? event.at_ms < ms : ((event.serial - serial) | 0) < 0;
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
