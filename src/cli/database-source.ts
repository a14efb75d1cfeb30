// Answers from a database file, read-only.
import { existsSync } from 'node:fs';
import { OperatingError } from '../runtime/operating-error.ts';
import type { Page } from '../store/answers.ts';
import { closeDatabase, openDatabase, refuseHidden } from '../store/database/open.ts';
import { toStoreError } from '../store/database/store-error.ts';
import type { DomainFilter } from '../store/families/domains.ts';
import { ISSUE_STATUSES, type IssueStatus } from '../store/issues/issue-answers.ts';
import type { IssuesRequest } from '../store/issues/issues.ts';
import { READERS } from '../store/reader-table.ts';
import { type Answer, isRefused } from '../store/refused.ts';
import { usageError } from './arguments.ts';
import type { Filter, PageQuery, QuerySource, ResourceName, Resources } from './query-source.ts';

/** Opens `path` for reading. Throws OperatingError where there is no such file, or what the store says of it. */
export function openDatabaseQuerySource(path: string): QuerySource {
  refuseHidden(path);
  if (!existsSync(path)) {
    throw new OperatingError('no-database', `there is no database at ${path}`, 'give the path of one, or import some');
  }
  const db = openDatabase(path, { readonly: true });
  const readers: { readonly [Name in ResourceName]: (query: PageQuery) => Answer<Page<Resources[Name]>> } = {
    denials: (query) => READERS.listDenials(db, query),
    domains: (query) => READERS.listDomains(db, { ...query, filter: toDomainFilter(query.filter) }),
    hosts: (query) => READERS.listHosts(db, query),
    fleets: (query) => READERS.listFleets(db, query),
    programs: (query) => READERS.listPrograms(db, { ...query, program: query.filter?.program }),
    'audit-log': ({ scope: { fromMs, toMs }, filter, ...page }) =>
      READERS.listAdminActs(db, { ...page, ...filter, fromMs, toMs }),
    issues: (query) => READERS.listIssues(db, { ...query, ...toIssueFilter(query.filter) }),
  };
  const ask = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw toStoreError(error, path);
    }
  };
  return {
    page: async (name, query) => ask(() => answered(readers[name](query))),
    tree: async (key) => ask(() => READERS.domainTree(db, key)),
    explain: async (what, id) =>
      ask(() =>
        what === 'denials' ? READERS.explainDenial(db, { eventId: id }) : READERS.explainIssue(db, { issue: id }),
      ),
    suggest: async (request) => ask(() => answered(READERS.suggestRules(db, request))),
    packages: async (request) => ask(() => READERS.packageMetrics(db, request)),
    explainDomain: async (key) => ask(() => READERS.explainDomain(db, key)),
    close: () => closeDatabase(db),
  };
}

function toDomainFilter({ id, boot, program, status, has }: Filter = {}): DomainFilter {
  const isOther = status === undefined || isIssueStatus(status);
  return { id, boot, program, isUnlogged: has === 'unlogged', ...(!isOther && { status }) };
}

function toIssueFilter({ status, sort }: Filter = {}): Pick<IssuesRequest, 'status' | 'sort'> {
  return { sort, ...(status !== undefined && isIssueStatus(status) && { status }) };
}

function isIssueStatus(status: string): status is IssueStatus {
  return ISSUE_STATUSES.some((known) => known === status);
}

/** A question that the store refuses is wrong usage here. */
function answered<T>(answer: Answer<T>): T {
  if (isRefused(answer)) {
    const where = answer.position === undefined ? '' : ` (at character ${answer.position + 1})`;
    throw usageError(`${answer.message}${where}`, answer.hint);
  }
  return answer;
}
