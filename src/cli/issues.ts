// `trespass issues`.
import { ISSUE_SORTS, ISSUE_STATUSES } from '../store/issues/issue-answers.ts';
import { usageError } from './arguments.ts';
import { listCommand } from './list-command.ts';

export const issuesCommand = listCommand({
  name: 'issues',
  summary: 'list issues: denials of one kind',
  explanation:
    'Lists issues: denials that share the program, the blockers and what was refused. DENIALS and HOSTS count all of\n' +
    'them; --since and --until choose the issues that were seen in that time.',
  filters: {
    options: { status: { type: 'string' }, sort: { type: 'string' } },
    usage: `  --status NAME   ${ISSUE_STATUSES.join(', ')}
  --sort NAME     ${ISSUE_SORTS.join(', ')} (the greatest first; default: last_seen)
`,
    toFilter: ({ status, sort }) => ({
      ...(typeof status === 'string' && { status: oneOf('status', status, ISSUE_STATUSES) }),
      ...(typeof sort === 'string' && { sort: oneOf('sort', sort, ISSUE_SORTS) }),
    }),
  },
  columns: [
    { title: 'ISSUE', value: (issue) => issue.id },
    { title: 'STATUS', value: (issue) => issue.status },
    { title: 'LAST SEEN', value: (issue) => issue.last_seen },
    { title: 'DENIALS', align: 'right', value: (issue) => String(issue.denials) },
    { title: 'HOSTS', align: 'right', value: (issue) => String(issue.hosts) },
    { title: 'BLOCKERS', widthMax: 40, value: (issue) => issue.blockers.join(',') },
    { title: 'PROGRAM', widthMax: 40, value: (issue) => issue.program },
    { title: 'OBJECT', value: ({ object, gathered }) => (gathered ? '(different ones)' : object.key) },
  ],
  key: (issue) => `${issue.id} ${issue.status} ${issue.denials}`,
});

function oneOf<T extends string>(option: string, text: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found === undefined) throw usageError(`--${option} "${text}" is none`, `write ${known.join(', ')}`);
  return found;
}
