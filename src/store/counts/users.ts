// Lists the users whose processes were denied something, by their ids, with what they are called where. Exact over any
// span: whole hours from the rollup, the rest of the first and last hour from the denials.
import type { Page, Scope } from '../answers.ts';
import { WEIGHTS } from '../columns/repeats.ts';
import { HOUR_MS, slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromKeysCursor, type PageRequest, pageLimit, toKeysPage } from '../query/cursor.ts';
import { checkCancelled } from '../query/scan.ts';
import { type Compiled, compileScope, type Span, slotsOf } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import { splitSpan } from './counts.ts';
import { forEachHostCount } from './host-counts.ts';
import { HostSet } from './host-set.ts';
import { drawIn } from './summary.ts';

export const USER_SORTS = ['denials', 'hosts', 'last_seen', 'uid'] as const;
export type UserSort = (typeof USER_SORTS)[number];

/** The scope's query does not count. */
export interface UsersRequest extends PageRequest {
  readonly scope: Scope;
  /** Default: denials. The greatest first, but the least uid. */
  readonly sort?: UserSort | undefined;
  readonly uid?: number | undefined;
}

export interface UserAnswer {
  readonly uid: number;
  /** What agents know this id as, most hosts first; different hosts may call different people so. */
  readonly names?: readonly { readonly name: string; readonly hosts: number }[];
  readonly hosts: number;
  readonly denials: number;
  /** The hour of the last denial within the span. */
  readonly last_seen: string;
}

const namesMax = 10;

export function userDenialsSql(condition: string): string {
  return `
  SELECT (SELECT a.uid FROM actors a WHERE a.id = d.actor) AS uid, d.host, ${WEIGHTS} AS denials, max(d.id) AS slot
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}
  GROUP BY uid, d.host`;
}

export function userNamesSql(hosts: string): string {
  return `
  SELECT name, count(*) AS hosts
  FROM user_names
  WHERE uid = ?
    AND ${hosts}
  GROUP BY name
  ORDER BY hosts DESC, name
  LIMIT ?`;
}

interface User {
  readonly uid: number;
  readonly hosts: HostSet;
  denials: number;
  hour: number;
}

/** One page of the users of whose processes something was denied within the span. */
export function listUsers(db: Database, request: UsersRequest): Answer<Page<UserAnswer>> {
  const { query: _, ...asked } = request.scope;
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  const sort = request.sort ?? 'denials';
  const kind = `users-${sort}`;
  const after = fromKeysCursor(kind, request.cursor, 2);
  if (isRefused(after)) return after;
  const limit = pageLimit(request.limit);
  const placed = countUsers(db, scope, drawIn(db, scope))
    .filter(({ uid }) => request.uid === undefined || uid === request.uid)
    .map((user) => ({ user, value: sortValue(user, sort) }))
    .filter(({ user, value }) => after === undefined || isAfter([value, user.uid], after))
    .sort((a, b) => b.value - a.value || a.user.uid - b.user.uid);
  return toKeysPage(
    kind,
    placed.slice(0, limit + 1),
    limit,
    ({ user, value }) => [value, user.uid],
    ({ user }) => toAnswer(db, scope, user),
  );
}

function isAfter([value = 0, uid = 0]: readonly number[], [lastValue = 0, lastUid = 0]: readonly number[]): boolean {
  return value < lastValue || (value === lastValue && uid > lastUid);
}

function sortValue(user: User, sort: UserSort): number {
  switch (sort) {
    case 'denials':
      return user.denials;
    case 'hosts':
      return user.hosts.size;
    case 'last_seen':
      return user.hour;
    case 'uid':
      return -user.uid;
  }
}

function countUsers(db: Database, scope: Compiled, span: Span): readonly User[] {
  const users = new Map<number, User>();
  const userOf = (uid: number, hour: number): User => {
    const user = users.get(uid) ?? { uid, hosts: new HostSet(), denials: 0, hour };
    users.set(uid, user);
    user.hour = Math.max(user.hour, hour);
    return user;
  };
  const { from, to, rests } = splitSpan(span);
  if (from < to) {
    forEachHostCount(db, scope, { list: 'users', from, to }, (counts) => {
      const user = userOf(counts.key, counts.hour);
      user.denials += counts.denials;
      user.hosts.addEach(counts);
    });
    findLastHours(db, scope, { from, to }, users);
  }
  for (const rest of rests) {
    checkCancelled(db);
    const { first, end } = slotsOf(rest);
    const counts = statement<UserDenials>(db, userDenialsSql(scope.denials.sql));
    for (const { uid, host, denials, slot } of counts.iterate(first, end, ...scope.denials.params)) {
      if (uid === null) continue;
      const user = userOf(uid, Math.floor(slotMs(slot) / HOUR_MS));
      user.denials += denials;
      user.hosts.add(host);
    }
  }
  return [...users.values()];
}

/** What was counted by the day says the day's first hour: the last one is looked for in those days that are anyone's last. */
function findLastHours(
  db: Database,
  scope: Compiled,
  { from, to }: { readonly from: number; readonly to: number },
  users: ReadonlyMap<number, User>,
): void {
  const days = new Set(Array.from(users.values(), ({ hour }) => Math.floor(hour / HOURS_PER_DAY)));
  for (const day of days) {
    const first = day * HOURS_PER_DAY;
    const hours = { from: Math.max(from, first), to: Math.min(to, first + HOURS_PER_DAY) };
    forEachHostCount(db, scope, { list: 'users', ...hours, isHourly: true }, ({ key, hour }) => {
      const user = users.get(key);
      if (user !== undefined) user.hour = Math.max(user.hour, hour);
    });
  }
}

interface UserDenials {
  readonly uid: number | null;
  readonly host: number;
  readonly denials: number;
  readonly slot: number;
}

function toAnswer(db: Database, scope: Compiled, user: User): UserAnswer {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const select = statement<{ name: string; hosts: number }>(db, userNamesSql(hosts.sql));
  const names = select.all(user.uid, ...hosts.params, namesMax);
  return {
    uid: user.uid,
    ...(names.length > 0 && { names }),
    hosts: user.hosts.size,
    denials: user.denials,
    last_seen: new Date(user.hour * HOUR_MS).toISOString(),
  };
}
