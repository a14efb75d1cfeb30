// What the database knows of whom `trespass why` is asked about: issues, the newest denial explained, and denials of its
// domains that nobody logged.
import type { Denial } from '../../landlock/document.ts';
import { type Explanation, explain } from '../../landlock/explain/explain.ts';
import type { DomainAnswer, Scope } from '../../store/answers.ts';
import type { IssueAnswer } from '../../store/issues/issue-answers.ts';
import type { QuerySource } from '../query-source.ts';
import type { Subject } from './subject.ts';

const ISSUES_SHOWN = 5;
const DENIALS_MAX = 500;
const DOMAINS_MAX = 500;

export interface StoredAnswer {
  readonly query: string;
  /** Denials that match; beyond 500 they are not counted further. */
  readonly denials: number;
  readonly is_more: boolean;
  readonly newest_at?: string;
  readonly newest_id?: string;
  /** The newest of these. */
  readonly oldest_at?: string;
  readonly issues: readonly Pick<IssueAnswer, 'id' | 'title' | 'denials' | 'last_seen' | 'status'>[];
  readonly more_issues: boolean;
  /** Of the newest denial. */
  readonly explanation?: Explanation;
  /** Domains that a program made, with denials that were not logged. */
  readonly unlogged?: { readonly domains: number; readonly denials: number };
}

export async function askStored(
  source: QuerySource,
  subject: Subject,
  within: Pick<Scope, 'fromMs' | 'host'>,
): Promise<StoredAnswer> {
  const scope: Scope = { ...within, query: subject.query };
  const page = await source.page('denials', { scope, limit: DENIALS_MAX });
  const issues = await source.page('issues', { scope, limit: ISSUES_SHOWN });
  const [newest] = page.data;
  const oldest = page.data.at(-1);
  const explanation = newest && explain(newest, await contextOf(source, newest));
  const unlogged = await unloggedOf(source, subject, within);
  return {
    query: subject.query,
    denials: page.data.length,
    is_more: page.next_cursor !== null,
    ...(newest !== undefined && { newest_at: newest['@timestamp'], newest_id: newest.event.id }),
    ...(oldest !== undefined && { oldest_at: oldest['@timestamp'] }),
    issues: issues.data.map(({ id, title, denials, last_seen, status }) => ({ id, title, denials, last_seen, status })),
    more_issues: issues.next_cursor !== null,
    ...(explanation !== undefined && { explanation }),
    ...(unlogged !== undefined && { unlogged }),
  };
}

/** Who made the domain of a denial. */
async function contextOf(source: QuerySource, { host, landlock }: Denial): Promise<Parameters<typeof explain>[1]> {
  const filter = { id: landlock.domain.id, boot: host.boot.id };
  const { data } = await source.page('domains', { scope: { host: host.id }, filter, limit: 1 });
  const creator = data[0]?.creator;
  return creator === undefined ? {} : { creator };
}

async function unloggedOf(
  source: QuerySource,
  { kind, text }: Subject,
  scope: Pick<Scope, 'fromMs' | 'host'>,
): Promise<StoredAnswer['unlogged']> {
  if (kind !== 'program' && kind !== 'path') return undefined;
  const program = (kind === 'path' ? text : `*/${text}`).replace(kind === 'path' ? /[\\*]/g : /(?!^)[\\*]/g, '\\$&');
  const { data } = await source.page('domains', { scope, filter: { program, has: 'unlogged' }, limit: DOMAINS_MAX });
  if (data.length === 0) return undefined;
  return { domains: data.length, denials: data.reduce((sum, domain) => sum + unloggedCount(domain), 0) };
}

function unloggedCount({ denials }: DomainAnswer): number {
  return denials.unlogged ?? denials.traced ?? 0;
}
