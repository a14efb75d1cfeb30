import { expect, it } from 'vitest';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { packageMetrics } from '../../../src/store/fleets/package-metrics.ts';
import { listIssues } from '../../../src/store/issues/issues.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { takeHost } from '../../../src/store/retention/retention-host.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { testHeartbeat } from '../../api/support/documents.ts';
import { denial } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 2, 10);
const nginx = (version: string) => ({ name: 'nginx', version, type: 'dpkg' });

/** Three hosts; `a` and `b` go from 1.9 to 1.10 after four days and to 2 after eight, `c` keeps 1.9. */
function fleet() {
  const db = temporaryDatabase();
  const writer = new EventWriter(db);
  const versionAt = (host: string, day: number) => (host === 'c' || day < 4 ? '1.9' : day < 8 ? '1.10' : '2');
  for (let day = 0; day < 10; day += 0.25) {
    for (const host of ['a', 'b', 'c']) {
      const { distribution: _, ...about } = testHeartbeat().host;
      const said = { ...about, id: host, name: host, boot_id: `boot of ${host}` };
      const more = host === 'c' ? { distribution: 'Debian 12' } : { distribution: 'Debian 13' };
      const packages = [nginx(versionAt(host, day))];
      saveHeartbeat(db, { ...testHeartbeat(), host: { ...said, ...more }, packages }, T + day * DAY);
    }
  }
  let n = 0;
  const refuse = (host: string, day: number, path: string, times = 1, tags?: ['canary']) => {
    for (let i = 0; i < times; i++) {
      n += 1;
      const doc = denial({ n, ms: T + day * DAY + n, host, path, program: '/usr/sbin/nginx', ...(tags && { tags }) });
      writer.write([{ doc: { ...doc, package: nginx(versionAt(host, day)) } }], T);
    }
  };
  // /etc/old is gone with 1.10 and back with 2; /etc/new came with 1.10 and is gone with 2; /etc/always always was.
  refuse('a', 1, '/etc/old', 3);
  refuse('a', 1, '/etc/always');
  refuse('b', 2, '/etc/always');
  refuse('c', 2, '/etc/always', 2);
  refuse('a', 5, '/etc/new', 4);
  refuse('b', 6, '/etc/always', 1);
  refuse('a', 9, '/etc/old', 1);
  refuse('b', 9, '/etc/always', 1);
  refuse('b', 9, '/etc/canary', 1, ['canary']);
  return db;
}

const scope = { fromMs: T + HOUR, toMs: T + 10 * DAY - HOUR };

it('tells of each version its hosts, rates and issues that came, came back and ended, in the order hosts had them', () => {
  const db = fleet();
  const answer = packageMetrics(db, { fleet: 'default', package: 'nginx', scope });
  const issues = listIssues(db, { scope: {}, limit: 10 });
  if (isRefused(issues)) throw new Error('refused');
  const issueOf = (path: string) => {
    const { id: issue, title } = issues.data.find((one) => one.title.includes(path)) ?? {};
    return { issue, title };
  };
  expect(answer?.versions).toMatchObject([
    {
      version: '1.9',
      hosts: 3,
      hosts_affected: 3,
      denials: 7,
      host_days: 3.75 * 2 + 9.75,
      issues: { new: 0, regressed: 0, fixed: 0 },
      by_distribution: [
        { value: 'Debian 13', hosts: 2, denials: 5 },
        { value: 'Debian 12', hosts: 1, denials: 2 },
      ],
    },
    {
      version: '1.10',
      previous: '1.9',
      hosts: 2,
      denials: 5,
      per_100_host_days: 66.667,
      issues: { new: 1, regressed: 0, fixed: 1 },
    },
    { version: '2', previous: '1.10', hosts: 2, denials: 2, issues: { new: 0, regressed: 1, fixed: 1 } },
  ]);
  expect(answer?.versions[0]).not.toHaveProperty('previous');
  expect(new Set(answer?.issues)).toEqual(
    new Set([
      { version: '1.10', ...issueOf('/etc/old'), change: 'fixed', hosts: 1, denials: 3 },
      { version: '1.10', ...issueOf('/etc/new'), change: 'new', hosts: 1, denials: 4 },
      { version: '2', ...issueOf('/etc/new'), change: 'fixed', hosts: 1, denials: 4 },
      { version: '2', ...issueOf('/etc/old'), change: 'regressed', hosts: 1, denials: 1 },
    ]),
  );
  expect(answer?.updates).toEqual([
    {
      from: '1.10',
      to: '2',
      hosts: 2,
      before: { denials: 5, host_days: 8, per_100_host_days: 62.5 },
      after: { denials: 2, host_days: 3.5, per_100_host_days: 57.143 },
      issues_began: 1,
      issues_ended: 1,
    },
    {
      from: '1.9',
      to: '1.10',
      hosts: 2,
      before: { denials: 5, host_days: 8, per_100_host_days: 62.5 },
      after: { denials: 5, host_days: 7.5, per_100_host_days: 66.667 },
      issues_began: 1,
      issues_ended: 1,
    },
  ]);
});

it('without a package tells of those that something was denied to in the span', () => {
  const db = fleet();
  const { versions, ...rest } =
    packageMetrics(db, { fleet: 'default', scope: { ...scope, fromMs: T + 8 * DAY } }) ?? {};
  expect(versions?.map(({ version, denials }) => [version, denials])).toEqual([['2', 2]]);
  expect(rest).toEqual({ fleet: 'default', from: expect.any(String), to: expect.any(String) });
  expect(packageMetrics(db, { fleet: 'none', scope })).toBeUndefined();
});

it('forgets a host that is deleted, and with the last one the package', () => {
  const db = fleet();
  const rows = () =>
    db.prepare('SELECT (SELECT count(*) FROM host_packages), (SELECT count(*) FROM package_days)').raw().get();
  for (const { id } of db.prepare('SELECT id FROM hosts').all() as { id: number }[]) {
    for (const _ of takeHost(db, id, T));
  }
  expect([rows(), db.prepare('SELECT count(*) FROM packages').pluck().get()]).toEqual([[0, 0], 0]);
});
