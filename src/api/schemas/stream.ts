// What the SSE stream says besides denials and domains. Each type is the `data` of the event of that name.

/** `event: heartbeat`, first when the stream is open, then every 15 seconds. */
export interface StreamHeartbeat {
  readonly now: string;
}

/**
 * `event: overflow`: some denials are missing in this stream. After `slow-reader` the stream ends and a
 * reconnect with Last-Event-ID fetches them; after `replay-limit` only a list request can.
 */
export interface StreamOverflow {
  readonly reason: 'slow-reader' | 'replay-limit';
  /** How many; null where that is not known. */
  readonly missed: number | null;
}
