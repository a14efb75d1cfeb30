// What users are called on this host: of those whose processes something was denied, as far as the system knows them.
// Asked for seldom and never waited for; a name that cannot be had is no error.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Users that are asked for; those beyond it stay numbers. */
const USERS_MAX = 256;
const NAME_LENGTH_MAX = 64;
const PASSWD_BYTES_MAX = 4 * 1024 * 1024;
/** Between two questions about who is not known yet. */
const ASK_AGAIN_MS = 60_000;
const GETENT_MAX_MS = 2_000;
const GETENT_USERS_MAX = 32;

export interface UserName {
  readonly uid: number;
  readonly name: string;
}

export interface NameSources {
  /** The text of passwd(5). */
  readPasswd(): Promise<string>;
  /** The same of these users alone, also from directories (LDAP, SSSD) that the system asks. */
  askSystem(uids: readonly number[]): Promise<string>;
}

const SYSTEM: NameSources = {
  readPasswd: async () => (await readFile('/etc/passwd', 'utf8')).slice(0, PASSWD_BYTES_MAX),
  async askSystem(uids) {
    const options = { timeout: GETENT_MAX_MS, maxBuffer: PASSWD_BYTES_MAX };
    // Fails where one of them is not known, and has the others on its standard output all the same.
    const { stdout } = await promisify(execFile)('getent', ['passwd', ...uids.map(String)], options).catch(
      (error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }),
    );
    return stdout;
  },
};

export class UserNames {
  readonly #sources: NameSources;
  readonly #now: () => number;
  /** undefined: not known yet. */
  readonly #names = new Map<number, string | undefined>();
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #isNew = false;

  constructor(sources: NameSources = SYSTEM, now: () => number = Date.now) {
    this.#sources = sources;
    this.#now = now;
  }

  /** Notes a user by the decimal text of its id. */
  see(id: string | undefined): void {
    if (id === undefined || !/^\d{1,10}$/.test(id)) return;
    const uid = Number(id);
    if (this.#names.has(uid) || this.#names.size >= USERS_MAX) return;
    this.#names.set(uid, undefined);
    this.#isNew = true;
  }

  /** Those that are known. */
  get known(): readonly UserName[] {
    return [...this.#names].flatMap(([uid, name]) => (name === undefined ? [] : [{ uid, name }]));
  }

  /** Looks up who was seen and is not known, if that is due. Never rejects. */
  async refresh(): Promise<void> {
    const isDue = this.#isNew || this.#now() - this.#askedAtMs >= ASK_AGAIN_MS;
    if (!isDue || this.#unknown().length === 0) return;
    this.#isNew = false;
    this.#askedAtMs = this.#now();
    this.#learn(await this.#sources.readPasswd().catch(() => ''));
    const unknown = this.#unknown().slice(0, GETENT_USERS_MAX);
    if (unknown.length > 0) this.#learn(await this.#sources.askSystem(unknown).catch(() => ''));
  }

  #unknown(): readonly number[] {
    return [...this.#names].flatMap(([uid, name]) => (name === undefined ? [uid] : []));
  }

  /** Lines of passwd(5); the first name of an id counts. */
  #learn(text: string): void {
    for (const line of text.split('\n')) {
      const [name = '', , id = ''] = line.split(':', 3);
      const uid = /^\d{1,10}$/.test(id) ? Number(id) : -1;
      if (!this.#names.has(uid) || this.#names.get(uid) !== undefined) continue;
      if (name !== '' && name.length <= NAME_LENGTH_MAX) this.#names.set(uid, name);
    }
  }
}
