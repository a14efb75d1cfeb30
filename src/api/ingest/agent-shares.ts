// How many documents an agent may deliver: a bucket each, that fills up steadily and holds what gathers while a server
// is away. What does not fit waits in the agent's spool; nothing is refused for good.

/** An hour of a busy host: what gathers while the server is away is taken at once. */
const AGENT_BURST_DOCUMENTS = 500_000;

/** Agents that are remembered; a forgotten one begins with a full bucket. */
const AGENTS_MAX = 100_000;

interface Share {
  documents: number;
  filledAtMs: number;
}

export class AgentShares {
  readonly #perSecond: number;
  readonly #shares = new Map<number, Share>();

  /** `perSecond`: 0 for no bound. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** undefined: the agent may send a batch now; otherwise after how many seconds it may. */
  waitSeconds(agent: number, nowMs: number): number | undefined {
    if (this.#perSecond === 0) return undefined;
    const share = this.#shareOf(agent, nowMs);
    share.documents = Math.min(
      AGENT_BURST_DOCUMENTS,
      share.documents + (Math.max(0, nowMs - share.filledAtMs) / 1000) * this.#perSecond,
    );
    share.filledAtMs = nowMs;
    if (share.documents <= 0) return Math.max(1, Math.ceil((1 - share.documents) / this.#perSecond));
    return undefined;
  }

  /**
   * Takes what was stored from the agent's share: what the store could not take comes again, and is no burden twice. The
   * last batch may take more than there is: it is owed, so that a large batch is never stuck.
   */
  charge(agent: number, documents: number, nowMs: number): void {
    if (this.#perSecond !== 0) this.#shareOf(agent, nowMs).documents -= documents;
  }

  #shareOf(agent: number, nowMs: number): Share {
    const known = this.#shares.get(agent);
    if (known !== undefined) return known;
    if (this.#shares.size >= AGENTS_MAX) {
      const oldest = this.#shares.keys().next();
      if (oldest.done !== true) this.#shares.delete(oldest.value);
    }
    const share = { documents: AGENT_BURST_DOCUMENTS, filledAtMs: nowMs };
    this.#shares.set(agent, share);
    return share;
  }
}
