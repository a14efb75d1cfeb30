// What a server wants of the agents of a fleet: small, and only what makes a host tell less, or when it speaks. It comes
// with the answer to a heartbeat, known by an ETag. Pure.

/** From the one that tells most to the one that tells least. */
export const PRIVACY_LEVELS = ['full', 'reduced', 'aggregate'] as const;
export type PrivacyLevel = (typeof PRIVACY_LEVELS)[number];

export const HEARTBEAT_SECONDS_MIN = 5;
/** A server calls an agent online that was heard of within 100 seconds. */
export const HEARTBEAT_SECONDS_MAX = 90;

export const DOCUMENTS_PER_SECOND_MIN = 10;
export const DOCUMENTS_PER_SECOND_MAX = 100_000;

export interface AgentConfig {
  /** At least this; a host that tells less by itself goes on so. */
  readonly privacy?: PrivacyLevel;
  readonly heartbeat_seconds?: number;
  /** A flood leaves no faster in the long run: the rest waits in the spool. */
  readonly documents_per_second?: number;
}

/** What an agent made of what its server wants. */
export interface ConfigReport {
  readonly taken: AgentConfig;
  /** Names of what it does not do: unknown, out of bounds, or to tell more than its own configuration says. */
  readonly refused: readonly string[];
}

/** Names that are told; a server that wants more is none of ours. */
export const REFUSED_MAX = 16;
const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const OTHER_NAME = 'other';

/** What of `value` is understood, and what is not: it may be of a newer server. Never throws. */
export function readAgentConfig(value: unknown): ConfigReport {
  if (typeof value !== 'object' || value === null) return { taken: {}, refused: [] };
  const taken: { -readonly [K in keyof AgentConfig]: AgentConfig[K] } = {};
  const refused = new Set<string>();
  for (const [name, wanted] of Object.entries(value)) {
    if (!take(taken, name, wanted)) refused.add(NAME.test(name) ? name : OTHER_NAME);
    if (refused.size >= REFUSED_MAX) break;
  }
  return { taken, refused: [...refused] };
}

function take(taken: { -readonly [K in keyof AgentConfig]: AgentConfig[K] }, name: string, wanted: unknown): boolean {
  switch (name) {
    case 'privacy': {
      const level = PRIVACY_LEVELS.find((one) => one === wanted);
      if (level !== undefined) taken.privacy = level;
      return level !== undefined;
    }
    case 'heartbeat_seconds': {
      const isTaken = isWithin(wanted, HEARTBEAT_SECONDS_MIN, HEARTBEAT_SECONDS_MAX);
      if (isTaken) taken.heartbeat_seconds = wanted;
      return isTaken;
    }
    case 'documents_per_second': {
      const isTaken = isWithin(wanted, DOCUMENTS_PER_SECOND_MIN, DOCUMENTS_PER_SECOND_MAX);
      if (isTaken) taken.documents_per_second = wanted;
      return isTaken;
    }
    default:
      return false;
  }
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
}

/** What of `value` is understood alone. */
export function toAgentConfig(value: unknown): AgentConfig {
  return readAgentConfig(value).taken;
}

/** Of the two the one that tells less. */
export function stricterPrivacy(own: PrivacyLevel, wanted: PrivacyLevel = 'full'): PrivacyLevel {
  return PRIVACY_LEVELS.indexOf(wanted) > PRIVACY_LEVELS.indexOf(own) ? wanted : own;
}
