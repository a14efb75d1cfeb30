// `trespass hosts`.
import { listCommand } from './list-command.ts';

export const hostsCommand = listCommand({
  name: 'hosts',
  summary: 'list hosts with their counts',
  explanation:
    'Lists hosts with what is known of their kernels, their counts, and what is known to be missing. --since and --until\n' +
    'ask for hosts that were seen in that time.',
  refuses: ['query', 'canary'],
  columns: [
    { title: 'HOST', widthMax: 32, value: (host) => host.name },
    { title: 'FLEET', widthMax: 20, value: (host) => host.fleet },
    { title: 'DENIALS', align: 'right', value: (host) => String(host.denials) },
    { title: 'DOMAINS', align: 'right', value: (host) => String(host.domains) },
    { title: 'MALFORMED', align: 'right', value: (host) => String(host.malformed) },
    {
      title: 'LOST',
      align: 'right',
      // Trace events are no records of audit's.
      value: ({ lost }) =>
        String(lost.reduce((sum, { cause, count }) => (cause === 'trace-lost' ? sum : sum + count), 0)),
    },
    { title: 'UNLOGGED', align: 'right', value: (host) => String(host.unlogged) },
    { title: 'LAST DENIAL', value: (host) => host.last_denial_at ?? '' },
    { title: 'KERNEL', value: (host) => host.kernel ?? '' },
    { title: 'ID', value: (host) => host.id },
  ],
  key: (host) => host.id,
  isWithin: (host, { fromMs = 0, toMs = Number.POSITIVE_INFINITY, host: name, fleet }) =>
    Date.parse(host.last_seen) >= fromMs &&
    Date.parse(host.first_seen) < toMs &&
    (name === undefined || name === host.name || name === host.id) &&
    (fleet === undefined || fleet === host.fleet),
});
