import { expect, it } from 'vitest';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import { VIEW_SQL, VIEWS_SQL } from '../../src/store/access/views.ts';
import type { Scope } from '../../src/store/answers.ts';
import { IDS_OF_ROW_SQL, SAME_REPEAT_SQL } from '../../src/store/columns/repeats.ts';
import { lostSql, malformedSql, unloggedSql } from '../../src/store/counts/accuracy.ts';
import {
  NEWEST_DENIAL_SQL,
  rawCountsSql,
  rawTotalSql,
  rollupCountsSql,
  wholeIssuesSql,
} from '../../src/store/counts/counts.ts';
import {
  HOST_COUNTED_WITHIN_SQL,
  HOST_DENIED_WITHIN_SQL,
  HOSTS_OF_DAY_SQL,
  IS_STORED_WITHIN_SQL,
  LAST_DENIED_WITHIN_SQL,
} from '../../src/store/counts/denied-hosts.ts';
import { PROGRAMS_DENIED_SQL } from '../../src/store/counts/denied-programs.ts';
import { hostListsSql } from '../../src/store/counts/host-counts.ts';
import { HOURS_OF_HOST_SQL } from '../../src/store/counts/host-hours.ts';
import {
  HOST_BY_NAME_SQL,
  HOST_SQL,
  hostsSql,
  LOST_OF_HOST_SQL,
  sortedHostsSql,
} from '../../src/store/counts/hosts.ts';
import { CANARY_ISSUES_SQL, ISSUES_OF_DAY_SQL, LISTS_OF_DAY_SQL } from '../../src/store/counts/issue-days.ts';
import { ISSUE_LISTS_SQL, issueListsSql } from '../../src/store/counts/issue-hours.ts';
import { dayCountsSql } from '../../src/store/counts/key-sums.ts';
import { lossesSql } from '../../src/store/counts/losses.ts';
import { hoursOfProgramSql, hoursOfProgramsSql } from '../../src/store/counts/program-hours.ts';
import { deniedSql, programDomainsSql, usageCallsSql, usageHoursSql } from '../../src/store/counts/programs.ts';
import { HOSTS_SQL, scopeHostsSql } from '../../src/store/counts/scope-hosts.ts';
import { presentSilencesSql, silencesSql } from '../../src/store/counts/silences.ts';
import { DENIALS_STORED_SQL } from '../../src/store/counts/store-facts.ts';
import { domainsLiveSql, domainsTurnedSql, OLDEST_DENIAL_SQL } from '../../src/store/counts/summary.ts';
import {
  ENDS_OF_HOURS_SQL,
  onlyKeys,
  rawPointsSql,
  rollupPointsSql,
  rollupTotalsSql,
} from '../../src/store/counts/time-series.ts';
import {
  firstSeenPartsSql,
  firstSeenSql,
  HOSTS_OF_DAYS_SQL,
  HOSTS_OF_HOURS_SQL,
  unloggedPointsSql,
} from '../../src/store/counts/trends.ts';
import { userDenialsSql, userNamesSql } from '../../src/store/counts/users.ts';
import { type ScannedField, scannedCountsSql } from '../../src/store/counts/value-counts.ts';
import { ACTOR_VALUES_SQL, DOMAIN_PLACE_SQL } from '../../src/store/counts/value-names.ts';
import { IS_COUNTED_WITHIN_SQL } from '../../src/store/counts/whole-days.ts';
import type { Database } from '../../src/store/database/open.ts';
import {
  DENIAL_BY_ID_SQL,
  DENIAL_OF_FOREIGN_ID_SQL,
  DENIALS_OF_ISSUE_SQL,
  denialIdsSql,
  ENDS_SQL,
  FOREIGN_ID_SQL,
  IDENTITY_SQL,
  ISSUE_OF_DENIAL_SQL,
} from '../../src/store/denials/denials.ts';
import {
  DOMAIN_CREATION_SQL,
  DOMAIN_EVENT_SQL,
  GAP_SQL,
  MALFORMED_SQL,
  SANDBOX_CALL_SQL,
} from '../../src/store/denials/documents.ts';
import { gapsSql, malformedListSql } from '../../src/store/denials/notices.ts';
import { SIBLING_DENIALS_SQL, SIBLING_DOMAIN_EVENTS_SQL } from '../../src/store/denials/raw-records.ts';
import { KEY_OF_CALL_SQL, KEY_OF_CREATION_SQL, KEY_OF_DOMAIN_EVENT_SQL } from '../../src/store/denials/record-names.ts';
import { FIRST_HOST_SQL } from '../../src/store/explaining/explanations.ts';
import {
  AROUND_SQL,
  BOOT_OF_DENIAL_SQL,
  COUNT_AROUND_SQL,
  REFUSED_BY_DOMAIN_SQL,
} from '../../src/store/explaining/neighbours.ts';
import {
  BOOT_CALLS_SQL,
  BOOT_CREATIONS_SQL,
  BOOT_DENIALS_SQL,
  BOOT_DOMAIN_EVENTS_SQL,
  BOOT_DOMAINS_SQL,
  CALLS_OF_PROCESS_SQL,
  CREATIONS_OF_DOMAIN_SQL,
  DENIALS_OF_DOMAIN_SQL,
  EVENTS_OF_DOMAIN_SQL,
} from '../../src/store/families/boot-rows.ts';
import { BOOT_SUMS_SQL, HOST_DENIALS_SQL, TABLES } from '../../src/store/families/boot-state.ts';
import {
  BOOT_DENIAL_COUNT_SQL,
  BOOT_DOMAIN_COUNT_SQL,
  BOOT_SPAN_SQL,
  SLOT_AFTER_SQL,
  SLOT_BEFORE_SQL,
} from '../../src/store/families/boot-stretch.ts';
import { BOOT_COUNTS_SQL, BOOT_LOST_SQL, BOOTS_SQL } from '../../src/store/families/boots.ts';
import { sortedDomainIdsSql } from '../../src/store/families/domain-sorts.ts';
import {
  DOMAIN_BY_ID_SQL,
  DOMAIN_BY_NUMBER_SQL,
  type DomainFilter,
  domainIdsSql,
  filterConditions,
} from '../../src/store/families/domains.ts';
import {
  CALLS_SIGNATURE_SQL,
  DOMAIN_OF_NUMBER_SQL,
  DOMAIN_SIGNATURE_SQL,
  DOMAINS_OF_PROCESS_SQL,
  NEAR_DOMAIN_SQL,
  PROCESS_SIGNATURE_SQL,
  TRACED_CHILDREN_SQL,
} from '../../src/store/families/near-reading.ts';
import {
  HEARTBEAT_OF_HOST_SQL,
  LOST_DURING_SQL,
  RESTRICTIONS_SQL,
  TRACED_AFTER_EXEC_SQL,
} from '../../src/store/families/unlogged-reasons.ts';
import { COLLECTOR_SQL, COLLECTORS_SQL } from '../../src/store/fleets/agents.ts';
import { AGGREGATES_SQL } from '../../src/store/fleets/aggregate-metrics.ts';
import { FLEETS_BY_SIZE_SQL } from '../../src/store/fleets/fleet-facts.ts';
import { FLEET_BOOTS_SQL, FLEET_HOSTS_SQL, unloggedShareSql } from '../../src/store/fleets/fleet-metrics.ts';
import { FLEET_SQL, FLEETS_SQL, sortedFleetsSql } from '../../src/store/fleets/fleets.ts';
import {
  DOMAINS_ALLOCATED_SQL,
  DOMAINS_DEALLOCATED_SQL,
  HOST_TOTALS_SQL,
  ISSUES_BY_STATUS_SQL,
  ISSUES_COUNT_SQL,
} from '../../src/store/fleets/metric-facts.ts';
import { HOST_VERSIONS_SQL, PACKAGE_DAYS_SQL } from '../../src/store/fleets/package-metrics.ts';
import { FLEET_PACKAGE_DAYS_SQL } from '../../src/store/fleets/shared-packages.ts';
import { RUN_ROW_SQL, TAILS_SQL } from '../../src/store/interning/id-runs.ts';
import { ENDS_OF_ISSUES_SQL } from '../../src/store/interning/issue-ids.ts';
import { ISSUES_OF_GROUP_SQL } from '../../src/store/interning/issue-register.ts';
import { ISSUE_SORTS } from '../../src/store/issues/issue-answers.ts';
import {
  ISSUE_ACTORS_SQL,
  ISSUE_BY_FINGERPRINT_SQL,
  ISSUE_BY_ID_SQL,
  ISSUE_DAYS_SQL,
  ISSUE_HOSTS_SQL,
  issueIdsSql,
} from '../../src/store/issues/issues.ts';
import { ACTORS_OF_TEXTS_SQL, ISSUES_OF_PROGRAM_SQL, textIdsSql } from '../../src/store/query/filter-sql.ts';
import { DOMAIN_IDS_SQL, HOST_IDS_SQL, ISSUE_IDS_SQL } from '../../src/store/query/host-ids.ts';
import {
  DENIALS_OF_OBJECTS_SQL,
  ISSUES_OF_PATHS_SQL,
  ODD_SHAPES_SQL,
  OTHER_ISSUES_SQL,
  TEXTS_SQL,
} from '../../src/store/query/path-rows.ts';
import { compileScope } from '../../src/store/query/scope.ts';
import { isRefused } from '../../src/store/refused.ts';
import { NEXT_PROCESSES_SQL, oldDomainsSql } from '../../src/store/retention/retention-domains.ts';
import { CHANGES_SQL } from '../../src/store/rollups/count-changes.ts';
import {
  type CountKey,
  chooseRollup,
  DENIAL_HOURS,
  HOUR_ISSUES,
  HOUR_PROGRAMS,
  PROGRAM_HOURS,
} from '../../src/store/rollups/rollup-choice.ts';
import { SAME_EVENT_SQL } from '../../src/store/writing/denial-insert.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { denial, T0 } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

