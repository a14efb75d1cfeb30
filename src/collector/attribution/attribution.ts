// Which package, unit and container a denied process belongs to, as this host can tell afterwards: the package by the
// path of the program, the others by the control group of the process while it is still there. Best effort, and marked
// so. A process that is gone, or whose number is another's by now, has no unit and no container.
import type { Denial, Document } from '../../landlock/document.ts';
import { BoundedMap } from '../../landlock/hierarchy/bounded-map.ts';
import { type CgroupPlace, placeOfCgroup } from './cgroup-place.ts';
import type { Package } from './package-index.ts';
import type { ProcessAncestry } from './process-ancestry.ts';

/** Processes with their domain, and domains, that are remembered. */
const PROCESSES_MAX = 8_192;
const DOMAINS_MAX = 4_096;
/** A process may be moved to another control group: after so long it is looked at again. */
const REMEMBERED_MS = 60_000;
/** One that could not be looked at is not asked about again for so long. */
const RETRY_MS = 1_000;

export interface AttributionOptions {
  readonly packages: { ownerOf(path: string): Package | undefined };
  readonly processes: Pick<ProcessAncestry, 'cgroupOf'>;
  /** A steady clock, ms; replaced in tests. */
  readonly steadyMs?: () => number;
}

interface Known {
  readonly place: CgroupPlace;
  readonly untilMs: number;
}

const NOWHERE: CgroupPlace = {};

export class Attribution {
  readonly #options: AttributionOptions;
  readonly #steadyMs: () => number;
  readonly #places = new BoundedMap<string, Known>(PROCESSES_MAX);
  /** Places by the control group's path, so that documents share them. */
  readonly #byPath = new BoundedMap<string, CgroupPlace>(DOMAINS_MAX);
  /** Domains that a process in a container was seen in: all of their processes are in it. */
  readonly #contained = new BoundedMap<string, CgroupPlace>(DOMAINS_MAX);

  constructor(options: AttributionOptions) {
    this.#options = options;
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
  }

  /** The document, with what can be told of its process. */
  add(doc: Document): Document {
    if (doc.kind !== 'denial' || doc.process === undefined) return doc;
    const { systemd, container } = this.#placeOf(doc);
    const owner = container === undefined ? this.#ownerOf(doc) : undefined;
    if (systemd === undefined && container === undefined && owner === undefined) return doc;
    return {
      ...doc,
      landlock: { ...doc.landlock, attribution: 'best_effort' },
      ...(owner && { package: owner }),
      ...(systemd && { systemd }),
      ...(container && { container }),
    };
  }

  /** A container's /usr/bin is not this host's: its programs are of no package here. */
  #ownerOf({ process }: Denial): Package | undefined {
    return process?.executable === undefined ? undefined : this.#options.packages.ownerOf(process.executable);
  }

  #placeOf(doc: Denial): CgroupPlace {
    const { process, landlock } = doc;
    const domain = landlock.domain.id;
    if (process?.pid === undefined) return this.#contained.get(domain) ?? NOWHERE;
    const key = `${process.pid} ${domain}`;
    const known = this.#places.get(key);
    const nowMs = this.#steadyMs();
    if (known !== undefined && nowMs < known.untilMs) return known.place;
    const { pid, executable } = process;
    const found = this.#options.processes.cgroupOf({ pid, executable, seenAt: doc['@timestamp'] });
    const place = this.#resolve(found, known, domain);
    const forMs = 'cgroup' in found ? REMEMBERED_MS : RETRY_MS;
    this.#places.set(key, { place, untilMs: nowMs + forMs });
    return place;
  }

  #resolve(found: ReturnType<ProcessAncestry['cgroupOf']>, known: Known | undefined, domain: string): CgroupPlace {
    if ('cgroup' in found) {
      const place = this.#share(found.cgroup);
      if (place.container !== undefined) this.#contained.set(domain, place);
      return place;
    }
    // Gone or not looked at: what it was in before still is the best answer. Another process: nothing is.
    const earlier = found.missing === 'other' ? undefined : known?.place;
    return earlier ?? this.#contained.get(domain) ?? NOWHERE;
  }

  #share(cgroup: string): CgroupPlace {
    let place = this.#byPath.get(cgroup);
    if (place === undefined) {
      place = placeOfCgroup(cgroup);
      this.#byPath.set(cgroup, place);
    }
    return place;
  }
}
