// Makes the configured source. Those of the kernel need the opened socket and the control connection; the others
// need to know whose records they read.
import { readFileSync } from 'node:fs';
import type { Config } from '../runtime/config.ts';
import { OperatingError } from '../runtime/operating-error.ts';
import { type HostIdentity, hostIdOf } from './host-identity.ts';
import { AuditdPluginSource } from './sources/auditd-plugin.ts';
import { FileSource } from './sources/file.ts';
import { JournalSource } from './sources/journal.ts';
import type { RecordSource } from './sources/source.ts';
import { SourceHosts } from './sources/source-hosts.ts';

const AUDIT_LOG = '/var/log/audit/audit.log';

/** `file`, `journal` or `auditd-plugin`. */
export function openLogSource(config: Config, identity: HostIdentity): RecordSource {
  const { source, path } = config.collector;
  const hosts = new SourceHosts({
    local: { id: identity.id, name: identity.name, bootId: identity.bootId, bootStartMs: readBootStartMs() },
    hostIdOf,
  });
  switch (source) {
    case 'file':
      return new FileSource({ path: path ?? AUDIT_LOG, hosts });
    case 'journal':
      return new JournalSource({ path, hosts });
    case 'auditd-plugin':
      return new AuditdPluginSource({ stdin: process.stdin, hosts });
    default:
      throw new OperatingError('no-such-source', `${source} is no log`, 'see trespass collect --help');
  }
}

/** `btime` of /proc/stat: when this boot began, Unix time. */
export function readBootStartMs(): number {
  const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1];
  return Number(seconds ?? 0) * 1000;
}
