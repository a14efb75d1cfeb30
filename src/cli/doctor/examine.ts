// Looks at every known cause of silence, in the order in which each rests on the ones before it, and puts what is wrong
// first. Nothing stays changed.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Status } from '../../api/schemas/status.ts';
import { type AuditSituation, ruleFindings, statusFindings } from '../../collector/doctor/audit-findings.ts';
import { canaryUntried, tryCanary } from '../../collector/doctor/canary-trial.ts';
import {
  type Finding,
  type FindingState,
  fail,
  ok,
  tryFindings,
  unknown,
  warn,
} from '../../collector/doctor/finding.ts';
import { journalFinding, readJournalFacts } from '../../collector/doctor/journal-findings.ts';
import { kernelFindings, readKernelFacts } from '../../collector/doctor/kernel-findings.ts';
import { capabilityFinding, namespaceFindings } from '../../collector/doctor/place-findings.ts';
import { socketFindings } from '../../collector/doctor/socket-findings.ts';
import { AuditControl } from '../../collector/netlink/control.ts';
import { RuleControl } from '../../collector/netlink/rule-control.ts';
import { readEnrolment } from '../../collector/sending/enrolment.ts';
import { readLocalHost } from '../../collector/sources/local-host.ts';
import { isSpoolInUse } from '../../collector/spool/spool-marks.ts';
import type { Config } from '../../runtime/config.ts';
import { EXIT } from '../../runtime/operating-error.ts';
import { type ApiAddress, ApiClient, answersOn } from '../api-client.ts';
import { toFailure } from '../error-line.ts';
import type { QuerySource } from '../query-source.ts';
import { type CertifiedPlace, certificateFinding } from './certificate-findings.ts';
import { databaseFinding } from './database-findings.ts';
import { diskFindings } from './disk-findings.ts';
import { enrolmentFindings } from './enrolment-findings.ts';
import { findTracepoints, futureFinding, silenceFindings } from './launcher-findings.ts';
import { permissionFindings } from './permission-findings.ts';
import { askForCanary, readServerStatus, serverFindings } from './server-findings.ts';

export interface Examination {
  readonly config: Config;
  /** A server elsewhere; absent: the one of this machine, if any. */
  readonly server?: { readonly url: URL; readonly token: string | undefined } | undefined;
  readonly isCanaryWanted: boolean;
  /** Opens what is stored: the server, or the database. Rejects where there is nothing. */
  openStored(): Promise<QuerySource>;
}

const ORDER: readonly FindingState[] = ['fail', 'warn', 'unknown', 'ok'];

/** All findings, what is wrong first; within one state the cause before its effects. */
export async function examine(examination: Examination): Promise<readonly Finding[]> {
  const { config } = examination;
  const isKernelRead = config.collector.source === 'netlink' || config.collector.source === 'netlink-unicast';
  const kernel = readKernelFacts();
  const server = await lookAtServer(examination);
  const ground = [...kernelFindings(kernel), ...namespaceFindings(), capabilityFinding(isKernelRead)];
  const audit = await auditFindings(config, server);
  const own = await ownFindings(config, isKernelRead, ground);
  const canary = await canaryFinding(examination, server, [...ground, ...audit, ...own]);
  // A certificate that is not valid is why its server cannot be asked.
  const certificate = await certificateFinding(server.place, Date.now());
  const findings = [...ground, ...audit, ...own, ...canary, certificate, ...server.findings];
  findings.push(...diskFindings(placesOf(config)), databaseFinding(config.store.path), ...permissionFindings(config));
  const ways = { hasTracepoints: findTracepoints(), landlockAbi: kernel.landlockAbi };
  findings.push(...(await tryFindings('unlogged-denials', () => storedFindings(examination, ways))));
  return ORDER.flatMap((state) => findings.filter((finding) => finding.state === state));
}

function placesOf(config: Config): ReadonlyMap<string, string> {
  return new Map([
    [dirname(config.store.path), 'the database'],
    [config.collector.spoolDirectory, 'the spool'],
    [config.runtime.directory, 'the runtime directory'],
  ]);
}

interface ServerLook {
  /** A server elsewhere. */
  readonly place?: CertifiedPlace;
  readonly client: ApiClient | undefined;
  readonly status: Status | undefined;
  /** Process id of the collector on this machine. */
  readonly collectorPid: number | undefined;
  readonly findings: readonly Finding[];
}

async function lookAtServer({ config, server }: Examination): Promise<ServerLook> {
  const socketPath = join(config.runtime.directory, 'api.sock');
  const address: ApiAddress =
    server === undefined
      ? { kind: 'socket', path: socketPath }
      : { kind: 'url', url: server.url, ...(server.token !== undefined && { token: server.token }) };
  const hostId = readLocalHost(config.collector.spoolDirectory).id;
  if (server === undefined && !(await answersOn(socketPath))) return await lookElsewhere(config, socketPath);
  const elsewhere = server === undefined ? {} : { place: { server: server.url.origin } };
  const client = new ApiClient(address);
  try {
    const status = await readServerStatus(client);
    const own = status.collectors.find(({ heartbeat }) => heartbeat.host.id === hostId);
    const isAlive = own !== undefined && own.state !== 'offline' && existsSync(`/proc/${own.heartbeat.pid}`);
    return {
      ...elsewhere,
      client,
      status,
      collectorPid: isAlive ? own.heartbeat.pid : undefined,
      findings: serverFindings(status, Date.now()),
    };
  } catch (error) {
    const { message, mend } = toFailure(error);
    return { ...elsewhere, ...NOTHING, findings: [fail('server', message, mend)] };
  }
}

const NOTHING = { client: undefined, status: undefined, collectorPid: undefined } as const;

