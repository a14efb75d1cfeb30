// `trespass domains`.
import type { DomainStatus } from '../store/answers.ts';
import { usageError } from './arguments.ts';
import { listCommand } from './list-command.ts';

const STATUSES: readonly DomainStatus[] = ['live', 'gone', 'presumed-gone'];

export const domainsCommand = listCommand({
  name: 'domains',
  summary: 'list Landlock domains',
  explanation:
    'Lists Landlock domains. LOGGED counts the denials that were received; TOTAL what the kernel counted, known once ' +
    'the\ndomain is gone; UNLOGGED those of the total that audit did not log.',
  filters: {
    options: {
      boot: { type: 'string' },
      program: { type: 'string' },
      status: { type: 'string' },
      unlogged: { type: 'boolean' },
    },
    usage: `  --boot ID       of this boot
  --program PATH  made by this program; * stands for any text
  --status NAME   live, gone, or presumed-gone (never seen to end, but its host has booted again)
  --unlogged      only with denials that were not logged
`,
    toFilter: ({ boot, program, status, unlogged }) => ({
      ...(typeof boot === 'string' && { boot }),
      ...(typeof program === 'string' && { program }),
      ...(typeof status === 'string' && { status: toStatus(status) }),
      ...(unlogged === true && { has: 'unlogged' as const }),
    }),
  },
  columns: [
    { title: 'DOMAIN', value: (domain) => domain.id },
    { title: 'HOST', widthMax: 20, value: (domain) => domain.host.name },
    { title: 'STATUS', value: (domain) => domain.status },
    { title: 'PARENT', value: (domain) => domain.parent ?? '' },
    { title: 'LOGGED', align: 'right', value: (domain) => String(domain.denials.logged) },
    { title: 'TOTAL', align: 'right', value: (domain) => String(domain.denials.total ?? '') },
    {
      title: 'UNLOGGED',
      align: 'right',
      value: ({ denials }) => String(denials.unlogged ?? denials.traced ?? ''),
    },
    { title: 'ALLOCATED', value: (domain) => domain.allocated_at ?? domain.created_at ?? '' },
    { title: 'CREATOR', value: (domain) => domain.creator?.executable ?? domain.creator?.name ?? '' },
  ],
  key: (domain) => `${domain.host.id}/${domain.boot}/${domain.id}`,
});

function toStatus(text: string): DomainStatus {
  const status = STATUSES.find((known) => known === text);
  if (status === undefined) throw usageError(`--status "${text}" is none`, `write ${STATUSES.join(', ')}`);
  return status;
}
