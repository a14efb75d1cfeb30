import { describe, expect, it } from 'vitest';
import { summary } from '../../../src/store/counts/summary.ts';
import { timeSeries } from '../../../src/store/counts/time-series.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { listDenials } from '../../../src/store/denials/denials.ts';
import { ISSUES_OF_GROUP_MAX } from '../../../src/store/interning/issue-register.ts';
import { changeIssue } from '../../../src/store/issues/issue-changes.ts';
import { getIssue, type IssuesRequest, listIssues } from '../../../src/store/issues/issues.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { audited, denial, T0 } from '../support/documents.ts';
import { expectExactRollups } from '../support/rollups.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

/** A word that no template takes for a number or for random. */
function letters(n: number): string {
  return [n, n / 26, n / 676].map((value) => 'abcdefghijklmnopqrstuvwxyz'[Math.floor(value) % 26]).join('-');
}

describe('the issues of stored denials', () => {
  it('are one for the same program, blockers and object, whatever the host, process and time', () => {
    const db = temporaryDatabase();
    const docs = [
      denial({ n: 1 }),
      denial({ n: 2, host: 'other', pid: 7, uid: '33', comm: 'x' }),
      denial({ n: 3, path: '/etc/shadow' }),
      denial({ n: 4, blockers: ['fs.write_file'] }),
      denial({ n: 5, program: '/usr/bin/other' }),
      denial({ n: 6, tags: ['canary'] }),
    ];
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    const issues = db.prepare('SELECT object_key AS path, is_canary AS canary, denials, hosts FROM issues ORDER BY id');
    expect(issues.all()).toEqual([
      { path: '/etc/passwd', canary: 0, denials: 2, hosts: 2 },
      { path: '/etc/shadow', canary: 0, denials: 1, hosts: 1 },
      { path: '/etc/passwd', canary: 0, denials: 1, hosts: 1 },
      { path: '/etc/passwd', canary: 0, denials: 1, hosts: 1 },
      { path: '/etc/passwd', canary: 1, denials: 1, hosts: 1 },
    ]);
    expectExactRollups(db);
  });

  it('of one program are gathered in one where they would be too many, also by a later writer', () => {
    const db = temporaryDatabase();
    const paths = Array.from({ length: ISSUES_OF_GROUP_MAX + 10 }, (_, n) => `/${letters(n)}`);
    const docs = paths.map((path, n) => audited(denial({ n, path })));
    new EventWriter(db).write(
      docs.slice(0, ISSUES_OF_GROUP_MAX + 4).map((doc) => ({ doc })),
      T0,
    );
    new EventWriter(db).write(
      docs.slice(10).map((doc) => ({ doc })),
      T0,
    );
    const gathered = db.prepare("SELECT denials FROM issues WHERE object_detail = 'gathered'").all();
    expect(gathered).toEqual([{ denials: paths.length - ISSUES_OF_GROUP_MAX }]);
    expect(db.prepare('SELECT count(*) AS n FROM issues').get()).toEqual({ n: ISSUES_OF_GROUP_MAX + 1 });
    expectExactRollups(db);
  });

  it('cannot be broken by denials that claim to be gathered', () => {
    const db = temporaryDatabase();
    const claim = (n: number) => {
      const { file: _, ...doc } = denial({ n });
      const { landlock } = doc;
      return { doc: { ...doc, landlock: { ...landlock, object: { kind: 'file', ioctl_command: 'gathered' } } } };
    };
    const others = Array.from({ length: ISSUES_OF_GROUP_MAX + 4 }, (_, n) => ({
      doc: denial({ n: n + 10, path: `/${letters(n)}` }),
    }));
    expect(new EventWriter(db).write([claim(1), ...others, claim(2)], T0).stored).toBe(others.length + 2);
    expect(new EventWriter(db).write([claim(3)], T0).stored).toBe(1);
    expectExactRollups(db);
  });

  it('that were resolved have regressed when they come back, and not by what comes late', () => {
    const db = temporaryDatabase();
    const status = () => db.prepare<[], { status: string }>('SELECT status FROM issues').get()?.status;
    const writer = new EventWriter(db);
    writer.write([{ doc: denial({ n: 1 }) }], T0);
    db.prepare("UPDATE issues SET status = 'resolved', status_ms = ?").run(T0 + 100);
    writer.write([{ doc: denial({ n: 50 }) }], T0);
    expect(status()).toBe('resolved');
    writer.write([{ doc: denial({ n: 101 }) }], T0);
    expect(status()).toBe('regressed');
  });
});

