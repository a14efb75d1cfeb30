// What the app is built from. Everything impure comes in here, so that tests build the app from parts of their own
// and the routes stay readable.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Heartbeat } from '../delivery/batch.ts';
import type { SupervisionNews } from '../runtime/supervision.ts';
import type { AccountCreation, AccountFacts } from '../store/access/accounts.ts';
import type { Role } from '../store/access/roles.ts';
import type { NewToken, TokenCheck, TokenFacts } from '../store/access/tokens.ts';
import type { NewView, ViewCreation, ViewFacts, ViewOwner } from '../store/access/views.ts';
import type { ChangeResult, IssueChange } from '../store/issues/issue-changes.ts';
import type { RetentionDays } from '../store/retention/retention-policy.ts';
import type { EventWriter } from '../store/writing/event-writer.ts';
import type { Acts } from './access/admin-acts.ts';
import type { ConnectionGate } from './access/connection-gate.ts';
import type { Scope } from './access/principal.ts';
import type { SignInThrottle } from './access/sign-in-throttle.ts';
import type { AgentDoor } from './ingest/agent-door.ts';
import type { AgentShares } from './ingest/agent-shares.ts';
import type { IngestCounters } from './ingest/ingest-counters.ts';
import type { BlockerCounter } from './monitoring/blocker-counter.ts';
import type { QueryTimes } from './readers/query-times.ts';
import type { Readers } from './readers/readers.ts';
import type { StreamHub } from './stream/stream-hub.ts';
import type { Patience } from './transport/patience.ts';
import type { Tls } from './transport/tls.ts';
import type { WebAssets } from './web-assets.ts';

/** The way by which a request comes in; each has an app of its own with the routes that it may use. */
export type Via = 'tcp' | 'api' | 'ingest';

/** A route as it was registered. */
export interface RouteAccess {
  readonly method: string;
  readonly url: string;
  readonly access: Scope | 'public';
  readonly act?: string;
}

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
  /** Undefined where it is none, or has ended. Asking counts as a use of it, unless `unused`. */
  findSession(secret: string, nowMs: number, use?: 'unused'): FoundSession | undefined;
  /** Asking counts as a use of it. */
  findToken(text: string, nowMs: number): TokenCheck;
  createSignInCode(nowMs: number): { readonly code: string; readonly expiresAtMs: number };
  /** Uses the code up; undefined where it is unknown, used or too old. */
  signIn(code: string, client: Client, nowMs: number): BegunSession | undefined;
  /** Undefined where there is no such account, or the password is another: the two take the same time. */
  checkPassword(name: string, password: string): Promise<CheckedAccount | undefined>;
  /** Undefined where the account has changed since. */
  signInAs(account: CheckedAccount, client: Client, nowMs: number): BegunSession | undefined;
  /**
   * Another password, as it is kept, in the place of the one that was checked: all sessions of the account end, and one
   * begins. Undefined where the account has changed since.
   */
  changePassword(account: CheckedAccount, next: string, client: Client, nowMs: number): BegunSession | undefined;
  /** Whether there was such a session; `account`: only of whom (null: of those by link). */
  endSession(id: number, account?: number | null): boolean;
  /** How many there were. */
  endSessionsOf(account: number | null): number;
  createToken(token: NewToken, nowMs: number): { readonly id: number; readonly text: string } | 'too-many';
  /** Undefined where no such token is in force. */
  revokeToken(id: number, nowMs: number): TokenFacts | undefined;
}

/** Where a browser is, and what it says of itself. */
export interface Client {
  readonly address: string;
  readonly agent: string;
}

/** Somebody who knew the password. */
export interface CheckedAccount {
  readonly id: number;
  readonly name: string;
  /** As it was kept when it was checked. */
  readonly password: string;
  /** As it is to be kept from now on. */
  readonly renewed?: string;
}

export interface FoundSession {
  readonly id: number;
  /** null: a one-time link let it in. */
  readonly account: number | null;
  readonly name?: string;
  readonly role: Role;
  readonly expiresAtMs: number;
  /** It ends then unless it is used before. */
  readonly idleAtMs: number;
}

export interface BegunSession {
  readonly id: number;
  readonly secret: string;
  readonly expiresAtMs: number;
}

/** Accounts as an administrator changes them; names as `toAccountName` has them, passwords as they are kept. */
export interface AccountKeeper {
  get(name: string): AccountFacts | undefined;
  create(
    account: { readonly name: string; readonly role: Role; readonly password: string },
    nowMs: number,
  ): AccountCreation;
  /** Each of them: whether there is such an account; ends its sessions. */
  setRole(name: string, role: Role): boolean;
  setPassword(name: string, password: string, nowMs: number): boolean;
  setDisabled(name: string, isDisabled: boolean, nowMs: number): boolean;
  delete(name: string): boolean;
}

/** Views that people keep, as changed on the one connection that writes. */
export interface ViewKeeper {
  /** As of now; undefined where there is none that `owner` may see. */
  get(id: number, owner: string): ViewFacts | undefined;
  create(owner: ViewOwner, view: NewView, nowMs: number): ViewCreation;
  replace(before: ViewFacts, view: NewView, nowMs: number): ViewFacts | 'exists';
  delete(id: number): void;
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
  /** `expected`: versions of which the issue must have one; absent: any. Throws StoreError. */
  changeIssue(fingerprint: string, change: IssueChange, nowMs: number, expected?: readonly string[]): ChangeResult;
  readonly access: Access;
  readonly accounts: AccountKeeper;
  readonly views: ViewKeeper;
  readonly agents: AgentDoor;
  /** `server.shared_hosts_min`. */
  readonly sharedHostsMin: number;
  readonly shares: AgentShares;
  readonly acts: Acts;
  readonly throttle: SignInThrottle;
  readonly hub: StreamHub;
  readonly counters: IngestCounters;
  readonly connections: ConnectionGate;
  readonly denialsByBlocker: BlockerCounter;
  readonly queryTimes: QueryTimes;
  readonly assets: WebAssets;
  /** Names by which this server may be called, lower case, without port. Literal addresses are always allowed. */
  readonly hostNames: ReadonlySet<string>;
  /** `http://127.0.0.1:1423`, known once the server listens. */
  origin(): string;
  /** The host whose collector delivers by ingest.sock, once it said so: the one that the supervisor speaks of. */
  readonly local: { hostId: string | undefined };
  /** Undefined without a supervisor. */
  supervision(): SupervisionNews | undefined;
  /** What is kept how long; undefined: all for good. */
  readonly retention: RetentionDays | undefined;
  /** Sessions end after so long without a request. */
  readonly sessionIdleMs: number;
  /** Whether browsers reach us by TLS, ours or that of a proxy. */
  readonly isSecure: boolean;
  /** Undefined: plain HTTP. */
  readonly tls: Tls | undefined;
  /** Undefined: no proxy stands in front. */
  readonly isProxy: ((address: string) => boolean) | undefined;
  readonly patience: Patience;
  /** Of one caller. */
  readonly requestsPerMinute: number;
  /** Whether this process could still open the database by its path. */
  isDatabaseReachable(): boolean;
  /** Why the server cannot do its work at the moment; undefined when it can. */
  unready(): string | undefined;
  /** Told of each route as it is registered. */
  onRoute?(via: Via, route: RouteAccess): void;
}
