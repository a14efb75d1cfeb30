// Versions of packages in a fleet, and what updates changed on the hosts that made them.
import type { PackageMetrics } from '../../../src/api/schemas/package-metrics.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { changeWords, rateText } from '../../state/fleet-comparison.ts';
import { issueView, toAddress, type View } from '../../state/page-address.ts';
import { formatCount, formatShortCount } from '../../text/format-number.ts';
import { nothingBox } from '../blocks/answer-card.ts';
import { type Column, plainTable } from '../blocks/plain-table.ts';

type Version = PackageMetrics['versions'][number];
type Update = NonNullable<PackageMetrics['updates']>[number];
type Change = NonNullable<PackageMetrics['issues']>[number];

/** All packages, or with `view.package` one of them with its updates and issues. */
export function packageTables(metrics: PackageMetrics, view: View): HTMLElement {
  const { versions, updates = [], issues = [] } = metrics;
  if (versions.length === 0) {
    return nothingBox(
      view.package === undefined
        ? 'Nothing was denied in this time to a program whose package is known.'
        : 'Nothing is known of this package in this time.',
    );
  }
  return el(
    'div',
    { class: 'answer-parts' },
    plainTable('Versions of packages', versionColumns(view), versions),
    ...(view.package === undefined
      ? []
      : [
          el('h3', { class: 'part-title' }, 'Updates: the same hosts before and after'),
          updates.length === 0
            ? nothingBox('No host was seen to be updated in this time.')
            : plainTable('Updates', UPDATE_COLUMNS, updates),
          el('h3', { class: 'part-title' }, 'Issues that came or went with a version'),
          issues.length === 0 ? nothingBox('None.') : plainTable('Issues', issueColumns(view), issues),
        ]),
  );
}

function versionColumns(view: View): readonly Column<Version>[] {
  return [
    {
      title: 'Package',
      cell: (row) =>
        view.package === undefined
          ? el(
              'a',
              {
                class: 'clip compared-name',
                href: toAddress({ ...view, package: row.package }),
                title: 'Its versions, updates and issues',
              },
              recordText(row.package),
            )
          : el('span', { class: 'clip compared-name' }, recordText(row.package)),
    },
    { title: 'Version', cell: ({ version }) => el('span', { class: 'clip compared-name' }, recordText(version)) },
    {
      title: 'After',
      note: 'What most of its hosts had before',
      cell: ({ previous }) =>
        previous === undefined ? '–' : el('span', { class: 'clip compared-name' }, recordText(previous)),
      isExtra: true,
    },
    {
      title: 'Hosts',
      note: 'Where something was denied to it, of those that had it',
      cell: (row) => `${formatCount(row.hosts_affected)} of ${formatCount(row.hosts)}`,
      isNumber: true,
    },
    { title: 'Denials', cell: ({ denials }) => formatShortCount(denials), isNumber: true },
    rateColumn((row) => row.per_100_host_days),
    {
      title: 'Issues',
      note: 'Against the version before: new, back again, ended',
      cell: ({ issues, previous }) => (previous === undefined ? '–' : issueWords(issues)),
      isNumber: true,
    },
  ];
}

function issueWords({ new: fresh, regressed, fixed }: Version['issues']): HTMLElement {
  const words = [
    fresh > 0 && `${formatCount(fresh)} new`,
    regressed > 0 && `${formatCount(regressed)} back`,
    fixed > 0 && `${formatCount(fixed)} ended`,
  ].filter((one) => one !== false);
  return el(
    'span',
    { class: fresh + regressed > 0 && 'is-warning' },
    words.length === 0 ? 'as before' : words.join(', '),
  );
}

const UPDATE_COLUMNS: readonly Column<Update>[] = [
  { title: 'From', cell: ({ from }) => el('span', { class: 'clip compared-name' }, recordText(from)) },
  { title: 'To', cell: ({ to }) => el('span', { class: 'clip compared-name' }, recordText(to)) },
  { title: 'Hosts', note: 'That were seen to be updated', cell: ({ hosts }) => formatCount(hosts), isNumber: true },
  { ...rateColumn<Update>((row) => row.before.per_100_host_days), title: 'Before' },
  { ...rateColumn<Update>((row) => row.after.per_100_host_days), title: 'After' },
  {
    title: 'Change',
    cell: ({ before, after }) => changeWords(after.per_100_host_days, before.per_100_host_days) || '–',
    isNumber: true,
  },
  {
    title: 'Issues',
    note: 'That these hosts had only after, and only before',
    cell: (row) => `${formatCount(row.issues_began)} began, ${formatCount(row.issues_ended)} ended`,
    isNumber: true,
    isExtra: true,
  },
];

function rateColumn<T>(of: (row: T) => number | undefined): Column<T> {
  return {
    title: 'For 100 days',
    note: 'Denials for 100 days of a host that had it',
    cell: (row) => {
      const rate = of(row);
      return rate === undefined ? '–' : rateText(rate);
    },
    isNumber: true,
  };
}

const CHANGE_WORDS: Readonly<Record<Change['change'], string>> = {
  new: 'new',
  regressed: 'back again',
  fixed: 'ended',
};

function issueColumns(view: View): readonly Column<Change>[] {
  return [
    {
      title: 'Issue',
      cell: ({ issue, title }) => el('a', { href: toAddress(issueView(view.range, issue)) }, recordText(title)),
    },
    { title: 'Version', cell: ({ version }) => el('span', { class: 'clip compared-name' }, recordText(version)) },
    { title: 'It is', cell: ({ change }) => CHANGE_WORDS[change] },
    { title: 'Hosts', cell: ({ hosts }) => formatCount(hosts), isNumber: true },
    { title: 'Denials', cell: ({ denials }) => formatShortCount(denials), isNumber: true },
  ];
}
