// Common Event Format, CEF:0 (ArcSight, "CEF Implementation Standard"): keys, types and lengths are those of its
// dictionary for producers. Characters that do not show are shown, so that no line of another event can be forged.
import { isIPv4, isIPv6 } from 'node:net';
import { findBlocker } from '../../landlock/blockers.ts';
import type { Denial } from '../../landlock/document.ts';
import { escapeTerminal } from '../../runtime/terminal-text.ts';
import type { ExportFormat } from './format.ts';

/** Of 10; 0 to 3 are Low. The kernel does not say how bad a denial is. */
const SEVERITY = 3;
const NAME_MAX = 512;
const TEXT_MAX = 1_023;
const CUSTOM_TEXT_MAX = 4_000;

type Value = string | number | undefined;

export const cef: ExportFormat = {
  mediaType: 'text/plain; charset=utf-8',
  extension: 'cef',
  head: '',
  toText(denial, version) {
    const head = ['CEF:0', 'Trespass', 'Trespass', toHeader(version, 31)];
    const what = [
      toHeader(denial.landlock.blockers.join(',') || 'unknown', TEXT_MAX),
      toHeader(nameOf(denial), NAME_MAX),
    ];
    return `${[...head, ...what, SEVERITY, toExtension(denial)].join('|')}\n`;
  },
};

/** What happened without to whom: other fields tell that. */
function nameOf({ landlock }: Denial): string {
  const meanings = landlock.blockers.map((blocker) => findBlocker(blocker)?.meaning ?? `do what ${blocker} stands for`);
  return `Landlock denied: ${[...new Set(meanings)].join('; ')}`;
}

function toExtension(denial: Denial): string {
  return [...eventFields(denial), ...actorFields(denial), ...objectFields(denial), ...customFields(denial)]
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value, max = TEXT_MAX]) => `${key}=${typeof value === 'string' ? toValue(value, max) : value}`)
    .join(' ');
}

type Field = readonly [key: string, value: Value, max?: number];

function eventFields({ event, host, landlock, ...denial }: Denial): readonly Field[] {
  const { repeated } = landlock;
  return [
    ['rt', Date.parse(denial['@timestamp'])],
    ['cnt', repeated?.count],
    ['start', repeated && Date.parse(repeated.first)],
    ['end', repeated && Date.parse(repeated.last)],
    ['externalId', event.id, 40],
    ['cat', 'landlock'],
    ['act', 'blocked', 63],
    ['outcome', 'failure', 63],
    ['deviceFacility', event.provider ?? 'audit'],
    ['dvchost', host.name ?? host.id, 100],
    ['deviceExternalId', host.id, 255],
    ['msg', event.reason],
  ];
}

function actorFields({ process, user }: Denial): readonly Field[] {
  return [
    ['spid', process?.pid],
    ['sproc', process?.executable ?? process?.name],
    ['suid', user?.id],
  ];
}

function objectFields({ file, source, destination, landlock }: Denial): readonly Field[] {
  const { target, object, blockers } = landlock;
  return [
    ['filePath', file?.path],
    ['fname', file?.name],
    ['fileId', file?.inode],
    ['fileType', object.kind],
    ...addressFields(source?.ip, 'src', 'c6a2', 'Source IPv6 Address'),
    ['spt', source?.port],
    ...addressFields(destination?.ip, 'dst', 'c6a3', 'Destination IPv6 Address'),
    ['dpt', destination?.port],
    ['proto', protocolOf(blockers), 31],
    ['dpid', target?.process.pid],
    ['dproc', target?.process.name],
  ];
}

/** CEF:0 has a place of its own for each version of IP; what is neither stands in none. */
function addressFields(ip: string | undefined, v4: string, v6: string, label: string): readonly Field[] {
  if (ip === undefined) return [];
  if (isIPv4(ip)) return [[v4, ip]];
  return isIPv6(ip) && !ip.includes('%') ? custom(v6, label, ip) : [];
}

function protocolOf(blockers: readonly string[]): string | undefined {
  const names = blockers.filter((blocker) => blocker.startsWith('net.'));
  if (names.some((name) => name.endsWith('_tcp'))) return 'TCP';
  return names.some((name) => name.endsWith('_udp')) ? 'UDP' : undefined;
}

function customFields({ event, host, landlock, process }: Denial): readonly Field[] {
  const { object } = landlock;
  const named = object.name ?? object.capability?.name ?? object.namespace?.type;
  return [
    ...custom('cs1', 'Landlock domain', landlock.domain.id),
    ...custom('cs2', 'Landlock blockers', landlock.blockers.join(' ')),
    ...custom('cs3', 'Boot', host.boot.id),
    ...custom('cs4', 'Landlock object', named),
    ...custom('cs5', 'Process arguments', process?.args && JSON.stringify(process.args)),
    ...custom('cs6', 'Actor certainty', landlock.actor_certainty),
    ...custom('cn1', 'Audit serial', event.sequence),
    ...custom('cn2', 'Parent process', process?.parent?.pid),
  ];
}

function custom(key: string, label: string, value: Value): readonly Field[] {
  return value === undefined
    ? []
    : [
        [`${key}Label`, label],
        [key, value, CUSTOM_TEXT_MAX],
      ];
}

function toHeader(text: string, max: number): string {
  return visible(text, max).replaceAll('\\', '\\\\').replaceAll('|', '\\|');
}

function toValue(text: string, max: number): string {
  return visible(text, max).replaceAll('\\', '\\\\').replaceAll('=', '\\=');
}

/** Blanks at the ends, of any alphabet, would be lost. */
function visible(text: string, max: number): string {
  const shown = escapeTerminal(text).replace(/^\s|\s$/g, blankCode);
  return shown.length <= max ? shown : `${shown.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function blankCode(blank: string): string {
  const code = blank.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code}` : `\\u{${code}}`;
}
