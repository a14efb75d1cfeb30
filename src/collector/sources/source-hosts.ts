// Which host and which boot wrote the records of a file. A file says it only in passing: `node=`, a serial that
// starts again, the kernel's first record. What is told apart here becomes the event's identity, so the same log
// must give the same answer whenever it is read. Holds no clock and does no I/O.
import { hash } from 'node:crypto';
import type { AuditRecord } from '../../audit/record.ts';
import type { HostFields } from '../../landlock/document.ts';
import type { JournalOrigin } from './journal-entry.ts';

/** The machine this program runs on. */
export interface LocalHost {
  readonly id: string;
  readonly name: string;
  readonly bootId: string;
  /** `btime` of /proc/stat. */
  readonly bootStartMs: number;
}

export interface SourceHostsOptions {
  readonly local: LocalHost;
  /** `--host`: who wrote the records that carry no `node=`. */
  readonly host?: string | undefined;
  /** The host id for a machine id, as live collectors make it; for journals of other machines. */
  readonly hostIdOf: (machineId: string) => string;
  /** The boot that an event is already stored under, so that a second reading of it agrees with the first. */
  readonly knownBoot?:
    | ((hostId: string, timestampMs: number, serial: number) => HostFields['boot'] | undefined)
    | undefined;
}

/** Boots kept at a time, over all nodes; beyond it the one that was begun first is forgotten. */
const BOOTS_MAX = 10_000;
/** A serial that falls back within this time is interleaving, not a new boot. */
const REORDER_WINDOW_MS = 2_000;
/** A higher serial that is older than its boot's beginning by more than this is another boot's. */
const BACKWARD_MS = 600_000;
/** Serials wrap at 2^32; a fall from this near to it is a wrap. */
const WRAP_MARGIN = 1 << 24;
const SERIALS = 2 ** 32;

const DAEMON_FIRST = 1200;
const DAEMON_LAST = 1299;
const DAEMON_START = 1200;
const LANDLOCK_FIRST = 1423;
const LANDLOCK_LAST = 1424;
const KERNEL = 2000;

/** One boot of one host, as far as the input has shown it. Mutable on purpose: one per boot, touched per record. */
interface Boot {
  readonly key: string;
  readonly node: string;
  readonly isLocal: boolean;
  readonly isPresent: boolean;
  readonly firstMs: number;
  readonly firstSerial: number;
  lastMs: number;
  highSerial: number;
  daemonStarted: boolean;
  /** The first Landlock record: what `knownBoot` is asked for. */
  landlock: { readonly ms: number; readonly serial: number } | undefined;
  fields: HostFields | undefined;
}

/** Tells hosts and boots apart, record by record. */
export class SourceHosts {
  readonly #options: SourceHostsOptions;
  /** The boot that each node is in now. */
  readonly #current = new Map<string, Boot>();
  /** By key, for events that are completed after their boot has ended. */
  readonly #boots = new Map<string, Boot>();
  readonly #journals = new Map<string, HostFields>();
  #last: Boot | undefined;
  #begun = 0;
  #seenMs = 0;
  #seenSerial = 0;

  constructor(options: SourceHostsOptions) {
    this.#options = options;
  }

