// `trespass domains`.
import { listCommand } from './list-command.ts';

export const domainsCommand = listCommand({
  name: 'domains',
  summary: 'list Landlock domains',
  explanation:
    'Lists Landlock domains. LOGGED counts the denials that were received; TOTAL what the kernel counted, known once ' +
    'the\ndomain is gone.',
  columns: [
    { title: 'DOMAIN', value: (domain) => domain.id },
    { title: 'HOST', widthMax: 20, value: (domain) => domain.host.name },
    { title: 'STATUS', value: (domain) => domain.status },
    { title: 'PARENT', value: (domain) => domain.parent ?? '' },
    { title: 'LOGGED', align: 'right', value: (domain) => String(domain.denials.logged) },
    { title: 'TOTAL', align: 'right', value: (domain) => String(domain.denials.total ?? '') },
    { title: 'ALLOCATED', value: (domain) => domain.allocated_at ?? '' },
    { title: 'CREATOR', value: (domain) => domain.creator?.executable ?? domain.creator?.name ?? '' },
  ],
  key: (domain) => `${domain.host.id}/${domain.boot}/${domain.id}`,
});
