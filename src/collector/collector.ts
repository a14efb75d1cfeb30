// The wiring of the privileged side: source → decoder → spool → delivery, the canary, the kernel's counters, the
// heartbeat, and the way back at the end. It opens no port and no database.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { pino } from 'pino';
import type { HostFields } from '../landlock/document.ts';
import type { Aggregate } from '../landlock/privacy/aggregate.ts';
import type { Config, PrivacyLevel } from '../runtime/config.ts';
import type { ChildMessage } from '../runtime/supervision.ts';
import { Attribution } from './attribution/attribution.ts';
import { PackageReport } from './attribution/package-report.ts';
import { PackageWatch } from './attribution/package-watch.ts';
import { ProcessAncestry } from './attribution/process-ancestry.ts';
import { UserNames } from './attribution/user-names.ts';
import { CanaryWatch } from './canary/canary-watch.ts';
import { type HostIdentity, readHostIdentity } from './host-identity.ts';
import { Intake, type Watching } from './intake.ts';
import { lostGrowth } from './kernel/audit-watch.ts';
import { KernelSide } from './kernel/kernel-side.ts';
import { abiVersion } from './kernel/landlock-syscalls.ts';
import { SANDBOX_KEY } from './kernel/sandbox-rules.ts';
import { WatchedMark } from './kernel/watched-mark.ts';
import { openLogSource } from './open-source.ts';
import { Deliverer } from './sending/deliver.ts';
import { FAR } from './sending/delivery-pauses.ts';
import type { Enrolment } from './sending/enrolment.ts';
import { FAR_EVERY_MS, HeartbeatSender } from './sending/heartbeat.ts';
import { Leaving } from './sending/leaving.ts';
import { PulledConfig } from './sending/pulled-config.ts';
import { RemoteClient } from './sending/remote-client.ts';
import { SocketClient } from './sending/socket-client.ts';
import type { RecordSource } from './sources/source.ts';
import { TracefsSource } from './sources/tracefs.ts';
import { Spool } from './spool/spool.ts';
import { SpoolLevels } from './spool/spool-levels.ts';

const DAY_MS = 86_400_000;
const SWEEP_MS = 250;
/** The whole of `stop` stays under a supervisor's patience (2.5 s). */
const DELIVERY_DRAIN_MS = 800;

export interface CollectorOptions {
  readonly version: string;
  readonly log: pino.Logger;
  report(message: ChildMessage): void;
  /** Where this host is an agent of a server elsewhere; absent: the server is on this machine. */
  readonly enrolment?: Enrolment | undefined;
  /**
   * Give up all rights but those that are used, where possible by starting the program once more in place. Only for
   * a process that does nothing else.
   */
  readonly dropPrivileges?: boolean;
}

