import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import { toAccountKeeper } from '../../../src/api/access/account-keeper.ts';
import { toActs } from '../../../src/api/access/admin-acts.ts';
import { ConnectionGate } from '../../../src/api/access/connection-gate.ts';
import { csrfTokenOf, sessionCookieName } from '../../../src/api/access/session-cookie.ts';
import { SignInThrottle } from '../../../src/api/access/sign-in-throttle.ts';
import { toAccess } from '../../../src/api/access/store-access.ts';
import { toViewKeeper } from '../../../src/api/access/view-keeper.ts';
import { buildApp } from '../../../src/api/app.ts';
import type { App, AppDeps, Via } from '../../../src/api/deps.ts';
import { toAgentDoor } from '../../../src/api/ingest/agent-door.ts';
import { AgentShares } from '../../../src/api/ingest/agent-shares.ts';
import { IngestCounters } from '../../../src/api/ingest/ingest-counters.ts';
import { BlockerCounter } from '../../../src/api/monitoring/blocker-counter.ts';
import { QueryTimes } from '../../../src/api/readers/query-times.ts';
import { toReaders } from '../../../src/api/readers/readers.ts';
import { StreamHub } from '../../../src/api/stream/stream-hub.ts';
import { PATIENCE } from '../../../src/api/transport/patience.ts';
import type { AnyDocument } from '../../../src/landlock/document.ts';
import { LastUses } from '../../../src/store/access/last-uses.ts';
import type { TokenScope } from '../../../src/store/access/tokens.ts';
import { closeDatabase, type Database, openDatabase } from '../../../src/store/database/open.ts';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { changeIssue } from '../../../src/store/issues/issue-changes.ts';
import { READERS } from '../../../src/store/reader-table.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { madeToken } from '../../store/support/made-token.ts';
import { testBatch } from './documents.ts';
import { silentLog } from './silent-log.ts';

/** The three apps over one database in a temporary file; readers run in this thread. */
export interface TestApp {
  readonly db: Database;
  readonly deps: AppDeps;
  readonly tcp: App;
  readonly api: App;
  readonly ingest: App;
  readonly clock: { nowMs: number };
  /** A header of a signed-in browser. */
  cookie(): string;
  /** The headers by which its page writes. */
  browser(): { readonly cookie: string; readonly 'x-csrf-token': string };
  token(...scopes: TokenScope[]): string;
  deliver(docs: readonly AnyDocument[], firstSeq?: number): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

const SESSION_TIMES = { idleMs: 12 * 3_600_000, maxMs: 7 * 24 * 3_600_000 };

export async function createTestApp(overrides: Partial<AppDeps> = {}): Promise<TestApp> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-api-'));
  const db = openDatabase(join(directory, 'test.db'));
  const clock = { nowMs: Date.UTC(2026, 2, 1, 12) };
  const now = () => clock.nowMs;
  const readers = new Map<string, (db: Database, request: never) => unknown>(Object.entries(READERS));
  const queryTimes = new QueryTimes();
  const deps: AppDeps = {
    version: '0.1.0',
    startedAtMs: clock.nowMs,
    log: silentLog,
    now,
    writer: new EventWriter(db),
    readers: toReaders({ run: async (name, request) => readers.get(name)?.(db, request as never) }, queryTimes),
    queryTimes,
    denialsByBlocker: new BlockerCounter(),
    saveHeartbeat: (heartbeat, nowMs) => saveHeartbeat(db, heartbeat, nowMs),
    access: toAccess(db, new LastUses(db), SESSION_TIMES),
    accounts: toAccountKeeper(db),
    views: toViewKeeper(db),
    agents: toAgentDoor(db),
    sharedHostsMin: 5,
    shares: new AgentShares(0),
    acts: toActs(db, silentLog),
    throttle: new SignInThrottle(),
    sessionIdleMs: SESSION_TIMES.idleMs,
    isSecure: false,
    retention: undefined,
    changeIssue: (...change) => changeIssue(db, ...change),
    tls: undefined,
    isProxy: undefined,
    patience: PATIENCE,
    requestsPerMinute: 1_200,
    hub: new StreamHub({ streamsMax: 8, ofCallerMax: 8, heartbeatMs: 15_000, now }),
    counters: new IngestCounters(),
    connections: new ConnectionGate(64),
    assets: new Map(),
    hostNames: new Set(['localhost', 'dashboard.example']),
    origin: () => 'http://localhost:1423',
    local: { hostId: undefined },
    supervision: () => undefined,
    isDatabaseReachable: () => true,
    unready: () => undefined,
    ...overrides,
  };
  const [tcp, api, ingest] = await Promise.all((['tcp', 'api', 'ingest'] as Via[]).map((via) => buildApp(deps, via)));
  if (tcp === undefined || api === undefined || ingest === undefined) {
    throw new Error('three apps');
  }
  const browser = () => {
    const { code } = deps.access.createSignInCode(now());
    const secret = deps.access.signIn(code, { address: '127.0.0.1', agent: 'test' }, now())?.secret ?? '';
    return { cookie: `${sessionCookieName(deps.isSecure)}=${secret}`, 'x-csrf-token': csrfTokenOf(secret) };
  };
  return {
    db,
    deps,
    tcp,
    api,
    ingest,
    clock,
    cookie: () => browser().cookie,
    browser,
    token: (...scopes) => madeToken(db, { name: scopes.join(), scopes }, now()).text,
    deliver: (docs, firstSeq) =>
      ingest.inject({
        method: 'POST',
        url: '/api/v1/ingest',
        headers: { 'content-type': 'application/x-ndjson' },
        payload: testBatch(docs, firstSeq),
      }),
    async close() {
      await Promise.all([tcp, api, ingest].map((app) => app.close()));
      closeDatabase(db);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
