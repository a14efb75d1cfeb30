// Which package owns a path, for hundreds of thousands of paths in a few megabytes: hashes in place of names, in one
// table that is addressed by them.

/** The package that a file is of. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Whose records say so: `dpkg`, `apk`, `pacman`, `rpm`. */
  readonly type: string;
}

/** A workstation has some 500,000; what is beyond counts as owned by nobody. */
const PATHS_MAX = 2_000_000;
/** As many as the table's numbers tell apart. */
const PACKAGES_MAX = 65_535;
const FIRST_CAPACITY = 4_096;

/** Where /bin is a link to /usr/bin, packages may name the one and the kernel the other. */
const MERGED = /^\/usr(\/(?:bin|sbin|lib|lib32|lib64|libx32)\/.*)$/s;
const SLASH = 0x2f;
const NEWLINE = 0x0a;

export class PackageIndex {
  /** By package number, which begins at 1. */
  readonly #packages: Package[] = [];
  #hashes = new Float64Array(FIRST_CAPACITY);
  /** 0: the place is free. */
  #owners = new Uint16Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number for `addPath`; 0 where there are too many. */
  addPackage(owner: Package): number {
    return this.#packages.length >= PACKAGES_MAX ? 0 : this.#packages.push(owner);
  }

  /** With or without its first slash. */
  addPath(path: string, owner: number): void {
    const bytes = Buffer.from(path, 'utf8');
    this.addLines(bytes, owner);
  }

  /** Paths, one a line. */
  addLines(bytes: Uint8Array, owner: number): void {
    if (owner === 0) return;
    for (let from = 0; from < bytes.length && this.#size < PATHS_MAX; ) {
      if (this.#size * 2 >= this.#owners.length) this.#grow();
      const to = hashLine(bytes, from);
      if (to > from) this.#put(hashed, owner);
      from = to + 1;
    }
  }

  /** Whether a package owns the path: such a path is the same on every machine that has it. */
  readonly isPackaged = (path: string): boolean => this.#find(path) !== 0;

  readonly ownerOf = (path: string): Package | undefined => {
    const owner = this.#find(path);
    return owner === 0 ? undefined : this.#packages[owner - 1];
  };

  #find(path: string): number {
    if (this.#size === 0) return 0;
    const other = MERGED.exec(path)?.[1];
    return this.#ownerAt(path) || (other === undefined ? 0 : this.#ownerAt(other));
  }

  #ownerAt(path: string): number {
    hashLine(Buffer.from(path, 'utf8'), 0);
    return this.#owners[this.#placeOf(hashed)] ?? 0;
  }

  /** Where the hash is, or the free place where it would be. */
  #placeOf(hash: number): number {
    const mask = this.#owners.length - 1;
    let place = hash % this.#owners.length;
    while (this.#owners[place] !== 0 && this.#hashes[place] !== hash) place = (place + 1) & mask;
    return place;
  }

  /** Of packages that name the same path (a directory, mostly), the first one. */
  #put(hash: number, owner: number): void {
    const place = this.#placeOf(hash);
    if (this.#owners[place] !== 0) return;
    this.#hashes[place] = hash;
    this.#owners[place] = owner;
    this.#size += 1;
  }

  #grow(): void {
    const [hashes, owners] = [this.#hashes, this.#owners];
    this.#hashes = new Float64Array(hashes.length * 2);
    this.#owners = new Uint16Array(owners.length * 2);
    this.#size = 0;
    for (const [place, owner] of owners.entries()) if (owner !== 0) this.#put(hashes[place] ?? 0, owner);
  }
}

/** What `hashLine` made: a second result without an object for each of half a million lines. */
let hashed = 0;

/**
 * The hash of the path at `from`, without its first slash; answers where its line ends. 52 bits: two of a million paths
 * are the same one once in ten thousand machines. FNV-1a, twice.
 */
function hashLine(bytes: Uint8Array, from: number): number {
  let low = 0x811c9dc5;
  let high = 0x1234567;
  let at = bytes[from] === SLASH ? from + 1 : from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === NEWLINE) break;
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x85ebca6b);
  }
  hashed = (high >>> 12) * 2 ** 32 + (low >>> 0);
  return at;
}
