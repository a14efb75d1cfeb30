// What the query commands ask for answers. A database file and a running server give the same shapes, because the
// server only passes on what the readers answer.
import type { Denial } from '../landlock/document.ts';
import type { ActOutcome, AdminActAnswer } from '../store/access/admin-acts.ts';
import type {
  DomainAnswer,
  DomainTreeAnswer,
  FleetAnswer,
  HostAnswer,
  Page,
  ProgramAnswer,
  Scope,
} from '../store/answers.ts';
import type { DomainExplanationAnswer, ExplanationAnswer } from '../store/explaining/explanation-answers.ts';
import type { SuggestAnswer, SuggestRequest } from '../store/explaining/suggestions.ts';
import type { PackageMetrics, PackageMetricsRequest } from '../store/fleets/package-metrics.ts';
import type { IssueAnswer, IssueSort, IssueStatus } from '../store/issues/issue-answers.ts';

/** What can be listed, and the shape of one row. */
export interface Resources {
  readonly denials: Denial;
  readonly domains: DomainAnswer;
  readonly hosts: HostAnswer;
  readonly fleets: FleetAnswer;
  readonly programs: ProgramAnswer;
  readonly issues: IssueAnswer;
  readonly 'audit-log': AdminActAnswer;
}
export type ResourceName = keyof Resources;

/** Upper bound of `limit`, as in REST. */
export const PAGE_ROWS_MAX = 500;

/** Named as the parameters of REST are; a list knows those that its command has options for. */
export interface Filter {
  readonly id?: string | undefined;
  readonly boot?: string | undefined;
  readonly program?: string | undefined;
  readonly status?: DomainAnswer['status'] | IssueStatus | undefined;
  readonly sort?: IssueSort | undefined;
  readonly has?: 'unlogged' | undefined;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: ActOutcome | undefined;
}

/** One domain. */
export interface DomainKey {
  /** Host id. */
  readonly host: string;
  readonly boot: string;
  readonly id: string;
}

export interface PageQuery {
  readonly scope: Scope;
  /** What the list can be narrowed by beside its scope. */
  readonly filter?: Filter;
  readonly limit: number;
  readonly cursor?: string;
}

export interface QuerySource {
  page<Name extends ResourceName>(name: Name, query: PageQuery): Promise<Page<Resources[Name]>>;
  /** Its known ancestors and descendants, and itself; undefined where there is no such domain. */
  tree(key: DomainKey): Promise<DomainTreeAnswer | undefined>;
  /** A denial or an issue in plain words; undefined where there is none. */
  explain(what: 'denials' | 'issues', id: string): Promise<ExplanationAnswer | undefined>;
  /** `host`: id or name. */
  explainDomain(key: DomainKey): Promise<DomainExplanationAnswer | undefined>;
  /** The rules that would have let the selected denials pass, in that format. */
  suggest(request: SuggestRequest): Promise<SuggestAnswer>;
  /** Versions of packages in a fleet; undefined where there is no such fleet. */
  packages(request: PackageMetricsRequest): Promise<PackageMetrics | undefined>;
  /**
   * New denials as they are stored, from the moment when this resolves on; absent where one has to ask again and
   * again.
   */
  readonly follow?: (scope: Scope, signal: AbortSignal) => Promise<AsyncIterable<Denial>>;
  close(): void;
}
