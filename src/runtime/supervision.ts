// What the supervisor (`trespass run`) and its two children tell each other over Node's IPC channel.
// A child whose channel closes has lost its supervisor and shuts down in order.

/** From the server, once it listens. */
export interface ServerReady {
  readonly kind: 'server-ready';
  readonly address: string;
  /** Works once. */
  readonly signInUrl: string;
  readonly databasePath: string;
}

/** From the collector, once it receives records. */
export interface CollectorReady {
  readonly kind: 'collector-ready';
  readonly landlockAbi: number;
  readonly auditEnabledBefore: number;
  readonly auditEnabled: number;
  readonly backlogLimitBefore: number;
  readonly backlogLimit: number;
  readonly receiveBufferBytes: number;
}

/** From the collector when its canary came back, or did not. */
export interface CanaryReport {
  readonly kind: 'canary';
  readonly state: 'seen' | 'missed' | 'unavailable';
  readonly latencyMs?: number;
  readonly reason?: string;
}

/** From either child just before it exits with `exitCode`: a mistake that starting again will not mend. */
export interface FatalReport {
  readonly kind: 'fatal';
  readonly code: string;
  readonly message: string;
  readonly mend: string;
  readonly exitCode: number;
}

export type ChildMessage = ServerReady | CollectorReady | CanaryReport | FatalReport;

/** From the supervisor to the server, so that the page can say it. */
export interface SupervisionNews {
  readonly kind: 'supervision';
  readonly collector: {
    readonly state: 'starting' | 'running' | 'restarting' | 'stopped';
    readonly restarts: number;
    readonly lastExit?: string;
  };
  readonly server: { readonly restarts: number };
}

/** From the supervisor to a child: end now. A bare SIGTERM may have come from outside, to all three at once. */
export interface StopOrder {
  readonly kind: 'stop';
}
