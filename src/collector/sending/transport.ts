// How the collector reaches a server: over the Unix socket of this machine (socket-client.ts) or from elsewhere by
// HTTPS (remote-client.ts). Every outcome is a value: a server that is away is the ordinary case here.

export interface Post {
  readonly path: string;
  readonly type: string;
  readonly body: readonly Buffer[];
  readonly timeoutMs: number;
  /** An ETag that is known already. */
  readonly ifNoneMatch?: string | undefined;
  readonly signal: AbortSignal;
}

export type PostOutcome =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: string;
      readonly retryAfter?: string;
      readonly etag?: string;
    }
  | { readonly ok: false; readonly reason: string };

export interface Transport {
  /** Never rejects. */
  post(post: Post): Promise<PostOutcome>;
  close(): void;
}
