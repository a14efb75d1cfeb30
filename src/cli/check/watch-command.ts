// One run of a command under the eyes of the kernel's audit: turns audit on where it is off, listens, starts the command
// in an audit session of its own, waits for its end and for the last of its records, and puts everything back.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ruleFindings } from '../../collector/doctor/audit-findings.ts';
import { AuditListener } from '../../collector/kernel/audit-listener.ts';
import { type AuditSession, enterAuditSession, isMemberOf, membersOf } from '../../collector/kernel/audit-session.ts';
import { lostGrowth } from '../../collector/kernel/audit-watch.ts';
import { type BorrowedAudit, borrowAudit } from '../../collector/kernel/borrowed-audit.ts';
import { withRules } from '../../collector/kernel/sandbox-rules.ts';
import { addSessionRules, type SessionRules } from '../../collector/kernel/session-rules.ts';
import { RuleControl } from '../../collector/netlink/rule-control.ts';
import { readLocalHost } from '../../collector/sources/local-host.ts';
import type { Config } from '../../runtime/config.ts';
import type { Account } from '../../runtime/privileges.ts';
import { toFailure } from '../error-line.ts';
import { type CommandEnd, startCommand } from './run-command.ts';
import { TreeDenials, type TreeResult } from './tree-denials.ts';

const CONFIG_CHANGE = 1305;
/** For a record of ours that comes after all of the command's. */
const BARRIER_MAX_MS = 3_000;
/** A domain is freed some 15 to 120 ms after its last process. */
const FREED_MAX_MS = 1_000;
const POLL_MS = 20;
/** What ends with the command, a moment after it, does not go on. */
const ENDING_MAX_MS = 250;
/** Numbers of processes that are remembered where there is no session. */
const PIDS_MAX = 100_000;

export interface WatchOptions {
  readonly argv: readonly string[];
  readonly config: Config;
  readonly tracer: string | undefined;
  readonly account: Account | undefined;
  /** How long to go on while processes of the command live. */
  readonly lingerMs: number;
}

export interface WatchResult extends TreeResult {
  readonly end: CommandEnd;
  readonly startedAt: string;
  readonly endedAt: string;
  /** What the answer may lack, and why; one sentence each. */
  readonly warnings: readonly string[];
}

/** Throws an OperatingError where the kernel refuses; nothing stays changed either way. */
export async function watchCommand(options: WatchOptions): Promise<WatchResult> {
  const { runtime, collector } = options.config;
  const audit = await borrowAudit(runtime.directory, collector.backlogLimit);
  try {
    return await new Watch(options, audit).run();
  } finally {
    await audit.giveBack();
  }
}

class Watch {
  readonly #options: WatchOptions;
  readonly #audit: BorrowedAudit;
  readonly #warnings: string[] = [];
  readonly #pids = new PidTree();
  #session: AuditSession | undefined;
  #rules: SessionRules | undefined;
  #onConfigChange: (() => void) | undefined;

  constructor(options: WatchOptions, audit: BorrowedAudit) {
    this.#options = options;
    this.#audit = audit;
  }

  async run(): Promise<WatchResult> {
    const { config, lingerMs } = this.#options;
    this.#session = enterAuditSession();
    if (this.#session === undefined) {
      this.#warnings.push(
        'login uids are immutable here, so the command has no audit session of its own: its processes are told by their ' +
          'numbers and parents, and one that ends at once or leaves its parent may be missed',
      );
    }
    const { id } = this.#session ?? {};
    const tree = new TreeDenials(id, (pid, parent) =>
      id === undefined ? this.#pids.isMember(pid, parent) : isMemberOf(id, pid),
    );
    await this.#loadRules();
    await this.#lookForHidingRules();
    const listener = new AuditListener({
      control: this.#audit.control,
      receiveBufferBytes: config.collector.receiveBufferBytes,
      noteDirectory: config.runtime.directory,
      host: hostOf(config),
      ...(this.#rules !== undefined && { sandboxKey: this.#rules.key }),
      onDocument: (doc) => tree.add(doc),
      onCall: (doc) => tree.addCall(doc),
      onRecord: (type, payload) => this.#see(type, payload),
    });
    try {
      await listener.start();
      const startedAt = new Date().toISOString();
      const end = await this.#runCommand();
      const endedAt = new Date().toISOString();
      await this.#waitForSurvivors(lingerMs);
      await this.#waitForLast(tree);
      await this.#countLosses(listener);
      await listener.stop();
      const result = tree.settle();
      if (result.beyond > 0) this.#warnings.push(`${result.beyond} more denials are not in the report`);
      return { ...result, end, startedAt, endedAt, warnings: this.#warnings };
    } finally {
      await listener.stop();
      await this.#rules?.remove();
      this.#session?.leave();
    }
  }

  async #loadRules(): Promise<void> {
    if (this.#session === undefined) return;
    try {
      this.#rules = await addSessionRules(this.#session.id);
    } catch (error) {
      this.#warnings.push(`which sandboxes the command made is not known: ${toFailure(error).message}`);
    }
  }

  async #lookForHidingRules(): Promise<void> {
    const rules = await withRules(
      () => RuleControl.open(),
      (control) => control.list(),
    ).catch(() => []);
    for (const finding of ruleFindings(rules.map(({ bytes }) => bytes))) {
      if (finding.state !== 'ok') this.#warnings.push(`denials may be missing: ${finding.text}`);
    }
  }

