// Decides whether the canary was seen: fires it, looks for its denial among the documents, tags what belongs to it,
// and fires again, rarely, as long as none came through. What a canary is, and why it may fail, is canary.ts's.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryState, Heartbeat } from '../../delivery/batch.ts';
import type { Document, SandboxDocument } from '../../landlock/document.ts';
import { startCanary } from './canary.ts';

/** From the child's end to its denial's arrival, at most. */
const SEEN_MAX_MS = 3_000;
/** After one that was not seen. */
const AGAIN_AFTER_MS = 60_000;
/** Paths and domains of canaries that are remembered, the oldest go. */
const REMEMBERED_MAX = 64;

export interface CanaryNews {
  readonly state: CanaryState;
  readonly latencyMs?: number;
  readonly atMs?: number;
  readonly reason?: string;
}

const NOT_ARRIVED =
  'the kernel refused the canary, but no record of it arrived: look for audit rules that exclude it (auditctl -l) ' +
  'and for a network namespace that is not the first';

export class CanaryWatch {
  readonly #directory: string;
  readonly #report: (news: CanaryNews) => void;
  readonly #stopping = new AbortController();
  readonly #firedAtByPath = new Map<string, number>();
  readonly #domains = new Set<string>();
  /** When the canary with that number had ended, Unix time: others have the number afterwards. */
  readonly #endedAtByPid = new Map<number, number>();
  #news: CanaryNews = { state: 'waiting' };
  #whenSeen: (() => void) | undefined;
  /** Whoever asks looks at the heartbeat: what came of it is only reported where it is bad. */
  #isAsked = false;

  /** `report` is called when the state changes. `directory` must be writable. */
  constructor(directory: string, report: (news: CanaryNews) => void) {
    this.#directory = directory;
    this.#report = report;
  }

  /** Resolves when a canary was seen, or after `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (await this.#fire()) return;
      await sleep(AGAIN_AFTER_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Once more, because somebody asks; resolves when it was seen or is given up. One that is on its way is enough. */
  async again(): Promise<void> {
    if (this.#news.state === 'waiting' || this.#stopping.signal.aborted) return;
    this.#news = { state: 'waiting' };
    this.#isAsked = true;
    await this.#fire().finally(() => {
      this.#isAsked = false;
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** For the heartbeat. */
  get status(): Heartbeat['canary'] {
    const { state, latencyMs, atMs, reason } = this.#news;
    return {
      state,
      ...(latencyMs !== undefined && { latency_ms: latencyMs }),
      ...(atMs !== undefined && { at: new Date(atMs).toISOString() }),
      ...(reason !== undefined && { reason }),
    };
  }

  /** The same document, tagged if a canary of ours provoked it. */
  tag(doc: Document): Document {
    if (this.#firedAtByPath.size === 0 || !this.#isOurs(doc)) return doc;
    return { ...doc, tags: [...(doc.tags ?? []), 'canary'] };
  }

  /** The same for the canary's system calls and its domain's creation, which name its process. */
  tagSandbox(doc: SandboxDocument): SandboxDocument {
    const { pid } = doc.kind === 'sandbox-call' ? (doc.process ?? {}) : doc.landlock.domain.creator;
    const endedAt = pid === undefined ? undefined : this.#endedAtByPid.get(pid);
    if (endedAt === undefined || Date.parse(doc['@timestamp']) > endedAt) return doc;
    return { ...doc, tags: [...(doc.tags ?? []), 'canary'] };
  }

  #isOurs(doc: Document): boolean {
    if (doc.kind === 'malformed' || doc.kind === 'gap') return false;
    const domain = doc.landlock.domain.id;
    const path = doc.kind === 'denial' ? doc.file?.path : undefined;
    const firedAt = path === undefined ? undefined : this.#firedAtByPath.get(path);
    if (firedAt === undefined) return this.#domains.has(domain);
    forgetOldest(this.#domains.add(domain));
    this.#seen(performance.now() - firedAt);
    return true;
  }

  #seen(latencyMs: number): void {
    if (this.#news.state === 'seen') return;
    this.#tell({ state: 'seen', latencyMs, atMs: Date.now() });
    this.#whenSeen?.();
  }

  #tell(news: CanaryNews): void {
    this.#news = news;
    if (!this.#isAsked || news.state !== 'seen') this.#report(news);
  }

  /** True once it was seen. */
  async #fire(): Promise<boolean> {
    const seen = new Promise<void>((resolve) => {
      this.#whenSeen = resolve;
    });
    const canary = await startCanary({ directory: this.#directory });
    this.#firedAtByPath.set(canary.path, canary.firedAt);
    forgetOldest(this.#firedAtByPath);
    // 0: no process of its own.
    if (canary.pid !== 0) forgetOldest(this.#endedAtByPid.set(canary.pid, Number.POSITIVE_INFINITY));
    const outcome = await canary.done;
    if (canary.pid !== 0) this.#endedAtByPid.set(canary.pid, Date.now());
    if (!outcome.ok) {
      if (this.#isSeen()) return true;
      this.#tell({ state: 'unavailable', atMs: Date.now(), reason: `${outcome.reason}: ${outcome.mend}` });
      return false;
    }
    await Promise.race([seen, sleep(SEEN_MAX_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})]);
    if (this.#isSeen() || this.#stopping.signal.aborted) return true;
    this.#tell({ state: 'missed', atMs: Date.now(), reason: NOT_ARRIVED });
    return false;
  }

  #isSeen(): boolean {
    return this.#news.state === 'seen';
  }
}

function forgetOldest<K>(remembered: Map<K, unknown> | Set<K>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= REMEMBERED_MAX) return;
    remembered.delete(oldest);
  }
}