  /**
   * What to use as the record's node from here on: it is the same for all records of one host and boot, different
   * for different ones, and `hostFor` knows it.
   */
  keyOf(record: AuditRecord): string {
    const ms = record.seconds * 1000 + record.millis;
    let boot = this.#last?.node === record.node ? this.#last : this.#current.get(record.node);
    if (record.type >= DAEMON_FIRST && record.type <= DAEMON_LAST) {
      // auditd numbers its own records from a space of its own.
      boot ??= this.#begin(record, ms);
      if (record.type === DAEMON_START) boot.daemonStarted = true;
      return boot.key;
    }
    if (boot === undefined || this.#isNewBoot(boot, record, ms)) boot = this.#begin(record, ms);
    if (record.serial > boot.highSerial || boot.highSerial - record.serial > SERIALS - WRAP_MARGIN) {
      boot.highSerial = record.serial;
      boot.daemonStarted = false;
    }
    if (ms > boot.lastMs) boot.lastMs = ms;
    this.#seenMs = ms;
    this.#seenSerial = record.serial;
    if (boot.landlock === undefined && record.type >= LANDLOCK_FIRST && record.type <= LANDLOCK_LAST) {
      boot.landlock = { ms, serial: record.serial };
    }
    this.#last = boot;
    return boot.key;
  }

  /**
   * The record that `keyOf` saw last is the first of a new boot, though nothing gave that away before: for whoever
   * follows the serials more closely. No event of `key` may be in flight. Later events of `key` are the new boot's.
   */
  restart(key: string): void {
    const boot = this.#boots.get(key);
    if (boot === undefined || boot.isPresent) return;
    const fresh: Boot = {
      ...boot,
      firstMs: this.#seenMs,
      firstSerial: this.#seenSerial,
      lastMs: this.#seenMs,
      highSerial: this.#seenSerial,
      daemonStarted: false,
      landlock: undefined,
      fields: undefined,
    };
    this.#boots.set(key, fresh);
    if (this.#current.get(boot.node) === boot) this.#current.set(boot.node, fresh);
    if (this.#last === boot) this.#last = fresh;
  }

  /** The key of the boot that a node is in, as far as it has been read: for lines that are no records. */
  presentKey(node: string): string {
    return this.#current.get(node)?.key ?? node;
  }

  /** The same as `keyOf` for a journal entry, which names its boot itself. */
  keyOfJournal(origin: JournalOrigin): string {
    const key = `\0${origin.machineId ?? ''}\0${origin.bootId}\0${origin.hostname ?? ''}`;
    if (!this.#journals.has(key)) {
      forgetFirst(this.#journals);
      this.#journals.set(key, this.#journalHost(origin));
    }
    return key;
  }

  /** For a key of `keyOf`, or `''` for what belongs to no record (malformed input): then the host read last. */
  hostFor(key: string): HostFields {
    const last = this.#last;
    // Most events are of the boot that was read last, and the boot of a key is only replaced together with it.
    if (last?.fields !== undefined && last.key === key && !this.#journals.has(key)) return last.fields;
    const journal = this.#journals.get(key);
    if (journal !== undefined) return journal;
    const boot = this.#boots.get(key) ?? this.#last;
    if (boot === undefined) return this.#lastJournal() ?? this.#unseenHost(key);
    boot.fields ??= this.#fieldsOf(boot);
    return boot.fields;
  }

  #isNewBoot(boot: Boot, record: AuditRecord, ms: number): boolean {
    if (boot.isLocal && boot.isPresent !== this.#isPresent(ms)) return true;
    if (record.type === KERNEL && record.text.startsWith('state=initialized')) return ms > boot.firstMs;
    const fall = boot.highSerial - record.serial;
    if (fall <= 0) return ms < boot.firstMs - BACKWARD_MS;
    if (fall > SERIALS - WRAP_MARGIN) return false;
    return ms > boot.lastMs + (boot.daemonStarted ? 0 : REORDER_WINDOW_MS);
  }

  #isPresent(ms: number): boolean {
    return ms >= this.#options.local.bootStartMs;
  }

  #begin(record: AuditRecord, ms: number): Boot {
    const { node } = record;
    const isLocal = this.#isLocalName(node === '' ? this.#options.host : node);
    const isFirst = !this.#current.has(node);
    const isDaemon = record.type >= DAEMON_FIRST && record.type <= DAEMON_LAST;
    const boot: Boot = {
      key: isFirst && !this.#boots.has(node) ? node : `${node}\0${++this.#begun}`,
      node,
      isLocal,
      isPresent: isLocal && this.#isPresent(ms),
      firstMs: ms,
      firstSerial: record.serial,
      lastMs: ms,
      highSerial: isDaemon ? 0 : record.serial,
      daemonStarted: false,
      landlock: undefined,
      fields: undefined,
    };
    forgetFirst(this.#current);
    forgetFirst(this.#boots);
    this.#current.set(node, boot);
    this.#boots.set(boot.key, boot);
    this.#last = boot;
    return boot;
  }

  #isLocalName(name: string | undefined): boolean {
    return name === undefined || name.toLowerCase() === this.#options.local.name.toLowerCase();
  }

  #fieldsOf(boot: Boot): HostFields {
    const { local, host, knownBoot } = this.#options;
    const name = boot.isLocal ? local.name : boot.node === '' ? (host ?? local.name) : boot.node;
    const id = boot.isLocal ? local.id : derivedHostId(name);
    if (boot.isPresent) return { id, name, boot: { id: local.bootId } };
    const known = boot.landlock && knownBoot?.(id, boot.landlock.ms, boot.landlock.serial);
    if (known !== undefined) return { id, name, boot: known };
    const derived = derivedId(`boot\0${id}\0${boot.firstMs}\0${boot.firstSerial}`);
    return { id, name, boot: { id: derived, derived: true } };
  }

  /** Input without a single record still has a host. */
  #unseenHost(node: string): HostFields {
    const { local, host } = this.#options;
    const name = node === '' ? host : node;
    if (name === undefined || this.#isLocalName(name)) {
      return { id: local.id, name: local.name, boot: { id: local.bootId } };
    }
    const id = derivedHostId(name);
    return { id, name, boot: { id: derivedId(`boot\0${id}`), derived: true } };
  }

  #journalHost({ machineId, bootId, hostname }: JournalOrigin): HostFields {
    const { local, host } = this.#options;
    if (bootId === local.bootId) return { id: local.id, name: local.name, boot: { id: bootId } };
    const name = host ?? hostname ?? local.name;
    const isMachineId = machineId !== undefined && /^[0-9a-f]{32}$/.test(machineId);
    const id = isMachineId ? this.#options.hostIdOf(machineId) : derivedHostId(name);
    return { id, name, boot: { id: bootId } };
  }

  #lastJournal(): HostFields | undefined {
    return [...this.#journals.values()].at(-1);
  }
}

function forgetFirst(map: Map<string, unknown>): void {
  if (map.size < BOOTS_MAX) return;
  const first = map.keys().next();
  if (first.done !== true) map.delete(first.value);
}

/** Stable for a name: a host that is only known from `node=` or `--host`. 32 hex characters. */
export function derivedHostId(name: string): string {
  return derivedId(`host\0${name.toLowerCase()}`);
}

function derivedId(text: string): string {
  return hash('sha256', `trespass\0${text}`, 'hex').slice(0, 32);
}
