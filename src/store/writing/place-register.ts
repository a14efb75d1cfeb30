// Where a document belongs: the rows of its host, boot and domain, made when they are first named. What a batch adds
// to them (times, counts) is gathered here and written once at the end of the batch, in the same transaction.
import type { HostFields } from '../../landlock/document.ts';
import type { BootFacts } from '../columns/common-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { InternCache } from '../interning/intern.ts';
import { DomainSums } from '../rollups/domain-sums.ts';

/** Boots kept at hand; beyond it all are looked up again. */
const bootsMax = 4_096;
/** Boots whose domains are kept at hand, and half of how many of each. */
const domainBootsMax = 64;
const domainsHalfMax = 4_096;

export interface BootPlace extends BootFacts {
  readonly boot: number;
  readonly host: number;
}

/** What a batch adds to one boot and its host. */
interface BootSums {
  readonly place: BootPlace;
  firstMs: number;
  lastMs: number;
  name: string | undefined;
  isReplay: boolean;
  denials: number;
  canaries: number;
  malformed: number;
  lastDenialMs: number | null;
}

const FIND_BOOT = `
  SELECT b.id AS boot, b.host AS host, h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM boots b JOIN hosts h ON h.id = b.host
  WHERE h.host_id = ? AND b.boot_id = ?`;

const INSERT_HOST = `
  INSERT INTO hosts (host_id, is_replay, first_ms, last_ms)
  VALUES (?, 1, ?, ?)
  ON CONFLICT (host_id) DO NOTHING`;

const INSERT_BOOT = `
  INSERT INTO boots (host, boot_id, name, is_derived, first_ms, last_ms)
  SELECT id, ?, ?, ?, ?, ? FROM hosts WHERE host_id = ?`;

const ADD_TO_BOOT = `
  UPDATE boots
  SET first_ms = min(first_ms, ?), last_ms = max(last_ms, ?)
  WHERE id = ?`;

const ADD_TO_HOST = `
  UPDATE hosts
  SET first_ms = min(first_ms, @firstMs),
      last_ms = max(last_ms, @lastMs),
      name = CASE WHEN @name IS NOT NULL AND @lastMs >= ifnull(name_ms, @lastMs) THEN @name ELSE name END,
      name_ms = CASE WHEN @name IS NULL THEN name_ms ELSE max(ifnull(name_ms, @lastMs), @lastMs) END,
      is_replay = min(is_replay, @isReplay),
      denials = denials + @denials,
      canaries = canaries + @canaries,
      malformed = malformed + @malformed,
      last_denial_ms = CASE
        WHEN @lastDenialMs IS NULL THEN last_denial_ms
        ELSE max(ifnull(last_denial_ms, @lastDenialMs), @lastDenialMs)
      END
  WHERE id = @host`;

export class PlaceRegister {
  readonly #db: Database;
  readonly #boots = new Map<string, BootPlace>();
  /** The decoder gives the same object for the same boot. */
  #lastHost: HostFields | undefined;
  #lastPlace: BootPlace | undefined;
  readonly #domainIds = new Map<number, InternCache>();
  readonly #sums = new Map<number, BootSums>();
  #lastSums: BootSums | undefined;
  readonly domainSums: DomainSums;

  constructor(db: Database) {
    this.#db = db;
    this.domainSums = new DomainSums(db);
  }