function planOf(db: Database, sql: string): string {
  const rows = db.prepare<unknown[], { id: number; parent: number; detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  // The plan does not depend on the values; every parameter is given one, so that none is missing.
  const values = Array.from(sql.matchAll(/\?/g), () => 1);
  const depths = new Map<number, number>([[0, 0]]);
  return rows
    .all(...values)
    .map(({ id, parent, detail }) => {
      const depth = (depths.get(parent) ?? 0) + 1;
      depths.set(id, depth);
      return `${'  '.repeat(depth)}${detail}`;
    })
    .join('\n');
}

/** Parameters that have names, as those without. */
function named(sql: string): string {
  return sql.replace(/@\w+/g, '?');
}

function denials(db: Database, scope: Scope): string {
  const compiled = compileScope(db, scope);
  if (isRefused(compiled)) throw new Error(compiled.message);
  return compiled.denials.sql;
}

function hosts(db: Database, scope: Scope, column: string): string {
  const compiled = compileScope(db, scope);
  return isRefused(compiled) ? '' : (compiled.hosts(column)?.sql ?? '1');
}

const lists: Record<string, Scope> = {
  all: {},
  'of a host': { host: 'h' },
  'of a host of the query': { query: 'host:h' },
  'of two hosts': { host: 'twin' },
  'of hosts': { query: 'host:w*' },
  'of a fleet': { fleet: 'f' },
  'of a program': { query: 'program:/usr/bin/foo' },
  'of a path': { query: 'path:/etc/passwd' },
  'below a path': { query: 'path:/etc/*' },
  'of a path that only a template is known of': { query: 'path:/home/me/x' },
  'of two paths': { query: 'path:/etc/passwd or path:/etc/group' },
  'below a path with many texts': { query: 'path:/many/*' },
  'of a domain': { query: 'domain:dead' },
  'of a blocker': { query: 'blocker:fs.*' },
  'of a user': { query: 'user:1000 and uid>0' },
  'of a port': { query: 'port:80' },
  'with a text anywhere': { query: 'passwd' },
  'but not of a program': { query: 'not program:/usr/bin/foo' },
};

const SCANNED: readonly ScannedField[] = ['path', 'comm', 'uid', 'user', 'domain', 'port', 'kind', 'pid'];

const rolledUp: readonly (readonly [name: string, key: CountKey, scope: Scope])[] = [
  ['hosts of blockers', 'host', { query: 'blocker:fs.*' }],
  ['blockers of hosts', 'blockers', { query: 'host:w*' }],
  ['hosts of a program', 'host', { query: 'program:/usr/bin/foo' }],
  ['programs below a path', 'program', { query: 'program:/usr/*' }],
  ['hosts of an issue', 'host', { query: `issue:${fingerprintOf(denial({ n: 1 })).fingerprint}` }],
  ['issues of a fleet', 'issue', { query: 'fleet:f' }],
];

function chosen(db: Database, key: CountKey, scope: Scope) {
  const compiled = compileScope(db, scope);
  const choice = isRefused(compiled) ? undefined : chooseRollup(db, compiled, key);
  if (choice === undefined) throw new Error(`no rollup for ${key} of ${scope.query}`);
  return { rollup: choice.rollup, column: choice.key, sql: choice.condition.sql };
}

const domainFilters: Record<string, DomainFilter> = {
  'of a number': { id: 'dead' },
  'of a boot': { boot: 'boot of h' },
  'of a program': { program: '/usr/bin/foo' },
  'of programs': { program: '/usr/*' },
  'that are live': { status: 'live' },
  'that are gone': { status: 'gone' },
  'that are presumed gone': { status: 'presumed-gone' },
  'with unlogged denials': { isUnlogged: true },
};

it('every statement of a reader has the plan of query-plans.golden.txt', async () => {
  const db = temporaryDatabase();
  const docs = [
    denial({ n: 1, host: 'h', domain: 'dead' }),
    denial({ n: 2, host: 'two', name: 'twin' }),
    denial({ n: 3, host: 'too', name: 'twin' }),
    ...Array.from({ length: 5_001 }, (_, n) => denial({ n: 4 + n, host: 'many', path: `/many/${n}` })),
    denial({ n: 5_005, path: '/home/me/x' }),
    denial({ n: 5_006, path: '/etc/passwd' }),
    denial({ n: 5_007, path: '/etc/0123456789abcdef0123456789abcdef' }),
  ];
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  const one = hosts(db, { host: 'h' }, 'host');
  const statements: [string, string][] = [
    ...Object.entries(lists).map(([name, scope]): [string, string] => [
      `denials ${name}`,
      denialIdsSql(denials(db, scope)),
    ]),
    ['denial by row', DENIAL_BY_ID_SQL],
    ['denial of a foreign event.id', DENIAL_OF_FOREIGN_ID_SQL],
    ['foreign event.id of a denial', FOREIGN_ID_SQL],
    ['what event.id is made of', IDENTITY_SQL],
    ['issues of a program', ISSUES_OF_PROGRAM_SQL],
    ['issues of another version', OTHER_ISSUES_SQL],
    ['texts with a prefix', textIdsSql('value >= ? AND value < ?')],
    ['denials of objects, counted', DENIALS_OF_OBJECTS_SQL],
    ['issues of paths', ISSUES_OF_PATHS_SQL],
    ['shapes of the network with a path', ODD_SHAPES_SQL],
    ['texts by row', TEXTS_SQL],
    ['numbers of issues', ENDS_OF_ISSUES_SQL],
    ['counts by the day', dayCountsSql('is_canary = 0')],
    ['points by the hour of all hosts', rollupPointsSql({ from: 'blocker_hours r' }, 'r.blockers', 'r.is_canary = 0')],
    ['issues of a day', ISSUES_OF_DAY_SQL],
    ['lists of the issues of a day', LISTS_OF_DAY_SQL],
    ['issues of the canary', CANARY_ISSUES_SQL],
    ['changes of counts', CHANGES_SQL],
    ['whether anything is counted within', IS_COUNTED_WITHIN_SQL],
    ['issues of a program and blockers', ISSUES_OF_GROUP_SQL],
    ...ISSUE_SORTS.map((sort): [string, string] => [`issues by ${sort}`, issueIdsSql(sort, 'i.is_canary = 0')]),
    ['issues of hosts', issueIdsSql('last_seen', 'i.id IN (SELECT r.issue FROM host_issues r WHERE r.host = ?)')],
    ['issue by row', ISSUE_BY_ID_SQL],
    ['issue by fingerprint', ISSUE_BY_FINGERPRINT_SQL],
    ['issues by fingerprint', ISSUE_IDS_SQL],
    ['hosts of an issue', ISSUE_HOSTS_SQL],
    ['days of an issue', ISSUE_DAYS_SQL],
    ['actors of an issue', ISSUE_ACTORS_SQL],
    ['latest denials of an issue', DENIALS_OF_ISSUE_SQL],
    ['issue of a denial', ISSUE_OF_DENIAL_SQL],
    ['denials of the same event', SAME_EVENT_SQL],
    ['repeats of the same event', SAME_REPEAT_SQL],
    ['repeats of a row', IDS_OF_ROW_SQL],
    ['domains that are over', oldDomainsSql('live')],
    ['processes of domains in order', NEXT_PROCESSES_SQL],
    ['hosts last denied within', LAST_DENIED_WITHIN_SQL],
    ['denial of a host within', HOST_DENIED_WITHIN_SQL],
    ['denial of any host within', IS_STORED_WITHIN_SQL],
    ['ends of the denials', ENDS_SQL],
    ['actors of texts', ACTORS_OF_TEXTS_SQL],
    ['programs by the hour of all hosts', rollupCountsSql(HOUR_PROGRAMS, 'r.program', 'r.is_canary = 0')],
    ['ids of the last denials', TAILS_SQL],
    ['ids of a run', RUN_ROW_SQL],
    ['domain event by event.id', DOMAIN_EVENT_SQL],
    ['malformed by event.id', MALFORMED_SQL],
    ['gap by event.id', GAP_SQL],
    ['records by sibling denial', SIBLING_DENIALS_SQL],
    ['records by sibling domain event', SIBLING_DOMAIN_EVENTS_SQL],
    ['domains', domainIdsSql('m.is_canary = 0')],
    ['domains by denials', sortedDomainIdsSql('denials', 'm.is_canary = 0')],
    ['domains of a host', domainIdsSql(hosts(db, { host: 'h' }, 'm.host'))],
    [
      'domains with a denial',
      domainIdsSql(
        `EXISTS (SELECT 1 FROM denials d WHERE d.domain = m.id AND ${denials(db, { query: 'path:/etc/*' })})`,
      ),
    ],
    ['hosts by name or id', HOST_IDS_SQL],
    ['domains by number', DOMAIN_IDS_SQL],
    ['domain by row', DOMAIN_BY_ID_SQL],
    ['domain by number', DOMAIN_BY_NUMBER_SQL],
    ['hosts', hostsSql('1')],
    ['hosts by denials', sortedHostsSql('denials', '1')],
    ['hosts of a fleet', hostsSql(hosts(db, { fleet: 'f' }, 'h.id'))],
    ['host', HOST_SQL],
    ['host by name', HOST_BY_NAME_SQL],
    ['lost of a host', LOST_OF_HOST_SQL],
    ['fleets', FLEETS_SQL],
    ['fleets by denials', sortedFleetsSql('denials')],
    ['fleet', FLEET_SQL],
    ['fleets by size', FLEETS_BY_SIZE_SQL],
    ['hosts of a fleet, for its metrics', FLEET_HOSTS_SQL],
    ['boots of a fleet', FLEET_BOOTS_SQL],
    ['counts of hosts that only count', AGGREGATES_SQL],
    ['versions of the hosts of a fleet', HOST_VERSIONS_SQL],
    ['denials of a version', PACKAGE_DAYS_SQL],
    ['denials of all versions in a fleet', FLEET_PACKAGE_DAYS_SQL],
    ['lists of counts of an issue', ISSUE_LISTS_SQL],
    ['lists of counts of issues', issueListsSql('is_canary = 0')],
    ['lists of issues of a host', issueListsSql('i.id IN (SELECT h.issue FROM host_issues h WHERE h.host = ?)')],
    ['hosts of a scope', scopeHostsSql('1')],
    ['how many hosts', HOSTS_SQL],
    ['lists of counts by host and hour', hostListsSql('programs', '1', 'hour')],
    ['lists of counts by host and day', hostListsSql('programs', '1', 'day')],
    ['hosts of a day', HOSTS_OF_DAY_SQL],
    ['host that was counted within', HOST_COUNTED_WITHIN_SQL],
    ['hosts of hours', HOSTS_OF_HOURS_SQL],
    [
      'points of few hosts',
      rollupPointsSql(
        DENIAL_HOURS,
        'r.host',
        `r.is_canary = 0${onlyKeys({ rollup: DENIAL_HOURS, key: 'r.host' }, [1], 0, 1).sql}`,
      ),
    ],
    [
      'points of few programs',
      rollupPointsSql(
        HOUR_PROGRAMS,
        'r.program',
        `r.is_canary = 0${onlyKeys({ rollup: HOUR_PROGRAMS, key: 'r.program' }, [1], 0, 1).sql}`,
      ),
    ],
    ['points of all programs', rollupTotalsSql(HOUR_PROGRAMS, 'r.is_canary = 0')],
    ['ends of the hours', ENDS_OF_HOURS_SQL],
    ['hours of a host', HOURS_OF_HOST_SQL],
    ['hours of a program', hoursOfProgramSql('AND is_canary = 0')],
    ['hours of all programs', hoursOfProgramsSql('AND is_canary = 0')],
    [
      'points of few issues',
      rollupPointsSql(
        HOUR_ISSUES,
        'i.id',
        `i.is_canary = 0${onlyKeys({ rollup: HOUR_ISSUES, key: 'i.id' }, [1], 0, 1).sql}`,
      ),
    ],
    ['share of the unlogged', unloggedShareSql('1')],
    ['boots of a host', BOOTS_SQL],
    ['counts of a boot', BOOT_COUNTS_SQL],
    ['lost of a boot', BOOT_LOST_SQL],
    ['losses', gapsSql('1')],
    ['losses of a host', gapsSql('n.host = ?')],
    ['malformed, listed', malformedListSql('1')],
    ['users from the denials', userDenialsSql(denials(db, {}))],
    ['names of a user', userNamesSql('1')],
    ['counts from the rollup', rollupCountsSql(DENIAL_HOURS, 'r.blockers', 'r.is_canary = 0')],
    ['counts from the rollup, one host', rollupCountsSql(DENIAL_HOURS, 'r.host', `r.is_canary = 0 AND ${one}`)],
    ['programs from the rollup', rollupCountsSql(PROGRAM_HOURS, 'r.program', 'r.is_canary = 0')],
    ['counts from the denials', rawCountsSql('blockers', denials(db, {}))],
    ['how many denials', rawTotalSql(denials(db, {}))],
    ['newest denial', NEWEST_DENIAL_SQL],
    ['programs denied', PROGRAMS_DENIED_SQL],
    ['points from the rollup', rollupPointsSql(DENIAL_HOURS, 'r.blockers', 'r.is_canary = 0')],
    ['points from the denials', rawPointsSql('host', denials(db, {}))],
    ...rolledUp.flatMap(([name, key, scope]): [string, string][] => {
      const { rollup, column, sql } = chosen(db, key, scope);
      return [
        [`counts of ${name}`, rollupCountsSql(rollup, column, sql)],
        [`points of ${name}`, rollupPointsSql(rollup, column, sql)],
      ];
    }),
    ['issues of which all is within the span', wholeIssuesSql('is_canary = 0')],
    [
      'counts of issues that are partly within the span',
      rollupCountsSql(HOUR_ISSUES, 'i.id', 'i.is_canary = 0 AND i.last_ms >= ? AND i.first_ms < ?'),
    ],
    ...SCANNED.map((field): [string, string] => [
      `values of ${field} from the denials`,
      scannedCountsSql(field, denials(db, {})),
    ]),
    ['values of comm of a host', scannedCountsSql('comm', denials(db, { host: 'h' }))],
    ['values of path below a path', scannedCountsSql('path', denials(db, { query: 'path:/etc/*' }))],
    ['values of an actor', ACTOR_VALUES_SQL],
    ['place of a domain', DOMAIN_PLACE_SQL],
    ['losses over time', lossesSql('1')],
    ['losses over time of a host', lossesSql(one)],
    ['malformed', malformedSql('1')],
    ['lost', lostSql('1')],
    ['unlogged', unloggedSql('1')],
    ['unlogged points', unloggedPointsSql('1')],
    ['issues first seen', firstSeenSql('is_canary = 0')],
    ['issues first seen in parts', firstSeenPartsSql('is_canary = 0')],
    ['hosts of days', HOSTS_OF_DAYS_SQL],
    ['silences', silencesSql('1')],
    ['present silences', presentSilencesSql('1')],
    ['domains allocated', domainsTurnedSql('allocated_ms', '1')],
    ['domains deallocated', domainsTurnedSql('deallocated_ms', '1')],
    ['domains live', domainsLiveSql('1')],
    ['oldest denial', OLDEST_DENIAL_SQL],
    ['denials stored', DENIALS_STORED_SQL],
    ['totals of the hosts', HOST_TOTALS_SQL],
    ['domains allocated, ever', DOMAINS_ALLOCATED_SQL],
    ['domains deallocated, ever', DOMAINS_DEALLOCATED_SQL],
    ['issues by status', ISSUES_BY_STATUS_SQL],
    ['how many issues', ISSUES_COUNT_SQL],
    ['collectors', COLLECTORS_SQL],
    ['collector of a host', COLLECTOR_SQL],
    ['span of a boot', BOOT_SPAN_SQL],
    ['domains of a boot', BOOT_DOMAINS_SQL],
    ['domains of a boot, counted', BOOT_DOMAIN_COUNT_SQL],
    ['domain events of a boot', BOOT_DOMAIN_EVENTS_SQL],
    ['denials of a boot', BOOT_DENIALS_SQL],
    ['denials of a boot, counted', BOOT_DENIAL_COUNT_SQL],
    ['denials before', SLOT_BEFORE_SQL],
    ['denials after', SLOT_AFTER_SQL],
    ['state of a host', HOST_DENIALS_SQL],
    ...TABLES.flatMap(({ newest, since }, index): [string, string][] => [
      [`newest row ${index}`, newest],
      [`row since ${index}`, since],
    ]),
    ['creations of a boot', BOOT_CREATIONS_SQL],
    ['calls of a boot', BOOT_CALLS_SQL],
    ['denials of a domain, for its family', DENIALS_OF_DOMAIN_SQL],
    ['events of a domain', EVENTS_OF_DOMAIN_SQL],
    ['creations of a domain', CREATIONS_OF_DOMAIN_SQL],
    ['calls of a process', CALLS_OF_PROCESS_SQL],
    ['domains of a process', DOMAINS_OF_PROCESS_SQL],
    ['domain of a family', NEAR_DOMAIN_SQL],
    ['domain by number and boot', DOMAIN_OF_NUMBER_SQL],
    ['traced children', TRACED_CHILDREN_SQL],
    ['signature of a domain', DOMAIN_SIGNATURE_SQL],
    ['signature of a process', PROCESS_SIGNATURE_SQL],
    ['signature of calls', CALLS_SIGNATURE_SQL],
    ['domain creation by event.id', DOMAIN_CREATION_SQL],
    ['call by event.id', SANDBOX_CALL_SQL],
    ...Object.entries(domainFilters).map(([name, filter]): [string, string] => [
      `domains ${name}`,
      domainIdsSql(filterConditions(db, filter)[0]?.sql ?? ''),
    ]),
    ['restrictions of a process', RESTRICTIONS_SQL],
    ['lost during a life', LOST_DURING_SQL],
    ['heartbeat of a host', HEARTBEAT_OF_HOST_SQL],
    ['traced after execve', TRACED_AFTER_EXEC_SQL],
    ['usage from the rollup', usageHoursSql('1')],
    ['usage from the calls', usageCallsSql('1')],
    ['domains by program', programDomainsSql('1')],
    ['denials by program and host', deniedSql(denials(db, {}))],
    ['event.id of a creation', KEY_OF_CREATION_SQL],
    ['event.id of a call', KEY_OF_CALL_SQL],
    ['boot of a denial', BOOT_OF_DENIAL_SQL],
    ['denials of a process around one', AROUND_SQL],
    ['denials of a host around one, counted', COUNT_AROUND_SQL],
    ['denials of a domain by issue', REFUSED_BY_DOMAIN_SQL],
    ['first host', FIRST_HOST_SQL],
    ['sums of a boot', BOOT_SUMS_SQL],
    ['event.id of a domain event', KEY_OF_DOMAIN_EVENT_SQL],
    ['views', named(VIEWS_SQL)],
    ['view', named(VIEW_SQL)],
  ];
  const plans = statements.map(([name, sql]) => `${name}\n${planOf(db, sql)}\n`).join('\n');
  await expect(plans).toMatchFileSnapshot('query-plans.golden.txt');
});
