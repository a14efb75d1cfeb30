// What the server wants of this agent (delivery/agent-config.ts), as it came last: kept beside the spool, so that it holds
// from the first moment of the next start. It never makes the host tell more than its own configuration says.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AgentConfig,
  type ConfigReport,
  type PrivacyLevel,
  REFUSED_MAX,
  readAgentConfig,
  stricterPrivacy,
} from '../../delivery/agent-config.ts';

const FILE = 'agent-config.json';
const ETAG = /^"[0-9a-f]{16}"$/;

export class PulledConfig {
  readonly #path: string;
  readonly #own: PrivacyLevel;
  #etag: string | undefined;
  #config: AgentConfig = {};
  #refused: readonly string[] = [];

  /** `own`: the level of the host's own configuration. */
  constructor(directory: string, own: PrivacyLevel) {
    this.#path = join(directory, FILE);
    this.#own = own;
    try {
      this.#take(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      // Nothing came yet.
    }
  }

  /** The one that is in force; undefined: none came. */
  get etag(): string | undefined {
    return this.#etag;
  }

  get privacy(): PrivacyLevel {
    return stricterPrivacy(this.#own, this.#config.privacy);
  }

  get heartbeatSeconds(): number | undefined {
    return this.#config.heartbeat_seconds;
  }

  get documentsPerSecond(): number | undefined {
    return this.#config.documents_per_second;
  }

  /** To tell more than this host's own configuration says is refused, as is what is not understood. */
  get report(): ConfigReport {
    const { privacy, ...rest } = this.#config;
    const isTaken = privacy !== undefined && privacy === this.privacy;
    const isRefused = privacy !== undefined && !isTaken;
    return {
      taken: { ...(isTaken && { privacy }), ...rest },
      refused: isRefused ? ['privacy', ...this.#refused].slice(0, REFUSED_MAX) : this.#refused,
    };
  }

  /** An answer of the server; false where it is none. */
  receive(etag: string, body: string): boolean {
    try {
      const text = JSON.stringify({ etag, config: JSON.parse(body) });
      if (!this.#take(JSON.parse(text))) return false;
      writeFileSync(`${this.#path}.new`, text, { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      return true;
    } catch {
      // No JSON; or the disk is full, and it is in force until this process ends.
      return this.#etag === etag;
    }
  }

  #take({ etag, config }: { readonly etag?: unknown; readonly config?: unknown }): boolean {
    if (typeof etag !== 'string' || !ETAG.test(etag)) return false;
    this.#etag = etag;
    const { taken, refused } = readAgentConfig(config);
    this.#config = taken;
    this.#refused = refused;
    return true;
  }
}