export interface Collector {
  /** Drains, puts audit back, closes. Never rejects; may be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts collecting; resolves when records can arrive. Rejects with an OperatingError where this machine, kernel or
 * account cannot do it. Audit is put back by `stop`, or by `restoreAudit` after a crash.
 */
export async function startCollector(config: Config, options: CollectorOptions): Promise<Collector> {
  makeDirectories(config);
  // First of all, since its lock also tells that no other collector changes audit in this directory's name.
  const { spoolDirectory: directory, spoolMaxBytes: bytesMax, spoolMinFreeBytes, spoolMaxDays } = config.collector;
  const spool = Spool.open({
    directory,
    bytesMax,
    freeBytesMin: spoolMinFreeBytes,
    ...(spoolMaxDays > 0 && { ageMaxMs: spoolMaxDays * DAY_MS }),
  });
  const isKernel = config.collector.source === 'netlink' || config.collector.source === 'netlink-unicast';
  let kernel: KernelSide | undefined;
  try {
    // It may start this program anew in place: what takes time comes after it.
    kernel = isKernel ? await KernelSide.open(config, options) : undefined;
    const { attribution, privacy, pullConfig, spoolDirectory } = config.collector;
    const pulled = options.enrolment && pullConfig ? new PulledConfig(spoolDirectory, privacy) : undefined;
    // What a server may ask for is at hand from the start.
    const isWanted = privacy !== 'full' || pulled !== undefined || (isKernel && attribution);
    const packages = isWanted ? await PackageWatch.open() : undefined;
    return await new Wiring(config, options, spool, { kernel, packages, pulled }).start();
  } catch (error) {
    spool.close();
    await kernel?.close();
    throw error;
  }
}

/** Also used by the server: whoever comes first makes them. */
function makeDirectories(config: Config): void {
  mkdirSync(config.runtime.directory, { recursive: true, mode: 0o755 });
  mkdirSync(config.collector.spoolDirectory, { recursive: true, mode: 0o700 });
  chmodSync(config.collector.spoolDirectory, 0o700);
}

interface Surroundings {
  /** Absent where records come from a log. */
  readonly kernel: KernelSide | undefined;
  /** Where something is asked of them. */
  readonly packages: PackageWatch | undefined;
  /** Where a server elsewhere may say what it wants. */
  readonly pulled: PulledConfig | undefined;
}

class Wiring implements Collector {
  readonly #config: Config;
  readonly #options: CollectorOptions;
  readonly #kernel: KernelSide | undefined;
  readonly #identity: HostIdentity;
  readonly #spool: Spool;
  readonly #deliverer: Deliverer;
  readonly #source: RecordSource;
  readonly #intake: Intake;
  readonly #canary: CanaryWatch;
  readonly #heartbeat: HeartbeatSender;
  /** Only beside the kernel's own socket: a log file may be another machine's, or of another day. */
  readonly #tracepoints: TracefsSource | undefined;
  readonly #ancestry: ProcessAncestry | undefined;
  readonly #watched: WatchedMark | undefined;
  /** Absent where everything leaves this host, whoever asks. */
  readonly #leaving: Leaving | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(config: Config, options: CollectorOptions, spool: Spool, surroundings: Surroundings) {
    const { kernel, packages, pulled } = surroundings;
    const { log, report: tell } = options;
    this.#config = config;
    this.#options = options;
    this.#kernel = kernel;
    const { spoolDirectory } = config.collector;
    const identity = readHostIdentity(spoolDirectory);
    this.#identity = identity;
    const level = () => pulled?.privacy ?? config.collector.privacy;
    this.#spool = spool;
    if (this.#spool.tornBytes > 0) log.warn({ bytes: this.#spool.tornBytes }, 'cut off an unfinished write');
    this.#source = kernel?.source ?? openLogSource(config, this.#identity);
    const levels = new SpoolLevels(spoolDirectory);
    const leaving = this.#openLeaving(packages, levels, level);
    this.#leaving = leaving;
    this.#deliverer = this.#openDelivery(pulled);
    this.#canary = new CanaryWatch(spoolDirectory, ({ state, latencyMs, reason }) => {
      if (state === 'waiting') return;
      tell({
        kind: 'canary',
        state,
        ...(latencyMs !== undefined && { latencyMs }),
        ...(reason !== undefined && { reason }),
      });
    });
    const users = kernel !== undefined && level() === 'full' ? new UserNames() : undefined;
    const host = hostFields(this.#identity);
    this.#ancestry = kernel && new ProcessAncestry();
    const attribution =
      this.#ancestry && packages && config.collector.attribution
        ? new Attribution({ packages, processes: this.#ancestry })
        : undefined;
    const report = attribution && packages && new PackageReport({ directory: spoolDirectory, packages });
    const isWanted = config.collector.tracefs;
    this.#tracepoints = kernel && new TracefsSource({ host, isWanted, onDocument: (doc) => this.#intake.add(doc) });
    this.#watched = kernel && new WatchedMark(spoolDirectory, identity.bootId);
    this.#intake = new Intake({
      source: this.#source,
      spool: this.#spool,
      host,
      watched: this.#openWatching(kernel),
      sandboxKey: kernel?.sandboxRules.state === 'on' ? SANDBOX_KEY : undefined,
      leave: leaving && ((doc, raw) => leaving.leave(doc, raw)),
      mayLeave: (seq) => levels.isWithin(seq, seq, level()),
      tag: (doc) => {
        if (doc.kind === 'denial') users?.see(doc.user?.id);
        const attributed = attribution?.add(doc) ?? doc;
        const tagged = this.#canary.tag(this.#ancestry?.add(attributed) ?? attributed);
        report?.see(tagged);
        return tagged;
      },
      tagSandbox: (doc) => this.#canary.tagSandbox(doc),
      onSpooled: () => this.#deliverer.notify(),
      onEnded: (error) => this.#sourceEnded(error),
    });
    this.#heartbeat = new HeartbeatSender({
      version: options.version,
      identity: this.#identity,
      source: config.collector.source,
      spool: this.#spool,
      intake: this.#intake,
      canary: this.#canary,
      deliverer: this.#deliverer,
      kernel,
      tracepoints: this.#tracepoints,
      ancestry: this.#ancestry,
      packages: report,
      privacy: level,
      pulled,
      onConfig: () => this.#takeConfig(),
      users,
      ...(options.enrolment !== undefined && { everyMs: FAR_EVERY_MS }),
    });
  }

  async start(): Promise<Collector> {
    await this.#source.start(this.#intake);
    this.#tellLostBefore();
    this.#kernel?.watch.onLost((loss) => this.#intake.lost(loss));
    this.#kernel?.watch.start();
    this.#startTracepoints();
    if (this.#source.live) this.#sweeper = setInterval(() => this.#intake.sweep(), SWEEP_MS);
    this.#leaving?.start();
    this.#deliverer.start();
    if (this.#kernel !== undefined) process.on('SIGUSR2', this.#onAsked);
    this.#heartbeat.start();
    this.#reportReady();
    if (this.#kernel !== undefined && this.#config.collector.canary) {
      this.#canary.run().catch((error) => this.#options.log.warn({ err: error }, 'the canary failed'));
    }
    return this;
  }

  /** `trespass doctor` asks for another canary, and reads in the heartbeat what became of it. */
  readonly #onAsked = (): void => {
    this.#canary
      .again()
      .then(() => this.#heartbeat.send())
      .catch((error) => this.#options.log.warn({ err: error }, 'the canary failed'));
  };

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    const { log } = this.#options;
    this.#canary.stop();
    process.off('SIGUSR2', this.#onAsked);
    clearInterval(this.#sweeper);
    this.#tracepoints?.stop();
    // The source first: what the kernel has sent is taken while audit is still on, and counted to the last record.
    await this.#source.stop();
    const own = await this.#kernel?.close().catch((error) => {
      log.error({ err: error }, 'audit was not put back');
      return 0;
    });
    this.#intake.sweep();
    this.#intake.end();
    this.#watched?.close(this.#kernel?.watch.status.lost ?? 0, own ?? 0);
    this.#leaving?.stop();
    await this.#heartbeat.stop();
    if (!(await this.#deliverer.drain(DELIVERY_DRAIN_MS))) {
      log.info({ documents: this.#spool.documents }, 'not delivered yet: kept in the spool');
    }
    await this.#deliverer.stop();
    this.#spool.close();
  }

  #openWatching(kernel: KernelSide | undefined): Watching | undefined {
    const watched = this.#watched;
    if (watched === undefined || kernel === undefined) return undefined;
    return {
      earlier: watched.earlier,
      see: (serial, timeMs) => watched.see(serial, timeMs),
      write: () => watched.write(kernel.watch.status.lost),
    };
  }

  /** What the kernel dropped while no collector ran, in this boot. */
  #tellLostBefore(): void {
    const earlier = this.#watched?.earlier;
    if (earlier === undefined || this.#kernel === undefined) return;
    const count = lostGrowth(earlier.lost, this.#kernel.applied.now.lost);
    if (count > 0) this.#intake.lost({ cause: 'kernel-lost', count, sinceMs: earlier.timeMs, untilMs: Date.now() });
  }

  #openLeaving(
    packages: PackageWatch | undefined,
    levels: SpoolLevels,
    level: () => PrivacyLevel,
  ): Leaving | undefined {
    const directory = this.#config.collector.spoolDirectory;
    // Also where everything leaves: the next process may be told otherwise.
    levels.note(this.#spool.nextSeq, level());
    if (packages === undefined) return undefined;
    const { isPackaged } = packages;
    const { readsAgain } = this.#source;
    const emit = (docs: readonly Aggregate[]) => this.#intake.addAggregates(docs);
    const leaving = new Leaving({ level, levels, isPackaged, directory, readsAgain, emit });
    if (leaving.isDamaged) this.#options.log.warn('the file of counts was damaged: see aggregate.json.damaged');
    return leaving;
  }

  /** What was made before is spooled before: it is known to be of the level before. */
  #takeConfig(): void {
    this.#intake.flush();
    this.#leaving?.changeLevel(this.#spool.nextSeq);
  }

  #openDelivery(pulled: PulledConfig | undefined): Deliverer {
    const { log, enrolment } = this.#options;
    return new Deliverer({
      spool: this.#spool,
      directory: this.#config.collector.spoolDirectory,
      log,
      leaving: this.#leaving,
      documentsPerSecond: () => pulled?.documentsPerSecond,
      onLost: (loss) => this.#intake.lost({ ...loss, sinceMs: Date.now(), untilMs: Date.now() }),
      ...(enrolment === undefined
        ? { transport: new SocketClient(join(this.#config.runtime.directory, 'ingest.sock')) }
        : { transport: new RemoteClient(enrolment, enrolment.key), pauses: FAR, baseSeq: enrolment.baseSeq }),
    });
  }

  #startTracepoints(): void {
    const { state, reason } = this.#tracepoints?.start() ?? {};
    if (state === 'on') this.#options.log.info('the kernel tells of domains by tracepoints as well');
    else if (state !== undefined) this.#options.log.info({ state, reason }, 'no tracepoints of Landlock');
  }

  #reportReady(): void {
    const { report } = this.#options;
    const applied = this.#kernel?.applied;
    report({
      kind: 'collector-ready',
      landlockAbi: abiVersion() ?? 0,
      auditEnabledBefore: applied?.before.enabled ?? 0,
      auditEnabled: applied?.now.enabled ?? 0,
      backlogLimitBefore: applied?.before.backlogLimit ?? 0,
      backlogLimit: applied?.now.backlogLimit ?? 0,
      receiveBufferBytes: this.#kernel?.receiveBuffer.gotBytes ?? 0,
    });
  }

  /** A kernel source only ends when something is broken: starting again is the supervisor's way to mend it. */
  #sourceEnded(error: Error | undefined): void {
    if (this.#stopping !== undefined) return;
    if (error !== undefined) throw error;
    this.#options.log.info('the source has ended');
  }
}

function hostFields(identity: HostIdentity): HostFields {
  return { id: identity.id, name: identity.name, boot: { id: identity.bootId } };
}
