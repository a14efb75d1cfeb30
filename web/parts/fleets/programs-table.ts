// Which programs use Landlock: one line a program, with what it made and what it was refused.
import type { ProgramAnswer } from '../../../src/api/schemas/program.ts';
import { el } from '../../dom/el.ts';
import { recordPath } from '../../dom/record-text.ts';
import { toAddress, type View } from '../../state/page-address.ts';
import { countOf, formatCount } from '../../text/format-number.ts';
import { escapeOdd, shorten } from '../../text/visible-text.ts';
import { type Column, plainTable } from '../blocks/plain-table.ts';

interface Count {
  readonly title: string;
  readonly note: string;
  readonly count: (program: ProgramAnswer) => number | undefined;
  /** Known from audit rules alone: left out where there are none. */
  readonly isOfRules?: true;
  readonly isExtra?: true;
}

const COUNTS: readonly Count[] = [
  { title: 'Hosts', note: 'Where it made a sandbox or was denied something', count: (program) => program.hosts },
  {
    title: 'Sandboxes',
    note: 'Seen by the audit rules of the collector',
    count: (program) => program.sandboxes,
    isOfRules: true,
  },
  {
    title: 'Rules',
    note: 'That it added to its rulesets',
    count: (program) => program.rules,
    isOfRules: true,
    isExtra: true,
  },
  {
    title: 'Failed',
    note: 'Restrictions that the kernel refused',
    count: (program) => program.failed,
    isOfRules: true,
    isExtra: true,
  },
  {
    title: 'Domains',
    note: 'Of its sandboxes, those that the kernel logged something of',
    count: (program) => program.domains,
  },
];

export function programsTable(programs: readonly ProgramAnswer[], view: View): HTMLElement {
  const hasRules = programs.some((program) => program.sandboxes > 0 || program.failed > 0);
  const counts = COUNTS.filter((column) => hasRules || column.isOfRules !== true);
  const most = Math.max(1, ...programs.map((program) => program.denials ?? 0));
  const columns: readonly Column<ProgramAnswer>[] = [
    { title: 'Program', cell: (program) => programName(program, view) },
    ...counts.map((column) => ({
      ...column,
      isNumber: true,
      cell: (program: ProgramAnswer) => countCell(column.count(program) ?? 0),
    })),
    { title: 'Denials', note: 'What it was refused', isNumber: true, cell: (program) => denialsCell(program, most) },
  ];
  return plainTable('Programs that use Landlock', columns, programs, { name: 'programs', hasLongNames: true });
}

function programName(program: ProgramAnswer, view: View): HTMLElement {
  const { program: path } = program;
  const { host, fleet, range } = view;
  const href = toAddress({
    page: 'domains',
    range,
    ...(host === undefined ? {} : { host }),
    ...(fleet === undefined ? {} : { fleet }),
    program: path,
  });
  const flags = flagWords(program);
  return el(
    'div',
    {},
    el(
      'a',
      { class: 'clip program-name', href, title: escapeOdd(shorten(`Domains made by ${path}`, 400)) },
      recordPath(path),
    ),
    flags !== '' && el('div', { class: 'second-line' }, flags),
  );
}

function countCell(count: number): HTMLElement {
  return el('span', { class: count === 0 && 'quiet' }, formatCount(count));
}

/** The number, and below it a bar against the most. */
function denialsCell({ denials = 0 }: ProgramAnswer, most: number): HTMLElement {
  const bar = el('span', { class: 'program-bar', 'aria-hidden': 'true' });
  bar.style.width = `${(100 * denials) / most}%`;
  return el('div', {}, countCell(denials), denials > 0 && el('span', { class: 'program-track' }, bar));
}

/** What it asked of the log: that changes what can be seen of it. */
function flagWords({ log_flags: flags }: ProgramAnswer): string {
  const said = [
    [flags?.same_exec_off, 'not to log its own denials'],
    [flags?.subdomains_off, 'not to log those of domains inside'],
    [flags?.new_exec_on, 'to log those of programs that it starts'],
  ] as const;
  return said
    .flatMap(([count, words]) => ((count ?? 0) > 0 ? [`asked ${countOf(count ?? 0, 'time')} ${words}`] : []))
    .join(' · ');
}
