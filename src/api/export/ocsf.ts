// Open Cybersecurity Schema Framework 1.7 (https://schema.ocsf.io/1.7.0): File System Activity, Network Activity and
// Process Activity with the profiles host and security_control, disposition Blocked. What OCSF has no attribute for
// stands below `unmapped`.
import { isIP } from 'node:net';
import type { Denial, Endpoint } from '../../landlock/document.ts';
import { toJsonLine } from '../../runtime/terminal-text.ts';
import type { ExportFormat } from './format.ts';
import { activityOf, type OcsfClass } from './ocsf-activity.ts';
import { toDevice, toFile, toOcsfProcess, toTarget, toUser } from './ocsf-objects.ts';

const OCSF_VERSION = '1.7.0';

const CLASSES = {
  file: { category_uid: 1, category_name: 'System Activity', class_uid: 1001, class_name: 'File System Activity' },
  network: { category_uid: 4, category_name: 'Network Activity', class_uid: 4001, class_name: 'Network Activity' },
  process: { category_uid: 1, category_name: 'System Activity', class_uid: 1007, class_name: 'Process Activity' },
} as const satisfies Record<OcsfClass, object>;

export const ocsf: ExportFormat = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  extension: 'ocsf.ndjson',
  head: '',
  toText: (denial, version) => `${toJsonLine(toOcsf(denial, version))}\n`,
};

/** `denial` as an event of OCSF. */
export function toOcsf(denial: Denial, version: string): object {
  const activity = activityOf(denial);
  const ofClass = CLASSES[activity.class];
  const { event, host, landlock, syscall, tags } = denial;
  return {
    ...ofClass,
    activity_id: activity.id,
    activity_name: activity.name,
    type_uid: ofClass.class_uid * 100 + activity.id,
    type_name: `${ofClass.class_name}: ${activity.name}`,
    time: Date.parse(denial['@timestamp']),
    ...toRepeats(landlock.repeated),
    severity_id: 2,
    severity: 'Low',
    status_id: 2,
    status: 'Failure',
    action_id: 2,
    action: 'Denied',
    disposition_id: 2,
    disposition: 'Blocked',
    message: event.reason,
    metadata: {
      version: OCSF_VERSION,
      profiles: ['host', 'security_control'],
      product: { name: 'Trespass', vendor_name: 'Trespass', version },
      uid: event.id,
      original_event_uid: event.id,
      sequence: event.sequence,
      log_name: event.provider ?? 'audit',
      log_provider: 'landlock',
      event_code: event.action,
      labels: tags,
    },
    policy: { name: `Landlock domain ${landlock.domain.id}`, uid: `${host.id}/${host.boot.id}/${landlock.domain.id}` },
    device: toDevice(denial),
    actor: toActor(denial),
    ...objectFields(denial, activity.class),
    unmapped: { landlock, syscall, user: denial.user, group: denial.group, path_raw: denial.file?.path_raw },
  };
}

/** Of a flood, one stands for many. */
function toRepeats(repeated: Denial['landlock']['repeated']): object {
  if (repeated === undefined) return {};
  return { count: repeated.count, start_time: Date.parse(repeated.first), end_time: Date.parse(repeated.last) };
}

/** An actor must have something: where the records name none, a name that says so. */
function toActor(denial: Denial): object {
  const process = toOcsfProcess(denial);
  const user = toUser(denial);
  return process === undefined && user === undefined ? { app_name: 'unknown' } : { process, user };
}

function objectFields(denial: Denial, of: OcsfClass): object {
  switch (of) {
    case 'file':
      return { file: toFile(denial) };
    case 'process':
      return { process: toTarget(denial) };
    case 'network':
      return networkFields(denial);
  }
}

const OUTBOUND = { direction_id: 2, direction: 'Outbound' };
const INBOUND = { direction_id: 1, direction: 'Inbound' };
const UNKNOWN_DIRECTION = { direction_id: 0, direction: 'Unknown' };

function networkFields({ landlock, source, destination, host }: Denial): object {
  const [first = ''] = landlock.blockers;
  const protocol = first.endsWith('_tcp')
    ? { protocol_name: 'tcp', protocol_num: 6 }
    : first.endsWith('_udp')
      ? { protocol_name: 'udp', protocol_num: 17 }
      : {};
  const isBind = first.startsWith('net.bind_');
  const isConnect = first.startsWith('net.connect_');
  const direction = isBind ? INBOUND : isConnect ? OUTBOUND : UNKNOWN_DIRECTION;
  return {
    src_endpoint: { ...toEndpoint(source), hostname: host.name ?? host.id },
    dst_endpoint: isBind && destination === undefined ? undefined : toRemote(destination, landlock.object.name),
    connection_info: { ...direction, ...protocol },
  };
}

function toRemote(endpoint: Endpoint | undefined, socketName: string | undefined): object {
  const known = toEndpoint(endpoint);
  return 'ip' in known ? known : { ...known, name: socketName ?? endpoint?.ip ?? 'unknown' };
}

function toEndpoint(endpoint: Endpoint | undefined): { readonly ip?: string; readonly port?: number } {
  const { ip, port } = endpoint ?? {};
  return { ...(ip !== undefined && isIP(ip) !== 0 && { ip }), ...(port !== undefined && { port }) };
}
