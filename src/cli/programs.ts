// `trespass programs`.
import { listCommand } from './list-command.ts';

export const programsCommand = listCommand({
  name: 'programs',
  summary: 'list programs that use Landlock, and how',
  explanation:
    'Lists programs: how many sandboxes they made, with how many rules, and what they were refused. SANDBOXES, FAILED,\n' +
    "RULESETS and RULES need the collector's audit rules (collector.sandbox_rules = true); DOMAINS counts those that the\n" +
    'kernel logged something of.',
  refuses: ['query'],
  filters: {
    options: { program: { type: 'string' } },
    usage: '  --program PATH  this program; * stands for any text\n',
    toFilter: ({ program }) => ({ ...(typeof program === 'string' && { program }) }),
  },
  columns: [
    { title: 'PROGRAM', value: ({ program }) => program },
    { title: 'SANDBOXES', align: 'right', value: ({ sandboxes }) => String(sandboxes) },
    { title: 'FAILED', align: 'right', value: ({ failed }) => String(failed) },
    { title: 'RULESETS', align: 'right', value: ({ rulesets }) => String(rulesets) },
    { title: 'RULES', align: 'right', value: ({ rules }) => String(rules) },
    { title: 'DOMAINS', align: 'right', value: ({ domains }) => String(domains) },
    { title: 'DENIALS', align: 'right', value: ({ denials }) => String(denials) },
    { title: 'HOSTS', align: 'right', value: ({ hosts }) => String(hosts) },
  ],
  key: ({ program }) => program,
});