  async #runCommand(): Promise<CommandEnd> {
    const running = startCommand(this.#options.argv, this.#options);
    // The command has inherited it; what we do from here on is not its.
    this.#session?.leave();
    if (this.#session === undefined) this.#pids.follow(running.pid);
    try {
      return await running.ended;
    } finally {
      this.#pids.stop();
    }
  }

  async #waitForSurvivors(lingerMs: number): Promise<void> {
    const { id } = this.#session ?? {};
    if (id === undefined) return;
    const giveUpAt = performance.now() + Math.max(lingerMs, ENDING_MAX_MS);
    let alive = membersOf(id).length;
    while (alive > 0 && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
      alive = membersOf(id).length;
    }
    // The tracer itself stays with what the command left behind.
    const left = this.#options.tracer === undefined ? alive : Math.max(0, alive - 1);
    if (left > 0) {
      const what = left === 1 ? 'a process of the command goes on' : `${left} processes of the command go on`;
      this.#warnings.push(`${what}: what is refused to it from now on is not in the report (see --linger)`);
    }
  }

  /** Records keep their order: once one that we caused has come, all of the command's have. */
  async #waitForLast(tree: TreeDenials): Promise<void> {
    const seen = new Promise<boolean>((resolve) => {
      this.#onConfigChange = () => resolve(true);
    });
    const { control } = this.#audit;
    try {
      await control.set({ backlogLimit: (await control.status()).backlogLimit });
    } catch {
      // Locked: then time has to do.
    }
    if (!(await Promise.race([seen, sleep(BARRIER_MAX_MS, false)]))) {
      this.#warnings.push('the end of the records was not seen: some may have come too late for the report');
    }
    const giveUpAt = performance.now() + FREED_MAX_MS;
    const isOver = () => this.#session !== undefined && membersOf(this.#session.id).length > 0;
    while (tree.hasLivingDomain && performance.now() < giveUpAt && !isOver()) await sleep(POLL_MS);
  }

  async #countLosses(listener: AuditListener): Promise<void> {
    const { control, status } = this.#audit;
    const lost = lostGrowth(status.lost, (await control.status()).lost);
    if (lost > 0) this.#warnings.push(`the kernel dropped ${lost} audit records meanwhile: denials may be missing`);
    if (listener.overruns > 0)
      this.#warnings.push('records came faster than they could be read: denials may be missing');
  }

  #see(type: number, payload: string): void {
    if (type === CONFIG_CHANGE && payload.includes('op=set audit_backlog_limit=')) this.#onConfigChange?.();
  }
}

function hostOf(config: Config) {
  const { id, name, bootId } = readLocalHost(config.collector.spoolDirectory);
  return { id, name, boot: { id: bootId } };
}

/** Without a session: the command's process and those that are seen below it, looked up again and again. */
class PidTree {
  readonly #pids = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  follow(root: number): void {
    this.#pids.add(root);
    this.#timer = setInterval(() => this.#look(), POLL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  isMember(pid: number, parent: number | undefined): boolean {
    if (this.#pids.has(pid)) return true;
    if (parent === undefined || !this.#pids.has(parent)) return false;
    this.#add(pid);
    return true;
  }

  #add(pid: number): void {
    if (this.#pids.size < PIDS_MAX) this.#pids.add(pid);
  }

  #look(): void {
    for (const pid of this.#pids) for (const child of childrenOf(pid)) this.#add(child);
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
