// `trespass fleets`.
import { listCommand } from './list-command.ts';

export const fleetsCommand = listCommand({
  name: 'fleets',
  summary: 'list fleets with their counts',
  explanation:
    'Lists fleets, the named sets of hosts, with their counts. --since and --until ask for those whose last denial was\n' +
    'then.',
  refuses: ['query', 'host', 'canary'],
  columns: [
    { title: 'FLEET', widthMax: 40, value: (fleet) => fleet.name },
    { title: 'HOSTS', align: 'right', value: (fleet) => String(fleet.hosts) },
    { title: 'DENIALS', align: 'right', value: (fleet) => String(fleet.denials) },
    { title: 'DOMAINS', align: 'right', value: (fleet) => String(fleet.domains) },
    { title: 'UNLOGGED', align: 'right', value: (fleet) => String(fleet.unlogged) },
    { title: 'LAST DENIAL', value: (fleet) => fleet.last_denial_at ?? '' },
  ],
  key: (fleet) => fleet.name,
  isWithin: (fleet, { fromMs, toMs, fleet: name }) => {
    const lastMs = fleet.last_denial_at === undefined ? undefined : Date.parse(fleet.last_denial_at);
    const isInTime =
      (fromMs === undefined && toMs === undefined) ||
      (lastMs !== undefined && lastMs >= (fromMs ?? 0) && lastMs < (toMs ?? Number.POSITIVE_INFINITY));
    return isInTime && (name === undefined || name === fleet.name);
  },
});
