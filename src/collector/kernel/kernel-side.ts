// What the collector holds of the kernel: the record socket, the control connection, audit as we want it, and the
// watch over its counters. Opened in the order that lets every right go as early as possible; closed so that audit
// is as it was.
import { join } from 'node:path';
import type { pino } from 'pino';
import type { Config } from '../../runtime/config.ts';
import { type AuditSocket, openMulticast, openUnicast } from '../netlink/audit-socket.ts';
import { AuditControl } from '../netlink/control.ts';
import { NetlinkSource } from '../netlink/netlink-source.ts';
import { restoreBufferLimit } from '../netlink/receive-buffer.ts';
import { type AppliedAudit, applyAudit, restoreAudit } from './audit-control.ts';
import { AuditWatch } from './audit-watch.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkKernel, readSurroundings } from './preflight.ts';
import { holdsMoreThanNeeded, limitThread, restartLimited, takeHandedOverSocket } from './privileges.ts';
import { addSandboxRules, removeSandboxRules, type SandboxRulesState } from './sandbox-rules.ts';

export interface KernelSideOptions {
  readonly log: pino.Logger;
  readonly dropPrivileges?: boolean;
}

export class KernelSide {
  readonly source: NetlinkSource;
  readonly applied: AppliedAudit;
  readonly watch: AuditWatch;
  readonly receiveBuffer: AuditSocket['receiveBuffer'];
  /** Audit rules of our own, where the configuration asks for them. */
  readonly sandboxRules: SandboxRulesState;
  readonly #control: AuditControl;
  readonly #directory: string;
  #isClosed = false;

  private constructor(
    config: Config,
    log: pino.Logger,
    socket: AuditSocket,
    control: AuditControl,
    applied: AppliedAudit,
    sandboxRules: SandboxRulesState,
  ) {
    this.#directory = config.runtime.directory;
    this.#control = control;
    this.applied = applied;
    this.sandboxRules = sandboxRules;
    this.receiveBuffer = socket.receiveBuffer;
    this.watch = new AuditWatch(control, applied.now);
    this.source = new NetlinkSource({
      mode: modeOf(config),
      socket,
      control,
      onNotice: (text) => log.warn(text),
    });
  }

  /** Throws an OperatingError where something is missing; then nothing is left changed. */
  static async open(config: Config, options: KernelSideOptions): Promise<KernelSide> {
    const socket = takeHandedOverSocket() ?? (await openSocket(config, options));
    if (options.dropPrivileges === true) limitThread({ isDaemon: modeOf(config) === 'unicast' });
    const control = AuditControl.open();
    try {
      const applied = await applyAudit(control, config.runtime.directory, config.collector.backlogLimit);
      const sandboxRules = await prepareRules(config, options.log);
      return new KernelSide(config, options.log, socket, control, applied, sandboxRules);
    } catch (error) {
      control.close();
      await restoreAudit(config.runtime.directory).catch(() => {});
      throw error;
    }
  }

  /**
   * Puts audit back, and answers how many records the kernel logged of that, which nobody hears: one that we left, one for
   * each rule, and one for the status (of what is set when audit is off there is none). May be called twice.
   */
  async close(): Promise<number> {
    if (this.#isClosed) return 0;
    this.#isClosed = true;
    await this.source.stop();
    await this.watch.stop();
    this.#control.close();
    const rules = this.sandboxRules.state === 'on' ? await removeSandboxRules().catch(() => 0) : 0;
    const isChanged = await restoreAudit(this.#directory);
    if (this.watch.status.enabled === 0) return 0;
    return rules + (this.source.hasLeft ? 1 : 0) + (isChanged ? 1 : 0);
  }
}

/** Also where nobody wants them: a collector that was killed may have left some. */
async function prepareRules(config: Config, log: pino.Logger): Promise<SandboxRulesState> {
  if (config.collector.sandboxRules) {
    const state = await addSandboxRules();
    if (state.reason !== undefined) log.warn({ reason: state.reason }, 'the sandbox rules were not loaded');
    return state;
  }
  await removeSandboxRules().catch((error) => log.warn({ err: error }, 'cannot look for sandbox rules left behind'));
  return { state: 'off', rules: 0 };
}

/** With all the rights that there are; where some are not needed later, the process starts over without them. */
async function openSocket(config: Config, { log, dropPrivileges }: KernelSideOptions): Promise<AuditSocket> {
  checkKernel(readSurroundings());
  checkNamespaces();
  const { receiveBufferBytes, backlogLimit, spoolDirectory } = config.collector;
  const { directory } = config.runtime;
  // What a collector left that was killed in the moment of opening.
  restoreBufferLimit(directory);
  const open = modeOf(config) === 'unicast' ? openUnicast : openMulticast;
  const socket = open(receiveBufferBytes, directory);
  if (dropPrivileges !== true || !holdsMoreThanNeeded()) return socket;
  // The note of how audit was needs a place that only the full rights may reach.
  const control = AuditControl.open();
  await applyAudit(control, directory, backlogLimit).finally(() => control.close());
  const reason = restartLimited(socket, {
    directories: [spoolDirectory],
    server: join(directory, 'ingest.sock'),
  });
  log.warn({ reason }, 'only the main thread gives up its rights');
  return socket;
}

function modeOf(config: Config): 'multicast' | 'unicast' {
  return config.collector.source === 'netlink-unicast' ? 'unicast' : 'multicast';
}
