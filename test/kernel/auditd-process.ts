// The distribution's audit daemon for as long as a test runs: with a configuration, a log and plugins of its own, as
// the kernel's one daemon. What becomes of audit is the kernel lock's business; the daemon ends with its test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAuditStatus } from '../support/audit-status.ts';
import { eventually } from '../support/local-run.ts';

const END_MAX_MS = 5_000;

export interface AuditdOptions {
  readonly program: string;
  /** Everything is below it. */
  readonly directory: string;
  readonly logFormat: 'RAW' | 'ENRICHED';
  readonly nameFormat: 'NONE' | 'HOSTNAME';
  /** Plugin files by name, without `.conf`. */
  readonly plugins: Readonly<Record<string, string>>;
}

export interface Auditd {
  readonly pid: number;
  readonly logPath: string;
  /** Resolves when it has gone and the kernel has no daemon. May be called twice. */
  stop(): Promise<void>;
}

/** Resolves once the kernel knows it. The caller holds the kernel lock and has turned audit on. */
export async function startAuditd(options: AuditdOptions): Promise<Auditd> {
  const { daemonPid } = readAuditStatus();
  if (daemonPid !== 0) throw new Error(`another audit daemon lives (pid ${daemonPid}): stop it for this test`);
  const logPath = join(options.directory, 'audit.log');
  const config = writeConfig(options, logPath);
  // It must not outlive this process, whatever becomes of that.
  const argv = ['--pdeathsig', 'TERM', options.program, '-n', '-s', 'nochange', '-c', config];
  const child = spawn('setpriv', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  const stop = () => end(child);
  try {
    await eventually('auditd is the daemon', () => {
      if (child.exitCode !== null) throw new Error(`auditd ended with ${child.exitCode}: ${complaint}`);
      return readAuditStatus().daemonPid === child.pid ? true : undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, logPath, stop };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MAX_MS);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(timer);
  }
}

/** auditd insists on files that only root may write. */
function writeConfig({ directory, logFormat, nameFormat, plugins }: AuditdOptions, logPath: string): string {
  const config = join(directory, 'auditd');
  const pluginFolder = join(config, 'plugins.d');
  mkdirSync(pluginFolder, { recursive: true, mode: 0o750 });
  for (const [name, text] of Object.entries(plugins)) {
    writeFileSync(join(pluginFolder, `${name}.conf`), text, { mode: 0o640 });
  }
  const path = join(config, 'auditd.conf');
  const lines = [
    'local_events = yes',
    'write_logs = yes',
    `log_file = ${logPath}`,
    'log_group = root',
    `log_format = ${logFormat}`,
    'flush = NONE',
    'freq = 0',
    'max_log_file = 64',
    'num_logs = 0',
    'max_log_file_action = IGNORE',
    'space_left = 2',
    'admin_space_left = 1',
    ...['space_left', 'admin_space_left', 'disk_full', 'disk_error'].map((event) => `${event}_action = IGNORE`),
    `name_format = ${nameFormat}`,
    `plugin_dir = ${pluginFolder}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o640 });
  for (const folder of [config, pluginFolder]) chmodSync(folder, 0o750);
  return config;
}
