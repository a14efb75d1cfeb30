// Numbers of a fleet that hide who they are of, each with its limits in words: what may be told to others, and what is
// known of hosts that tell nothing but counts.
import type { FleetMetrics } from '../../../src/api/schemas/fleet-metrics.ts';
import type { SharedMetrics } from '../../../src/api/schemas/shared-metrics.ts';
import { el } from '../../dom/el.ts';
import { recordPath } from '../../dom/record-text.ts';
import { rateText } from '../../state/fleet-comparison.ts';
import { lostRecords } from '../../state/lost-records.ts';
import { countOf, formatCount, formatShortCount } from '../../text/format-number.ts';
import { factsList } from '../blocks/facts-list.ts';
import { plainTable } from '../blocks/plain-table.ts';

type Aggregated = NonNullable<FleetMetrics['aggregated']>;

/** Enough to tell a trend; the server's own span is one. */
export const SHARED_WEEKS = 4;
const PARTS_SHOWN = 8;

export function sharedTables(shared: SharedMetrics): HTMLElement {
  const { hosts_min: least, weeks, weeks_withheld: withheld } = shared;
  const rate = shared.per_100_host_days;
  const told = weeks - withheld;
  return el(
    'div',
    { class: 'answer-parts told-parts' },
    el(
      'p',
      { class: 'card-body quiet' },
      `Of the last ${countOf(weeks, 'whole week')} (Monday to Sunday, UTC). Each number of a week is about at least ${countOf(least, 'host')}; what is about fewer stands under (other).`,
      withheld > 0 &&
        ` Nothing is told of ${withheld === weeks ? (weeks === 1 ? 'it' : 'any of them') : countOf(withheld, 'week')}: too few hosts were heard of, or all but a few were denied something.`,
    ),
    told > 0 &&
      cardFacts([
        ['Denials', formatCount(shared.denials)],
        ['For 100 host-days', rate === undefined ? undefined : rateText(rate)],
        ['Hosts affected', `${formatCount(shared.hosts_affected)}, in the week that had the most`],
        ['Hosts heard of', `${formatCount(shared.hosts_reporting)}, in the week that had the most`],
      ]),
    told > 0 && countedTable('Program', shared.by_program, 'Hosts', ({ hosts }) => hosts),
    told > 0 && countedTable('Blocker', shared.by_blocker, 'Hosts', ({ hosts }) => hosts),
    told > 0 && countedTable('Package', shared.by_package, 'Hosts', ({ hosts }) => hosts),
  );
}

export function aggregatedTables(aggregated: Aggregated): HTMLElement {
  const { reporters } = aggregated;
  const lost = lostRecords(aggregated.lost);
  return el(
    'div',
    { class: 'answer-parts told-parts' },
    el(
      'p',
      { class: 'card-body quiet' },
      'Of hosts with collector.privacy = "aggregate". They are in no other number and no list here; which of them it was, and which denial belongs to which, is not known. How many they are is known by the day alone.',
    ),
    cardFacts([
      ['Denials', formatCount(aggregated.denials)],
      ['Domains', formatCount(aggregated.domains)],
      ['Hosts', `${formatCount(reporters)}, on the day that had the most`],
      ['Not understood', aggregated.malformed === 0 ? undefined : countOf(aggregated.malformed, 'record')],
      ['Lost', lost === 0 ? undefined : countOf(lost, 'record')],
    ]),
    ...(
      [
        ['Program', aggregated.by_program],
        ['Blocker', aggregated.by_blocker],
        ['Object', aggregated.by_object],
        ['Package', aggregated.by_package],
      ] as const
    ).map(([title, rows]) => countedTable(title, rows, 'Hosts on a day', (row) => row.reporters)),
  );
}

function cardFacts(facts: Parameters<typeof factsList>[0]): HTMLElement {
  const list = factsList(facts);
  list.classList.add('card-body');
  return list;
}

interface Counted {
  readonly value: string;
  readonly denials: number;
}

function countedTable<T extends Counted>(
  title: string,
  rows: readonly T[],
  hostsTitle: string,
  hostsOf: (row: T) => number,
): HTMLElement | undefined {
  if (rows.length === 0) {
    return undefined;
  }
  return plainTable(
    `By ${title.toLowerCase()}`,
    [
      { title, cell: ({ value }) => el('span', { class: 'clip compared-name' }, recordPath(value)) },
      { title: hostsTitle, cell: (row) => formatCount(hostsOf(row)), isNumber: true },
      { title: 'Denials', cell: ({ denials }) => formatShortCount(denials), isNumber: true },
    ],
    rows.slice(0, PARTS_SHOWN),
  );
}
