// The head of the page of a host, and what is known of it.
import type { HostDetail } from '../../../src/api/schemas/host-detail.ts';
import type { Summary } from '../../../src/api/schemas/stats.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { hostLine } from '../../state/host-state.ts';
import { denialsView, fleetView, toAddress, type View } from '../../state/page-address.ts';
import { spanWords } from '../../state/time-range.ts';
import { countOf, formatBytes, formatChange, formatCount, formatShortCount } from '../../text/format-number.ts';
import { formatAgo, formatSpan, type TimeFormats } from '../../text/format-time.ts';
import { type Fact, factsList } from '../blocks/facts-list.ts';
import { withCode } from '../blocks/notices.ts';
import { numberTile } from '../charts/number-tile.ts';
import { hostState } from './host-state.ts';

export function hostTitle(host: HostDetail, view: View): readonly HTMLElement[] {
  const { state } = hostLine(host, host.collector === undefined ? [] : [host.collector]);
  return [
    el(
      'nav',
      { class: 'trail', 'aria-label': 'Where this is' },
      el('a', { href: toAddress({ page: 'hosts', range: view.range }) }, 'Hosts'),
      el('a', { href: toAddress(fleetView(view.range, host.fleet)) }, 'fleet ', recordText(host.fleet)),
    ),
    el(
      'div',
      { class: 'page-title' },
      el('h1', {}, recordText(host.name)),
      hostState(state),
      el(
        'div',
        { class: 'page-tools' },
        el('a', { class: 'button', href: toAddress(denialsView(view)) }, 'Denials'),
        el('a', { class: 'button', href: toAddress({ page: 'issues', range: view.range, host: host.id }) }, 'Issues'),
        el('a', { class: 'button', href: toAddress({ page: 'domains', range: view.range, host: host.id }) }, 'Domains'),
      ),
    ),
  ];
}

export interface HostTilesFacts {
  readonly host: HostDetail;
  readonly summary: Summary | undefined;
  readonly view: View;
  readonly nowMs: number;
}

export function hostTiles({ host, summary, view, nowMs }: HostTilesFacts): HTMLElement {
  const { lost } = hostLine(host, []);
  const heartbeat = host.collector?.heartbeat;
  return el(
    'ul',
    { class: 'tiles', 'aria-label': 'Numbers' },
    numberTile(
      'denials',
      'Denials in this time',
      summary === undefined ? '…' : formatShortCount(summary.denials),
      summary === undefined ? '' : formatChange(summary.denials, summary.denials_before, spanWords(view.range)),
    ),
    numberTile(
      'seen',
      'Last seen',
      formatAgo(Date.parse(host.last_seen), nowMs).replace(' ago', ''),
      host.collector === undefined
        ? 'no collector reports'
        : `contact ${formatAgo(Date.parse(host.collector.last_contact_at), nowMs)}`,
    ),
    numberTile(
      'queue',
      'Waiting at the host',
      heartbeat === undefined ? '–' : formatShortCount(heartbeat.spool.documents),
      heartbeat === undefined
        ? 'not known'
        : `${formatBytes(heartbeat.spool.bytes)} of ${formatBytes(heartbeat.spool.bytes_max)}`,
      (heartbeat?.spool.documents ?? 0) > 1_000,
    ),
    numberTile('lost', 'Records lost', formatShortCount(lost), lost === 0 ? 'none known' : lossWords(host), lost > 0),
    numberTile('unlogged', 'Not logged', formatShortCount(host.unlogged), 'counted by the kernel only'),
  );
}

function lossWords(host: HostDetail): string {
  return host.lost.map(({ cause, count }) => `${cause} ${formatCount(count)}`).join(', ');
}

export function hostFacts(host: HostDetail, formats: TimeFormats, nowMs: number): HTMLElement {
  const list = factsList([...machineFacts(host, formats), ...agentFacts(host, nowMs)]);
  list.classList.add('card-body');
  return list;
}

function machineFacts(host: HostDetail, formats: TimeFormats): readonly Fact[] {
  return [
    ['Id', host.id],
    ['Kernel', [host.kernel, host.arch].filter((part) => part !== undefined).join(', ')],
    ['Distribution', host.distribution],
    ['Landlock', host.landlock_abi === undefined ? undefined : `ABI ${host.landlock_abi}`],
    ['First seen', formats.full(Date.parse(host.first_seen))],
    ['Boots known', formatCount(host.boots)],
    ['Domains', formatCount(host.domains)],
    ['Malformed', host.malformed === 0 ? undefined : countOf(host.malformed, 'record')],
  ];
}

function agentFacts({ collector, sources }: HostDetail, nowMs: number): readonly Fact[] {
  if (collector === undefined) {
    return [['Agent', el('span', { class: 'quiet' }, 'None reports: its records were imported or replayed.')]];
  }
  const { heartbeat } = collector;
  const { audit, canary, receive_buffer: buffer } = heartbeat;
  const source = (one: { readonly state: string; readonly reason?: string } | undefined) =>
    one && [one.state, one.reason].filter((part) => part !== undefined).join(': ');
  return [
    ['Agent', `version ${heartbeat.version}, up ${formatSpan(nowMs - Date.parse(heartbeat.started_at))}`],
    [
      'Restarts',
      collector.restarts === 0
        ? undefined
        : `${collector.restarts}, last after ${collector.last_exit ?? 'an unknown end'}`,
    ],
    ['Reads from', heartbeat.source],
    [
      'Audit',
      audit &&
        (audit.enabled === 0
          ? el('span', {}, ...withCode('off: nothing is logged; `auditctl -e 1` turns it on'))
          : `on, ${audit.backlog} of ${formatCount(audit.backlog_limit)} records in its queue`),
    ],
    ['Receive buffer', buffer && formatBytes(buffer.got_bytes)],
    ['Canary', [canary.state, canary.reason].filter((part) => part !== undefined).join(': ')],
    ['Records read', formatCount(heartbeat.counts.records)],
    ['Tracepoints', source(sources?.tracepoints)],
    ['Sandbox rules', source(sources?.sandbox_rules)],
  ];
}
