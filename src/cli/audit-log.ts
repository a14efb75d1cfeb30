// `trespass audit-log`.
import { toJsonLine } from '../runtime/terminal-text.ts';
import { usageError } from './arguments.ts';
import { listCommand } from './list-command.ts';

const OUTCOMES = ['done', 'refused'] as const;

export const auditLogCommand = listCommand({
  name: 'audit-log',
  summary: 'list who changed what about Trespass itself',
  explanation:
    'Lists acts of administration and attempts that were refused, newest first: signing in and out, tokens, users, what\n' +
    'was said of issues, what was removed. Needs the scope admin with --url.',
  refuses: ['query', 'host', 'fleet', 'canary'],
  filters: {
    options: { actor: { type: 'string' }, action: { type: 'string' }, outcome: { type: 'string' } },
    usage: `  --actor NAME    by whom: a user's name, a token's id and name
  --action NAME   for example token-create, sign-in, issue-change, prune
  --outcome NAME  done or refused
`,
    toFilter: ({ actor, action, outcome }) => ({
      ...(typeof actor === 'string' && { actor }),
      ...(typeof action === 'string' && { action }),
      ...(outcome !== undefined && { outcome: toOutcome(String(outcome)) }),
    }),
  },
  columns: [
    { title: 'TIME', value: (act) => act.at },
    {
      title: 'WHO',
      widthMax: 40,
      value: ({ actor }) => (actor.name === '' ? actor.kind : `${actor.kind} ${actor.name}`),
    },
    { title: 'FROM', value: ({ actor }) => actor.address ?? '' },
    { title: 'ACTION', value: (act) => act.action },
    { title: 'OUTCOME', value: (act) => act.outcome },
    { title: 'TARGET', widthMax: 40, value: (act) => act.target ?? '' },
    { title: 'DETAIL', value: (act) => (act.detail === undefined ? '' : toJsonLine(act.detail)) },
  ],
  key: (act) => String(act.id),
});

function toOutcome(text: string): (typeof OUTCOMES)[number] {
  const outcome = OUTCOMES.find((known) => known === text);
  if (outcome === undefined) {
    throw usageError(`audit-log: --outcome "${text}" is none`, `write ${OUTCOMES.join(' or ')}`);
  }
  return outcome;
}
