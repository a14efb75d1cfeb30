// Which of the records that pass by belong to the command: those of its audit session, and those of the domains that it
// made, whoever was refused. Decided at the end, since a domain is told of after its first denial. Bounded.
import type { Denial, Document, DomainAllocated, SandboxCall } from '../../landlock/document.ts';

/** Denials that are kept; more are counted. */
export const denialsMax = 100_000;
/** Denials of others, or of nobody that is named, until it is known whose domain theirs is. */
const undecidedMax = 10_000;
const domainsMax = 10_000;

/** Tells of a process that lives whether it is the command or descends from it. */
export type TreeMember = (pid: number, parentPid: number | undefined) => boolean;

export interface TreeDomain {
  readonly id: string;
  readonly creator: DomainAllocated['landlock']['domain']['creator'] | undefined;
  /** Denials that were logged and came. */
  readonly logged: number;
  /** As the kernel counted them; known once the domain is gone. */
  readonly total: number | undefined;
}

export interface TreeSandbox {
  readonly pid: number | undefined;
  readonly program: string | undefined;
  readonly flags: number;
}

export interface TreeResult {
  readonly denials: readonly Denial[];
  readonly allocated: readonly DomainAllocated[];
  readonly domains: readonly TreeDomain[];
  /** Restrictions that made a domain, where audit rules told of them. */
  readonly sandboxes: readonly TreeSandbox[];
  /** Denials beyond the bounds. */
  readonly beyond: number;
}

export class TreeDenials {
  readonly #session: number | undefined;
  readonly #isMember: TreeMember;
  readonly #certain: Denial[] = [];
  readonly #undecided: Denial[] = [];
  readonly #allocated = new Map<string, DomainAllocated>();
  readonly #totals = new Map<string, number>();
  readonly #pids = new Set<number>();
  readonly #sandboxes: TreeSandbox[] = [];
  #beyond = 0;

  /** `isMember` decides where records do not tell of a session: there is none, or a rule keeps it out of them. */
  constructor(session: number | undefined, isMember: TreeMember) {
    this.#session = session;
    this.#isMember = isMember;
  }

  add(doc: Document): void {
    if (doc.kind === 'denial') this.#addDenial(doc);
    else if (doc.kind === 'domain-allocated' && this.#allocated.size < domainsMax) {
      this.#allocated.set(doc.landlock.domain.id, doc);
      // At once: it may soon be gone.
      const { pid } = doc.landlock.domain.creator;
      if (pid !== undefined && this.#isMember(pid, undefined)) this.#pids.add(pid);
    } else if (doc.kind === 'domain-deallocated' && this.#totals.size < domainsMax) {
      this.#totals.set(doc.landlock.domain.id, Number(doc.landlock.domain.denials));
    }
  }

  /** A call of Landlock in the command's session. */
  addCall({ landlock, process }: SandboxCall): void {
    if (process?.pid !== undefined) this.#pids.add(process.pid);
    if (landlock.makes_domain !== true || this.#sandboxes.length >= domainsMax) return;
    this.#sandboxes.push({ pid: process?.pid, program: process?.executable, flags: landlock.flags ?? 0 });
  }

  /** Whether a domain of the command is known that is not known to be gone. */
  get hasLivingDomain(): boolean {
    return this.#certain.some(({ landlock }) => {
      return this.#allocated.has(landlock.domain.id) && !this.#totals.has(landlock.domain.id);
    });
  }

  settle(): TreeResult {
    const own = new Set([...this.#allocated.values()].filter((doc) => this.#isOwnDomain(doc)).map(idOf));
    const late = this.#undecided.filter((denial) => own.has(denial.landlock.domain.id));
    const denials = [...this.#certain, ...late].sort((one, other) => one.event.sequence - other.event.sequence);
    const named = new Set([...own, ...denials.map((denial) => denial.landlock.domain.id)]);
    const allocated = [...this.#allocated.values()].filter((doc) => named.has(idOf(doc)));
    const logged = new Map<string, number>();
    for (const { landlock } of denials) logged.set(landlock.domain.id, (logged.get(landlock.domain.id) ?? 0) + 1);
    const domains = [...named].map((id) => ({
      id,
      creator: this.#allocated.get(id)?.landlock.domain.creator,
      logged: logged.get(id) ?? 0,
      // Of a domain that the command was already in, the count is not the command's.
      total: own.has(id) ? this.#totals.get(id) : undefined,
    }));
    return { denials, allocated, domains, sandboxes: this.#sandboxes, beyond: this.#beyond };
  }

  #addDenial(denial: Denial): void {
    const { pid, parent, session_id: session } = denial.process ?? {};
    const isMember =
      this.#session === undefined ? pid !== undefined && this.#isMember(pid, parent?.pid) : session === this.#session;
    if (isMember && pid !== undefined) this.#pids.add(pid);
    const kept = isMember ? this.#certain : this.#undecided;
    if (kept.length < (isMember ? denialsMax : undecidedMax)) kept.push(denial);
    else if (isMember) this.#beyond++;
  }

  #isOwnDomain({ landlock }: DomainAllocated): boolean {
    const { pid } = landlock.domain.creator;
    return pid !== undefined && this.#pids.has(pid);
  }
}

function idOf(doc: DomainAllocated): string {
  return doc.landlock.domain.id;
}