const DAY = 86_400_000;

/** Three issues: /a (3 denials of 2 hosts, the latest), /b (1), /c (2, the earliest). */
function filled(): Database {
  const db = temporaryDatabase();
  const docs = [
    denial({ n: 1, path: '/c', ms: T0 - 2 * DAY }),
    denial({ n: 2, path: '/c', ms: T0 - 2 * DAY + 1, uid: '7' }),
    denial({ n: 3, path: '/b', ms: T0 - DAY }),
    denial({ n: 4, path: '/a', ms: T0 - DAY }),
    denial({ n: 5, path: '/a', ms: T0 }),
    denial({ n: 6, path: '/a', ms: T0 + 1, host: 'other' }),
    denial({ n: 7, path: '/a', ms: T0 + 2, tags: ['canary'] }),
  ];
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  return db;
}

function keys(db: Database, request: IssuesRequest): readonly string[] {
  const page = listIssues(db, request);
  if (isRefused(page)) throw new Error(page.message);
  return page.data.map((issue) => issue.object.key);
}

describe('the list of issues', () => {
  it('is sorted as asked, and leaves out the canary unless it is asked for', () => {
    const db = filled();
    expect(keys(db, { scope: {} })).toEqual(['/a', '/b', '/c']);
    expect(keys(db, { scope: {}, sort: 'first_seen' })).toEqual(['/a', '/b', '/c']);
    expect(keys(db, { scope: {}, sort: 'denials' })).toEqual(['/a', '/c', '/b']);
    expect(keys(db, { scope: {}, sort: 'hosts' })[0]).toBe('/a');
    expect(keys(db, { scope: { includeCanary: true } })).toEqual(['/a', '/a', '/b', '/c']);
  });

  it('has the trend of each where it is asked for', () => {
    const db = filled();
    const list = (withTrend: boolean) => {
      const page = listIssues(db, { scope: {}, withTrend });
      if (isRefused(page)) throw new Error(page.message);
      return page.data.map((issue) => issue.trend?.points.slice(-2));
    };
    expect(list(true)).toEqual([
      [1, 2],
      [0, 1],
      [0, 2],
    ]);
    expect(list(false)).toEqual([undefined, undefined, undefined]);
  });

  it('is narrowed by time, host, query and status', () => {
    const db = filled();
    expect(keys(db, { scope: { toMs: T0 - 3 * (DAY / 2) } })).toEqual(['/c']);
    expect(keys(db, { scope: { fromMs: T0 - DAY / 2 } })).toEqual(['/a']);
    expect(keys(db, { scope: { host: 'other' } })).toEqual(['/a']);
    expect(keys(db, { scope: { query: 'uid:7' } })).toEqual(['/c']);
    expect(keys(db, { scope: { query: 'uid:7 and host:other' } })).toEqual([]);
    expect(keys(db, { scope: {}, status: 'resolved' })).toEqual([]);
  });

  it('is paged by each order, each issue once', () => {
    const db = filled();
    for (const sort of ['last_seen', 'first_seen', 'denials', 'hosts'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = listIssues(db, { scope: { includeCanary: true }, sort, limit: 1, cursor });
        if (isRefused(page)) throw new Error(page.message);
        seen.push(...page.data.map((issue) => `${issue.id} ${issue.canary}`));
        cursor = page.next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect([seen.length, new Set(seen).size]).toEqual([4, 4]);
    }
    const other = listIssues(db, { scope: {}, limit: 1 });
    if (isRefused(other)) throw new Error(other.message);
    expect(listIssues(db, { scope: {}, sort: 'hosts', cursor: other.next_cursor ?? '' })).toMatchObject({
      code: 'invalid-cursor',
    });
  });

  it('tells of one issue where, who and when, with its latest denials', () => {
    const db = filled();
    const page = listIssues(db, { scope: {} });
    if (isRefused(page)) throw new Error(page.message);
    const { id = '' } = page.data[0] ?? {};
    const issue = getIssue(db, id);
    expect(issue).toMatchObject({
      id,
      program: '/usr/bin/bash',
      blockers: ['fs.read_file'],
      object: { class: 'path', key: '/a' },
      denials: 3,
      hosts: 2,
      first_seen: new Date(T0 - DAY).toISOString(),
      last_seen: new Date(T0 + 1).toISOString(),
      status: 'open',
      programs: [{ program: '/usr/bin/bash', denials: 3 }],
      users: [{ user: '0', denials: 3 }],
      sampled: 3,
    });
    expect(issue?.host_list.map((host) => [host.id, host.denials])).toEqual([
      ['host-1', 2],
      ['other', 1],
    ]);
    expect(issue?.samples.map((doc) => doc.event.sequence)).toEqual([6, 5, 4]);
    expect(issue?.trend.points.slice(-3)).toEqual([0, 1, 2]);
    expect(issue?.title).toBe('bash is refused to read /a');
    expect(getIssue(db, 'nothing')).toBeUndefined();
  });

  it('is found again by the query language', () => {
    const db = filled();
    const page = listIssues(db, { scope: {} });
    if (isRefused(page)) throw new Error(page.message);
    const [first, second] = page.data.map((issue) => issue.id);
    const serials = (query: string) => {
      const found = listDenials(db, { scope: { query } });
      if (isRefused(found)) throw new Error(found.message);
      return found.data.map((doc) => doc.event.sequence);
    };
    expect(serials(`issue:${first}`)).toEqual([6, 5, 4]);
    expect(serials(`issue:${second} or issue:${first?.slice(0, 9)}*`)).toEqual([6, 5, 4, 3]);
    expect(serials('issue:nothing')).toEqual([]);
  });

  it('keeps what people say of an issue', () => {
    const db = filled();
    const page = listIssues(db, { scope: {} });
    if (isRefused(page)) throw new Error(page.message);
    const { id = '' } = page.data[0] ?? {};
    expect(changeIssue(db, id, { status: 'resolved', note: 'fixed in 2.1', assignee: 'kim' }, T0 + 5)).toBe('changed');
    expect(changeIssue(db, id, { assignee: '' }, T0 + 9)).toBe('changed');
    expect(changeIssue(db, 'nothing', { status: 'open' }, T0)).toBe('unknown');
    const issue = getIssue(db, id);
    expect(issue).toMatchObject({ status: 'resolved', note: 'fixed in 2.1' });
    expect(issue?.status_changed_at).toBe(new Date(T0 + 5).toISOString());
    expect(issue).not.toHaveProperty('assignee');
  });
});

describe('a program that is asked for', () => {
  const program = '/opt/app-1.2.3/bin/app';

  it('is found by its issues, with others of their template left out', () => {
    const db = temporaryDatabase();
    const docs = [denial({ n: 1, program }), denial({ n: 2, program: '/opt/app-1.2.4/bin/app' }), denial({ n: 3 })];
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    const serials = () => {
      const found = listDenials(db, { scope: { query: `program:"${program}"` } });
      if (isRefused(found)) throw new Error(found.message);
      return found.data.map((doc) => doc.event.sequence);
    };
    expect(serials()).toEqual([1]);
    // Issues that another version made say nothing of this one's templates.
    db.prepare("UPDATE issues SET version = 99, program = (SELECT id FROM strings WHERE value = 'sh')").run();
    expect(serials()).toEqual([1]);
  });
});

describe('counts over days', () => {
  it('are those of the denials, whatever the span', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 240 }, (_, n) =>
      denial({
        n,
        ms: T0 + n * 3_333_333,
        host: `h${n % 3}`,
        program: `/p${'x'.repeat(n % 5)}`,
        blockers: [n % 2 === 0 ? 'fs.read_file' : 'net.bind_tcp'],
        ...(n % 7 === 0 ? { tags: ['canary'] as const } : {}),
      }),
    );
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    for (const [from, to] of [
      [0, 240],
      [11, 233],
      [13, 60],
      [40, 44],
    ] as const) {
      const scope = { fromMs: T0 + from * 3_333_333, toMs: T0 + to * 3_333_333 };
      const inside = docs.slice(from, to).filter((doc) => doc.tags === undefined);
      const found = summary(db, { ...scope });
      if (isRefused(found)) throw new Error(found.message);
      expect(found.denials).toBe(inside.length);
      expect(found.hosts.denied).toBe(new Set(inside.map((doc) => doc.host.id)).size);
      expect(found.programs).toBe(new Set(inside.map((doc) => doc.process?.executable)).size);
      const reads = inside.filter((doc) => doc.landlock.blockers[0] === 'fs.read_file').length;
      expect(found.by_blocker.find((one) => one.blocker === 'fs.read_file')?.denials).toBe(reads);
      const series = timeSeries(db, scope, 3_600_000, 'blocker');
      if (isRefused(series)) throw new Error(series.message);
      const points = series.series.find((one) => one.key === 'fs.read_file')?.points ?? [];
      expect(points.reduce((sum, point) => sum + point, 0)).toBe(reads);
    }
  });
});
