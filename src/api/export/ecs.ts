// Elastic Common Schema 8.11 (https://www.elastic.co/guide/en/ecs/8.11). A denial already has ECS names; this moves
// what ECS knows by another name to it, and what it does not know below `landlock`, so that no index has a conflict.
import { isIP } from 'node:net';
import type { Denial, Endpoint } from '../../landlock/document.ts';
import { toJsonLine } from '../../runtime/terminal-text.ts';
import { knownMembers } from '../known-members.ts';
import { denialSchema } from '../schemas/document.ts';
import type { ExportFormat } from './format.ts';

const ECS_VERSION = '8.11.0';

export const ecs: ExportFormat = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  extension: 'ecs.ndjson',
  head: '',
  toText: (denial, version) => `${toJsonLine(toEcs(denial, version))}\n`,
};

const known = knownMembers<Denial>(denialSchema);

/** `whole` with all field names either of ECS or below `landlock`. Members that this version does not know are left out. */
export function toEcs(whole: Denial, version: string): object {
  const denial = known(whole);
  const { event, host, tags, group } = denial;
  const { id, sequence, provider, action, outcome, category, type, reason } = event;
  return {
    '@timestamp': denial['@timestamp'],
    ecs: { version: ECS_VERSION },
    message: reason,
    event: {
      ...{ kind: 'event', module: 'trespass', dataset: 'trespass.denials' },
      ...{ id, sequence, provider, action, outcome, category, type, reason },
    },
    observer: { vendor: 'Trespass', product: 'Trespass', type: 'sandbox', version },
    host: { id: host.id, name: host.name, hostname: host.name, boot: { id: host.boot.id } },
    tags,
    file: toFile(denial.file),
    source: toEndpoint(denial.source),
    destination: toEndpoint(denial.destination),
    process: toProcess(denial),
    user: toUser(denial.user),
    group: toId(group),
    package: toPackage(denial.package),
    container: toId(denial.container),
    landlock: toLandlock(denial),
  };
}

function toId<T>(value: { readonly id?: T } | undefined) {
  return value && { id: value.id };
}

function toFile(file: Denial['file']) {
  return file && { path: file.path, name: file.name, device: file.device, inode: file.inode };
}

/** `ip` is a type of its own in ECS, and an index refuses a document where it is none. */
function toEndpoint(endpoint: Endpoint | undefined) {
  const ip = endpoint?.ip;
  return endpoint && { address: ip, ...(ip !== undefined && isIP(ip) !== 0 && { ip }), port: endpoint.port };
}

function toProcess({ process, user }: Denial) {
  const { pid, parent, thread, name, executable, args, working_directory } = process ?? {};
  return (
    process && {
      ...{ pid, name, executable, args, working_directory },
      ...(parent !== undefined && { parent: { pid: parent.pid } }),
      ...(thread !== undefined && { thread: { id: thread.id } }),
      ...(args !== undefined && { args_count: args.length }),
      ...(user?.id !== undefined && { real_user: { id: user.id } }),
      ...(user?.saved !== undefined && { saved_user: toId(user.saved) }),
    }
  );
}

function toUser(user: Denial['user']) {
  return user && { id: user.id, effective: toId(user.effective) };
}

function toPackage(owner: Denial['package']) {
  return owner && { name: owner.name, version: owner.version, type: owner.type };
}

/** What only Landlock and audit know. */
function toLandlock({ landlock, host, file, process, user, syscall, systemd }: Denial) {
  return {
    ...landlock,
    ...(host.boot.derived && { boot: { derived: true } }),
    ...(file?.path_raw !== undefined && { file: { path_raw: file.path_raw } }),
    process: process && { tty: process.tty, session_id: process.session_id, ancestry: process.ancestry },
    user: user && { audit: user.audit, filesystem: user.filesystem },
    syscall,
    systemd,
  };
}
