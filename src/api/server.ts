// The server from nothing to listening, and back. The order is the point: everything that needs root or has to be
// loaded comes first, then the privileges go for good, and only then somebody is told where to find us.
import { accessSync, constants } from 'node:fs';
import type { pino } from 'pino';
import type { Config } from '../runtime/config.ts';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { type Account, dropPrivileges, isRoot, requireAccount } from '../runtime/privileges.ts';
import { siblingModule } from '../runtime/sibling-module.ts';
import type { ChildMessage, SupervisionNews } from '../runtime/supervision.ts';
import { LastUses } from '../store/access/last-uses.ts';
import { closeDatabase, type Database, openDatabase } from '../store/database/open.ts';
import { saveHeartbeat } from '../store/fleets/agents.ts';
import { changeIssue } from '../store/issues/issue-changes.ts';
import { toRetentionPolicy } from '../store/retention/retention-policy.ts';
import { EventWriter } from '../store/writing/event-writer.ts';
import { toAccountKeeper } from './access/account-keeper.ts';
import { toActs } from './access/admin-acts.ts';
import { ConnectionGate } from './access/connection-gate.ts';
import { SignInThrottle } from './access/sign-in-throttle.ts';
import { toAccess } from './access/store-access.ts';
import { toViewKeeper } from './access/view-keeper.ts';
import { buildApp } from './app.ts';
import { startCheckpointer } from './database/checkpointer.ts';
import { prepareDatabasePlace } from './database/database-place.ts';
import { startRetention } from './database/retention-timer.ts';
import type { App, AppDeps } from './deps.ts';
import { toAgentDoor } from './ingest/agent-door.ts';
import { AgentShares } from './ingest/agent-shares.ts';
import { IngestCounters } from './ingest/ingest-counters.ts';
import { BlockerCounter } from './monitoring/blocker-counter.ts';
import { QueryTimes } from './readers/query-times.ts';
import { ReaderPool } from './readers/reader-pool.ts';
import { toReaders } from './readers/readers.ts';
import { signInUrl } from './routes/sign-in.ts';
import { CONNECTIONS_MAX } from './server-options.ts';
import { StreamHub } from './stream/stream-hub.ts';
import { type ListenAddress, parseListenAddress } from './transport/listen-address.ts';
import { PATIENCE } from './transport/patience.ts';
import { type Transport, toTransport } from './transport/transport.ts';
import { listenOnSocket, makeRuntimeDirectory, removeSocket } from './transport/unix-socket.ts';
import { readWebAssets, webDirectory } from './web-assets.ts';

export interface ServerOptions {
  readonly version: string;
  readonly log: pino.Logger;
  report(message: ChildMessage): void;
  /** Become config.server.user once everything is open; does nothing where this process is not root. */
  readonly dropPrivileges?: boolean;
}

export interface RunningServer {
  /** `http://127.0.0.1:1423`. */
  readonly address: string;
  /** Works once. */
  readonly signInUrl: string;
  /** News of the supervisor; those that come by Node's IPC channel are taken without this. */
  applySupervision(news: SupervisionNews): void;
  /** Ends everything within 4 seconds; what was acknowledged is stored. */
  stop(): Promise<void>;
}

const STREAMS_MAX = 64;
const STREAMS_OF_CALLER_MAX = 16;
/** Half of all: proxies are not counted. */
const CONNECTIONS_OF_ADDRESS_MAX = CONNECTIONS_MAX / 2;
const HEARTBEAT_MS = 15_000;
/** How often it is written when tokens and sessions were used. */
const LAST_USES_MS = 60_000;
const READERS = { workersMax: 2, sparesMax: 2, queueMax: 256, timeoutMs: 10_000, exhaustedMaxMs: 30_000 } as const;

/** Throws OperatingError or StoreError where it cannot start; nothing stays open then. */
export async function startServer(config: Config, options: ServerOptions): Promise<RunningServer> {
  const closers: (() => unknown)[] = [];
  try {
    return await start(config, options, closers);
  } catch (error) {
    for (const close of closers.reverse()) {
      await close();
    }
    throw error;
  }
}