  /** The boot of a document that is about `ms`. */
  boot(host: HostFields, ms: number): BootPlace {
    if (host === this.#lastHost && this.#lastPlace !== undefined) return this.#lastPlace;
    const key = `${host.id}\0${host.boot.id}`;
    let place = this.#boots.get(key);
    if (place === undefined) {
      place = this.#findBoot(host) ?? this.#insertBoot(host, ms);
      if (this.#boots.size >= bootsMax) this.#boots.clear();
      this.#boots.set(key, place);
    }
    this.#lastHost = host;
    this.#lastPlace = place;
    return place;
  }

  /** The domain's row; `number` is the kernel's id in hexadecimal. */
  domain(place: BootPlace, number: string, ms: number): number {
    const ids = this.#domainIdsOf(place);
    const cached = ids.get(number);
    if (cached !== undefined) return cached;
    const found = statement<{ id: number }>(this.#db, 'SELECT id FROM domains WHERE number = ? AND boot = ?');
    const id = found.get(number, place.boot)?.id ?? this.#insertDomain(place, number, ms);
    ids.set(number, id);
    return id;
  }

  #domainIdsOf(place: BootPlace): InternCache {
    let ids = this.#domainIds.get(place.boot);
    if (ids === undefined) {
      ids = new InternCache(domainsHalfMax);
      if (this.#domainIds.size >= domainBootsMax) this.#domainIds.clear();
      this.#domainIds.set(place.boot, ids);
    }
    return ids;
  }

  /** A stored document of this boot, whatever its kind. */
  saw(place: BootPlace, host: HostFields, ms: number, isReplay: boolean): void {
    const sums = this.#sumsOf(place, ms);
    if (ms < sums.firstMs) sums.firstMs = ms;
    if (ms >= sums.lastMs) {
      sums.lastMs = ms;
      sums.name = host.name ?? sums.name;
    }
    if (!isReplay) sums.isReplay = false;
  }

  sawDenial(place: BootPlace, ms: number, isCanary: boolean): void {
    const sums = this.#sumsOf(place, ms);
    if (isCanary) {
      sums.canaries += 1;
      return;
    }
    sums.denials += 1;
    if (sums.lastDenialMs === null || ms > sums.lastDenialMs) sums.lastDenialMs = ms;
  }

  sawMalformed(place: BootPlace, ms: number): void {
    this.#sumsOf(place, ms).malformed += 1;
  }

  /** Writes what the batch added. Must be the last act in its transaction. */
  flush(): void {
    this.domainSums.flush();
    const addToBoot = statement(this.#db, ADD_TO_BOOT);
    const addToHost = statement(this.#db, ADD_TO_HOST);
    for (const { place, name, isReplay, ...sums } of this.#sums.values()) {
      addToBoot.run(sums.firstMs, sums.lastMs, place.boot);
      addToHost.run({ ...sums, host: place.host, name: name ?? null, isReplay: isReplay ? 1 : 0 });
    }
    this.#sums.clear();
    this.#lastSums = undefined;
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#boots.clear();
    this.#lastPlace = undefined;
    this.#domainIds.clear();
    this.#sums.clear();
    this.#lastSums = undefined;
    this.domainSums.clear();
  }

  #sumsOf(place: BootPlace, ms: number): BootSums {
    if (this.#lastSums?.place === place) return this.#lastSums;
    let sums = this.#sums.get(place.boot);
    if (sums === undefined) {
      sums = {
        place,
        firstMs: ms,
        lastMs: ms,
        name: undefined,
        isReplay: true,
        denials: 0,
        canaries: 0,
        malformed: 0,
        lastDenialMs: null,
      };
      this.#sums.set(place.boot, sums);
    }
    this.#lastSums = sums;
    return sums;
  }

  #findBoot(host: HostFields): BootPlace | undefined {
    return statement<BootPlace>(this.#db, FIND_BOOT).get(host.id, host.boot.id);
  }

  #insertBoot(host: HostFields, ms: number): BootPlace {
    statement(this.#db, INSERT_HOST).run(host.id, ms, ms);
    const derived = host.boot.derived === true ? 1 : 0;
    statement(this.#db, INSERT_BOOT).run(host.boot.id, host.name ?? null, derived, ms, ms, host.id);
    const place = this.#findBoot(host);
    if (place === undefined) throw new Error('the boot that was just inserted is not there');
    return place;
  }

  #insertDomain(place: BootPlace, number: string, ms: number): number {
    const insert = statement(
      this.#db,
      'INSERT INTO domains (number, boot, host, first_ms, last_ms) VALUES (?, ?, ?, ?, ?)',
    );
    return Number(insert.run(number, place.boot, place.host, ms, ms).lastInsertRowid);
  }
}
