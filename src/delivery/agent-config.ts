// What a server wants of the agents of a fleet: small, and only what makes a host tell less, or when it speaks. It comes
// with the answer to a heartbeat, known by an ETag. Pure.

/** From the one that tells most to the one that tells least. */
export const PRIVACY_LEVELS = ['full', 'reduced', 'aggregate'] as const;
export type PrivacyLevel = (typeof PRIVACY_LEVELS)[number];

export const HEARTBEAT_SECONDS_MIN = 5;
/** A server calls an agent online that was heard of within 100 seconds. */
export const HEARTBEAT_SECONDS_MAX = 90;

export interface AgentConfig {
  /** At least this; a host that tells less by itself goes on so. */
  readonly privacy?: PrivacyLevel;
  readonly heartbeat_seconds?: number;
}

/** What of `value` is understood; the rest may be of a newer server. Never throws. */
export function toAgentConfig(value: unknown): AgentConfig {
  if (typeof value !== 'object' || value === null) return {};
  const { privacy, heartbeat_seconds: seconds } = value as { readonly [key: string]: unknown };
  const level = PRIVACY_LEVELS.find((one) => one === privacy);
  const isSeconds =
    typeof seconds === 'number' &&
    Number.isSafeInteger(seconds) &&
    seconds >= HEARTBEAT_SECONDS_MIN &&
    seconds <= HEARTBEAT_SECONDS_MAX;
  return { ...(level !== undefined && { privacy: level }), ...(isSeconds && { heartbeat_seconds: seconds }) };
}

/** Of the two the one that tells less. */
export function stricterPrivacy(own: PrivacyLevel, wanted: PrivacyLevel = 'full'): PrivacyLevel {
  return PRIVACY_LEVELS.indexOf(wanted) > PRIVACY_LEVELS.indexOf(own) ? wanted : own;
}
