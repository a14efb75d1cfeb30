// Which programs use Landlock, and how.
import Type, { type Static } from 'typebox';
import { PROGRAM_SORTS } from '../../store/counts/programs.ts';
import { count } from './common.ts';

export const programSortSchema = Type.Enum([...PROGRAM_SORTS], {
  description: 'The greatest first; default: sandboxes',
});

export const programSchema = Type.Object(
  {
    program: Type.String({ description: 'The path of its executable' }),
    hosts: count('Hosts where it made a sandbox or was denied something'),
    sandboxes: count("Sandboxes that it made. These counts need the collector's audit rules (collector.sandbox_rules)"),
    failed: count('Restrictions that the kernel refused'),
    rulesets: count(),
    rules: count('Rules that it added to rulesets'),
    log_flags: Type.Object(
      { same_exec_off: count(), new_exec_on: count(), subdomains_off: count() },
      { description: 'Restrictions with these flags (LANDLOCK_RESTRICT_SELF_LOG_*)' },
    ),
    domains: count('Domains that it made, of which the kernel logged something'),
    denials: count('What it was refused'),
  },
  { title: 'Program' },
);

export type ProgramAnswer = Static<typeof programSchema>;