async function start(config: Config, options: ServerOptions, closers: (() => unknown)[]): Promise<RunningServer> {
  const { log } = options;
  const listen = parseListenAddress(config.server.listen);
  const account = options.dropPrivileges === true && isRoot() ? requireAccount(config.server.user) : undefined;
  const transport = toTransport(config.server, listen, log);
  const assets = readWebAssets(webDirectory());

  prepareDatabasePlace(config.store.path, account?.uid === 0 ? undefined : account);
  const db = openDatabase(config.store.path, { checkpoints: 'elsewhere' });
  closers.push(() => closeDatabase(db));
  const stopCheckpointer = await startCheckpointer(db, log);
  closers.push(stopCheckpointer);
  const lastUses = new LastUses(db);
  const lastUsesTimer = setInterval(() => lastUses.write(), LAST_USES_MS).unref();
  closers.push(() => clearInterval(lastUsesTimer));
  const state = new ServerState();
  const pool = await ReaderPool.start({
    ...READERS,
    module: siblingModule('./readers/reader-worker', import.meta.url),
    workerData: { databasePath: config.store.path },
    log,
    onExhausted: (reason) => void state.giveUp(reason, log),
  });
  closers.push(() => pool.stop());
  const deps = buildDeps({ config, options, db, lastUses, pool, assets, state, transport });

  makeRuntimeDirectory(config.runtime.directory);
  const apps = await Promise.all([buildApp(deps, 'ingest'), buildApp(deps, 'api'), buildApp(deps, 'tcp')]);
  const [ingestApp, apiApp, tcpApp] = apps;
  closers.push(() => Promise.all(apps.map((app) => app.close())));
  for (const [app, name] of [
    [ingestApp, 'ingest.sock'],
    [apiApp, 'api.sock'],
  ] as const) {
    const path = await listenOnSocket(app, config.runtime.directory, name);
    closers.push(() => removeSocket(path));
  }
  state.origin = transport.originOf(await listenOnTcp(tcpApp, listen));
  if (account !== undefined) {
    becomeAccount(account, log);
  }
  const { tls } = transport;
  tls?.checkReadable();
  if (tls !== undefined) closers.push(tls.follow());
  const stopNews = listenForNews(state);
  closers.push(stopNews);
  const { retention } = config.store;
  if (retention !== undefined) closers.push(startRetention(db, toRetentionPolicy(retention), log));

  const { code } = deps.access.createSignInCode(deps.now());
  const url = signInUrl(state.origin, code);
  options.report({
    kind: 'server-ready',
    address: state.origin,
    signInUrl: url,
    databasePath: config.store.path,
  });
  log.info({ address: state.origin, database: config.store.path }, 'the server listens');
  state.stop = once(async () => await stopServer({ apps, pool, db, lastUses, stopCheckpointer, closers, log }));
  return { address: state.origin, signInUrl: url, applySupervision: (news) => state.apply(news), stop: state.stop };
}

/** What changes while the server runs and is no resource. */
class ServerState {
  origin = '';
  news: SupervisionNews | undefined;
  unready: string | undefined;
  stop: () => Promise<void> = async () => {};

  apply(news: SupervisionNews): void {
    this.news = news;
  }

  /** Ends this process, so that its supervisor starts another: this one may be unable to load code again. */
  async giveUp(reason: string, log: pino.Logger): Promise<void> {
    this.unready = reason;
    log.fatal(`${reason}: ending, to be started again`);
    await this.stop();
    process.exit(EXIT.failed);
  }
}

interface Parts {
  readonly config: Config;
  readonly options: ServerOptions;
  readonly db: Database;
  readonly lastUses: LastUses;
  readonly pool: ReaderPool;
  readonly assets: AppDeps['assets'];
  readonly state: ServerState;
  readonly transport: Transport;
}

