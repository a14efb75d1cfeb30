// What the app is built from. Everything impure comes in here, so that tests build the app from parts of their own
// and the routes stay readable.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Heartbeat } from '../delivery/batch.ts';
import type { SupervisionNews } from '../runtime/supervision.ts';
import type { EventWriter } from '../store/event-writer.ts';
import type { IssueChange } from '../store/issue-changes.ts';
import type { IngestCounters } from './ingest-counters.ts';
import type { Scope } from './principal.ts';
import type { Readers } from './readers.ts';
import type { StreamHub } from './stream-hub.ts';
import type { WebAssets } from './web-assets.ts';

/** The way by which a request comes in; each has an app of its own with the routes that it may use. */
export type Via = 'tcp' | 'api' | 'ingest';

/** An app with the types of its schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Sessions, tokens and sign-in codes, kept by the store. All secrets are plain text here and hashed there. */
export interface Access {
  findSession(secret: string, nowMs: number): { readonly expiresAtMs: number } | undefined;
  findToken(token: string, nowMs: number): FoundToken | undefined;
  createSignInCode(nowMs: number): { readonly code: string; readonly expiresAtMs: number };
  /** Uses the code up; undefined where it is unknown, used or too old. */
  signIn(code: string, nowMs: number): { readonly secret: string; readonly expiresAtMs: number } | undefined;
  signOut(secret: string): void;
}

export interface FoundToken {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAtMs?: number;
}

export interface AppDeps {
  readonly version: string;
  readonly startedAtMs: number;
  readonly log: FastifyBaseLogger;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly writer: Pick<EventWriter, 'write'>;
  readonly readers: Readers;
  saveHeartbeat(heartbeat: Heartbeat, nowMs: number): void;
  /** Answers whether there is such an issue. Throws StoreError. */
  changeIssue(fingerprint: string, change: IssueChange, nowMs: number): boolean;
  readonly access: Access;
  readonly hub: StreamHub;
  readonly counters: IngestCounters;
  readonly assets: WebAssets;
  /** Names by which this server may be called, lower case, without port. Literal addresses are always allowed. */
  readonly hostNames: ReadonlySet<string>;
  /** `http://127.0.0.1:1423`, known once the server listens. */
  origin(): string;
  /** The host whose collector delivers by ingest.sock, once it said so: the one that the supervisor speaks of. */
  readonly local: { hostId: string | undefined };
  /** Undefined without a supervisor. */
  supervision(): SupervisionNews | undefined;
  isPlainHttpBeyondLoopback(): boolean;
  /** Whether this process could still open the database by its path. */
  isDatabaseReachable(): boolean;
  /** Why the server cannot do its work at the moment; undefined when it can. */
  unready(): string | undefined;
}
