// What the collector tells of itself and its kernel, from time to time. The server keeps the last one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Heartbeat } from '../../delivery/batch.ts';
import type { PrivacyLevel } from '../../runtime/config.ts';
import { readPrivileges } from '../../runtime/privileges.ts';
import type { PackageReport } from '../attribution/package-report.ts';
import type { ProcessAncestry } from '../attribution/process-ancestry.ts';
import type { UserNames } from '../attribution/user-names.ts';
import type { CanaryWatch } from '../canary/canary-watch.ts';
import { type HostIdentity, withoutName } from '../host-identity.ts';
import type { Intake } from '../intake.ts';
import type { KernelSide } from '../kernel/kernel-side.ts';
import { abiVersion } from '../kernel/landlock-syscalls.ts';
import type { TracefsSource } from '../sources/tracefs.ts';
import type { Spool } from '../spool/spool.ts';
import type { Deliverer } from './deliver.ts';
import type { PulledConfig } from './pulled-config.ts';

/** To the server on this machine, which shows within seconds that it does not come. */
const EVERY_MS = 2_000;
/** To one that hears of thousands. */
export const FAR_EVERY_MS = 30_000;
/** The last one, at the end. */
const LAST_MAX_MS = 300;

export interface HeartbeatSources {
  readonly version: string;
  readonly identity: HostIdentity;
  /** As configured. */
  readonly source: string;
  readonly spool: Spool;
  readonly intake: Intake;
  readonly canary: CanaryWatch;
  readonly deliverer: Deliverer;
  readonly kernel: KernelSide | undefined;
  readonly tracepoints: TracefsSource | undefined;
  readonly ancestry: ProcessAncestry | undefined;
  /** Absent where names do not leave this host, or records may be another's. */
  readonly users: UserNames | undefined;
  /** Absent where packages are not looked up. */
  readonly packages: PackageReport | undefined;
  /** At present. */
  privacy(): PrivacyLevel;
  /** Where a server elsewhere may say what it wants. */
  readonly pulled: PulledConfig | undefined;
  /** It is another one now. */
  onConfig?(): void;
  readonly everyMs?: number;
}

export class HeartbeatSender {
  readonly #sources: HeartbeatSources;
  readonly #startedAt = new Date().toISOString();
  #timer: NodeJS.Timeout | undefined;
  #isUnderWay = false;
  #isStopped = false;

  constructor(sources: HeartbeatSources) {
    this.#sources = sources;
  }

  start(): void {
    this.#timer = setInterval(() => void this.send(), this.#everyMs);
    void this.send();
  }

  /** Now, and not only in time; at most one is under way. */
  async send(): Promise<void> {
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    await this.#sources.users?.refresh();
    const level = this.#sources.privacy();
    const packages = level === 'aggregate' ? undefined : this.#sources.packages?.due();
    const said = { ...buildHeartbeat(this.#sources, this.#startedAt), ...(packages && { packages }) };
    const heartbeat = level === 'aggregate' ? withoutCounts(said) : said;
    const { isHeard, wanted } = await this.#sources.deliverer.sendHeartbeat(heartbeat);
    if (wanted !== undefined) this.#follow(wanted);
    if (isHeard && packages !== undefined) this.#sources.packages?.told(packages);
    this.#isUnderWay = false;
  }

  #follow({ etag, body }: { readonly etag: string; readonly body: string }): void {
    if (this.#sources.pulled?.receive(etag, body) !== true) return;
    this.#sources.onConfig?.();
    clearInterval(this.#timer);
    if (!this.#isStopped) this.#timer = setInterval(() => void this.send(), this.#everyMs);
  }

  get #everyMs(): number {
    const seconds = this.#sources.pulled?.heartbeatSeconds;
    return seconds === undefined ? (this.#sources.everyMs ?? EVERY_MS) : seconds * 1_000;
  }

  /** With one more, so that the last counts are known. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await Promise.race([this.send(), sleep(LAST_MAX_MS, undefined, { ref: false })]);
  }
}

/** What a server may know of this machine. */
export function describeHost(identity: HostIdentity): Heartbeat['host'] {
  const landlockAbi = abiVersion();
  return {
    id: identity.id,
    name: identity.name,
    boot_id: identity.bootId,
    kernel: identity.kernel,
    arch: identity.arch,
    ...(landlockAbi !== undefined && { landlock_abi: landlockAbi }),
    ...(identity.distribution !== undefined && { distribution: identity.distribution }),
  };
}

/** `startedAt`: RFC 3339. */
export function buildHeartbeat(sources: HeartbeatSources, startedAt: string): Heartbeat {
  const { intake, kernel, spool } = sources;
  const level = sources.privacy();
  const identity = level === 'full' ? sources.identity : withoutName(sources.identity);
  const { uid, capabilities } = readPrivileges();
  const { records, events, denials, malformed } = intake.counts;
  const { documents } = spool;
  return {
    host: describeHost(identity),
    version: sources.version,
    ...(level !== 'full' && { privacy: level }),
    ...(sources.pulled?.etag !== undefined && {
      config_etag: sources.pulled.etag,
      config: sources.pulled.report,
    }),
    sent_at: new Date().toISOString(),
    pid: process.pid,
    started_at: startedAt,
    source: sources.source,
    privileges: { uid, capabilities },
    ...(kernel !== undefined && {
      audit: auditState(kernel),
      receive_buffer: { asked_bytes: kernel.receiveBuffer.askedBytes, got_bytes: kernel.receiveBuffer.gotBytes },
    }),
    ...(sources.tracepoints !== undefined && { tracepoints: tracepointState(sources.tracepoints) }),
    ...(kernel !== undefined && { sandbox_rules: kernel.sandboxRules }),
    ...(sources.ancestry !== undefined && { ancestry: sources.ancestry.counts }),
    ...(sources.users !== undefined && level === 'full' && { users: sources.users.known }),
    canary: sources.canary.status,
    counts: { records, events, denials, malformed, lost: intake.lostByCause },
    // Acknowledged documents wait in a file for their deletion: they are nobody's backlog.
    spool: { documents, bytes: documents === 0 ? 0 : spool.bytes, bytes_max: spool.bytesMax },
    dead_letters: sources.deliverer.deadLetters,
  };
}

/** That the host is there and works; not what happens on it. */
function withoutCounts({
  ancestry: _,
  tracepoints: _tracepoints,
  users: _users,
  packages: _packages,
  ...rest
}: Heartbeat) {
  const { audit, ...heartbeat } = rest;
  return {
    ...heartbeat,
    ...(audit && { audit: { ...audit, backlog: 0, lost: 0 } }),
    counts: { records: 0, events: 0, denials: 0, malformed: 0, lost: [] },
  };
}

function tracepointState(source: TracefsSource): NonNullable<Heartbeat['tracepoints']> {
  const { state, reason, counts } = source.state;
  return { state, ...(reason !== undefined && { reason }), ...counts };
}

function auditState({ applied, watch }: KernelSide): NonNullable<Heartbeat['audit']> {
  const { status } = watch;
  return {
    enabled: status.enabled,
    enabled_before: applied.before.enabled,
    backlog_limit: status.backlogLimit,
    backlog_limit_before: applied.before.backlogLimit,
    backlog: status.backlog,
    lost: watch.lost,
    daemon_pid: status.daemonPid,
    rate_limit: status.rateLimit,
  };
}