function buildDeps({ config, options, db, lastUses, pool, assets, state, transport }: Parts): AppDeps {
  const now = () => Date.now();
  const queryTimes = new QueryTimes();
  return {
    version: options.version,
    startedAtMs: now(),
    log: options.log,
    now,
    writer: new EventWriter(db, { floodPerMinute: config.store.floodPerMinute ?? 0 }),
    readers: toReaders(pool, queryTimes),
    queryTimes,
    denialsByBlocker: new BlockerCounter(),
    saveHeartbeat: (heartbeat, nowMs) => saveHeartbeat(db, heartbeat, nowMs),
    access: toAccess(db, lastUses, {
      idleMs: config.server.sessionIdleMinutes * 60_000,
      maxMs: config.server.sessionDays * 86_400_000,
    }),
    accounts: toAccountKeeper(db),
    views: toViewKeeper(db),
    agents: toAgentDoor(db),
    sharedHostsMin: config.server.sharedHostsMin,
    shares: new AgentShares(config.server.agentDocumentsPerSecond),
    acts: toActs(db, options.log),
    throttle: new SignInThrottle(),
    sessionIdleMs: config.server.sessionIdleMinutes * 60_000,
    retention: config.store.retention,
    changeIssue: (...change) => changeIssue(db, ...change),
    isSecure: transport.isSecure,
    tls: transport.tls,
    isProxy: transport.isProxy,
    patience: PATIENCE,
    requestsPerMinute: config.server.requestsPerMinute,
    hub: new StreamHub({ streamsMax: STREAMS_MAX, ofCallerMax: STREAMS_OF_CALLER_MAX, heartbeatMs: HEARTBEAT_MS, now }),
    counters: new IngestCounters(),
    connections: new ConnectionGate(CONNECTIONS_OF_ADDRESS_MAX),
    assets,
    hostNames: transport.hostNames,
    origin: () => state.origin,
    local: { hostId: undefined },
    supervision: () => state.news,
    isDatabaseReachable: () => isReachable(db.name),
    unready: () => state.unready ?? (db.open ? undefined : 'the database is closed'),
  };
}

function isReachable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The port that it is. */
async function listenOnTcp(app: App, address: ListenAddress): Promise<number> {
  try {
    await app.listen({
      host: address.host,
      port: address.port,
      // Without the scheme, which is not known there where the server is our own.
      listenTextResolver: (where) => `listening on ${where.replace(/^https?:\/\//, '')}`,
    });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'EADDRINUSE') {
      throw new OperatingError(
        'port-in-use',
        `the address ${address.host}:${address.port} is in use by another program`,
        'stop that program, or choose another port with --listen HOST:PORT',
        { cause },
      );
    }
    throw new OperatingError(
      'listen-refused',
      `cannot listen on ${address.host}:${address.port} (${code})`,
      code === 'EACCES' ? 'choose a port above 1023 with --listen' : 'choose an address of this machine with --listen',
      { ...(code === 'EACCES' && { exitCode: EXIT.permission }), cause },
    );
  }
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : address.port;
}

function becomeAccount(account: Account, log: pino.Logger): void {
  if (account.uid === 0) {
    log.warn({ user: account.name }, 'server.user is root: the server keeps all its rights');
    return;
  }
  dropPrivileges(account);
  log.info({ user: account.name, uid: account.uid }, 'the server gave its rights away');
}

/** News of the supervisor by Node's IPC channel; answers how to stop listening. */
function listenForNews(state: ServerState): () => void {
  const onMessage = (message: unknown) => {
    if (isSupervisionNews(message)) {
      state.apply(message);
    }
  };
  process.on('message', onMessage);
  return () => process.off('message', onMessage);
}

function isSupervisionNews(message: unknown): message is SupervisionNews {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'supervision';
}

interface Open {
  readonly apps: readonly App[];
  readonly pool: ReaderPool;
  readonly db: Database;
  readonly lastUses: LastUses;
  readonly stopCheckpointer: () => Promise<void>;
  readonly closers: (() => unknown)[];
  readonly log: pino.Logger;
}

async function stopServer({ apps, pool, db, lastUses, stopCheckpointer, closers, log }: Open): Promise<void> {
  await Promise.all(apps.map((app) => app.close()));
  const isPoolStopped = await pool.stop();
  lastUses.write();
  await stopCheckpointer();
  closeDatabase(db);
  for (const close of closers.reverse()) {
    await close();
  }
  if (!isPoolStopped) {
    // An exit would wait for the thread inside SQLite. Everything is stored and closed, so nothing is lost.
    log.warn('a query does not end: ending by signal');
    process.removeAllListeners('SIGTERM');
    process.kill(process.pid, 'SIGTERM');
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