/** No server here: the host may be enrolled at another one. */
async function lookElsewhere(config: Config, socketPath: string): Promise<ServerLook> {
  try {
    const enrolment = readEnrolment(config.collector.spoolDirectory);
    if (enrolment === undefined) return nobodyAnswers(config, socketPath);
    return { ...NOTHING, place: enrolment, findings: await enrolmentFindings(enrolment, config) };
  } catch (error) {
    const { message, mend, exitCode } = toFailure(error);
    const isHidden = exitCode === EXIT.permission || process.geteuid?.() !== 0;
    return { ...NOTHING, findings: [isHidden ? unknown('server', message, mend) : fail('server', message, mend)] };
  }
}

function nobodyAnswers(config: Config, socketPath: string): ServerLook {
  const { spoolDirectory } = config.collector;
  if (isSpoolInUse(spoolDirectory)) {
    const text = `a collector uses the spool ${spoolDirectory}, but no server answers on ${socketPath}`;
    return { ...NOTHING, findings: [fail('server', text, 'start trespass serve, or name its --runtime-dir')] };
  }
  if (process.geteuid?.() !== 0 && existsSync(socketPath)) {
    const text = `${socketPath} does not answer this account`;
    return { ...NOTHING, findings: [unknown('server', text, 'run doctor as root or as the user of the server')] };
  }
  const text = `nothing collects: no server answers on ${socketPath}`;
  return { ...NOTHING, findings: [warn('server', text, 'start trespass run')] };
}

async function auditFindings(config: Config, { collectorPid }: ServerLook): Promise<readonly Finding[]> {
  const status = await tryFindings('audit-enabled', async () => {
    const control = AuditControl.open();
    try {
      const situation: AuditSituation = {
        status: await control.status(),
        collectorPid,
        source: config.collector.source,
        backlogLimitWanted: config.collector.backlogLimit,
        commandOf,
      };
      return statusFindings(situation);
    } catch (error) {
      return unlearned(error, ['audit-enabled', 'backlog-limit', 'rate-limit', 'audit-daemon']);
    } finally {
      control.close();
    }
  });
  const rules = await tryFindings('audit-rules', async () => {
    const control = RuleControl.open();
    try {
      return ruleFindings((await control.list()).map(({ bytes }) => bytes));
    } finally {
      control.close();
    }
  });
  // Without audit in the kernel there is one fault, and not five unknown ones.
  const isAbsent = [...status, ...rules].some(({ text }) => /has no audit/.test(text));
  if (isAbsent)
    return [fail('audit-absent', 'this kernel has no audit', 'boot one with CONFIG_AUDIT, without audit=0')];
  return [...status, ...rules];
}

function unlearned(error: unknown, checks: readonly string[]): readonly Finding[] {
  const { message, code, mend } = toFailure(error);
  if (code === 'audit-absent') return [unknown('audit-enabled', message, mend)];
  return checks.map((check) => unknown(check, message, mend));
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

async function ownFindings(
  config: Config,
  isKernelRead: boolean,
  ground: readonly Finding[],
): Promise<readonly Finding[]> {
  const { source, path, receiveBufferBytes } = config.collector;
  const journal = journalFinding(source, path, readJournalFacts());
  if (!isKernelRead) return [ok('multicast-join', `not needed for the source ${source}`), journal];
  if (ground.some(({ isPermission }) => isPermission)) {
    const why = 'not tried without the rights named above';
    return [unknown('multicast-join', why), unknown('receive-buffer', why), journal];
  }
  const directory = existsSync(config.runtime.directory) ? config.runtime.directory : undefined;
  return [...(await tryFindings('multicast-join', () => socketFindings(receiveBufferBytes, directory))), journal];
}

async function canaryFinding(
  { isCanaryWanted, config }: Examination,
  { client, status, collectorPid }: ServerLook,
  before: readonly Finding[],
): Promise<readonly Finding[]> {
  if (!isCanaryWanted) return [canaryUntried('--no-canary')];
  const { source, spoolDirectory } = config.collector;
  if (source !== 'netlink' && source !== 'netlink-unicast') return [canaryUntried(`the source is ${source}`)];
  const obstacle = before.find(
    ({ state, check }) => state === 'fail' && check !== 'audit-rules' && check !== 'rate-limit',
  );
  if (obstacle !== undefined) return [canaryUntried(`see ${obstacle.check}`)];
  return await tryFindings('canary', async () => {
    if (client !== undefined && status !== undefined && collectorPid !== undefined) {
      return [await askForCanary(client, status, readLocalHost(spoolDirectory).id)];
    }
    return [await canaryAlone(config)];
  });
}

/** The note of how audit was goes where the next collector would look for it, if there is such a place yet. */
async function canaryAlone(config: Config): Promise<Finding> {
  if (isSpoolInUse(config.collector.spoolDirectory)) return canaryUntried('a collector runs that cannot be asked');
  const own = existsSync(config.runtime.directory) ? undefined : mkdtempSync(join(tmpdir(), 'trespass-doctor-'));
  try {
    return await tryCanary(own ?? config.runtime.directory);
  } finally {
    if (own !== undefined) rmSync(own, { recursive: true, force: true });
  }
}

async function storedFindings(
  examination: Examination,
  ways: Parameters<typeof silenceFindings>[1],
): Promise<readonly Finding[]> {
  let source: QuerySource;
  try {
    source = await examination.openStored();
  } catch (error) {
    return [unknown('unlogged-denials', `nothing stored to look at: ${toFailure(error).message}`)];
  }
  try {
    const nowMs = Date.now();
    const future = await futureFinding(source, nowMs);
    return [...(future === undefined ? [] : [future]), ...(await silenceFindings(source, ways, nowMs))];
  } finally {
    source.close();
  }
}
