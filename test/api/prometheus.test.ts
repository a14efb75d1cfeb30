// What Prometheus and Grafana make of /metrics: checked by the distribution's own promtool, and scraped by a real server.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../support/needed-program.ts';
import { testAllocation, testDeallocation, testDenial, testHeartbeat, testHost } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const etc = fileURLToPath(new URL('../../etc/', import.meta.url));
const prometheus = findProgram('prometheus');
const promtool = findProgram('promtool');
const isRequired = process.env.TRESPASS_REQUIRE_KERNEL === '1';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  const odd = testDenial(4, {});
  Object.assign(odd.landlock, { blockers: ['fs.read_file', 'new"thing\\{x="1"}\n#', '__proto__'] });
  const canary = testDenial(5, { tags: ['canary'], host: { ...testHost, boot: { id: 'boot-0' } } });
  await app.deliver([testAllocation(), testDenial(1), testDenial(2), odd, canary, testDeallocation()]);
  await app.ingest.inject({ method: 'POST', url: '/api/v1/agents/self/heartbeat', payload: testHeartbeat() });
  await app.api.inject({ url: '/api/v1/denials' });
});
afterAll(() => app.close());

const metrics = async () => (await app.api.inject({ url: '/metrics' })).body;

describe('/metrics', () => {
  it('counts denials by known blockers, all others together, and none of the canary', async () => {
    const lines = (await metrics()).split('\n');
    const denials = lines.filter((line) => line.startsWith('landlock_denials_total{') && !line.endsWith(' 0'));
    expect(denials).toEqual([
      'landlock_denials_total{blocker="fs.read_file"} 3',
      'landlock_denials_total{blocker="other"} 1',
    ]);
    await app.deliver([testDenial(1)], 50);
    expect(await metrics()).toContain('landlock_denials_total{blocker="fs.read_file"} 3\n');
  });

  it('tells domains, issues, losses and how long questions took', async () => {
    const lines = (await metrics()).split('\n');
    const wanted = [
      'landlock_domains{state="allocated"} 1',
      'landlock_domains{state="deallocated"} 1',
      'landlock_domains{state="live"} 0',
      'landlock_unlogged_denials 4',
      'trespass_issues{status="open"} 2',
      'trespass_issues{status="regressed"} 0',
      'trespass_collectors{state="online"} 1',
      'trespass_lost{cause="serial-gap"} 0',
      'trespass_query_duration_seconds_bucket{reader="listDenials",le="+Inf"} 1',
      'trespass_query_duration_seconds_count{reader="listDenials"} 1',
    ];
    expect(wanted.filter((line) => !lines.includes(line))).toEqual([]);
  });

  it('has each number that the board and the rules speak of', async () => {
    const known = new Set([...(await metrics()).matchAll(/^(\w+)(?:\{| )/gm)].map(([, name]) => name));
    const board: { panels: { targets: { expr: string }[] }[] } = JSON.parse(
      readFileSync(join(etc, 'grafana-dashboard.json'), 'utf8'),
    );
    const expressions = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    const texts = [...expressions, readFileSync(join(etc, 'prometheus-rules.yml'), 'utf8')];
    const names = texts.flatMap((text) => [...text.matchAll(/\b(?:landlock|trespass)_[a-z_]+/g)].map(([name]) => name));
    expect(expressions.length).toBeGreaterThan(10);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe.skipIf(promtool === undefined && !isRequired)('promtool', () => {
  it('finds no fault with the metrics', async () => {
    const result = spawnSync(promtool ?? 'promtool', ['check', 'metrics'], {
      input: await metrics(),
      encoding: 'utf8',
    });
    expect([result.status, result.stdout, result.stderr]).toEqual([0, '', '']);
  });

  it('takes the rules', () => {
    const output = execFileSync(promtool ?? 'promtool', ['check', 'rules', join(etc, 'prometheus-rules.yml')]);
    expect(output.toString()).toContain('SUCCESS: 10 rules found');
  });
});

describe.skipIf(prometheus === undefined && !isRequired)('a Prometheus of the distribution', () => {
  it('scrapes the server with a token, and knows the rules', async () => {
    await app.tcp.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.tcp.server.address() as { port: number };
    const directory = mkdtempSync(join(tmpdir(), 'trespass-prometheus-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const url = await startPrometheus(directory, port, app.token('read'));
    const query = async (path: string) => (await fetch(`${url}/api/v1/${path}`)).json();
    type Samples = { data: { result: { value: [number, string] }[] } };
    const found = async (): Promise<Samples['data']['result']> =>
      ((await query(`query?query=${encodeURIComponent('sum(landlock_denials_total{job="trespass"})')}`)) as Samples)
        .data.result;
    await expect.poll(found, { timeout: 25_000, interval: 200 }).toMatchObject([{ value: [expect.any(Number), '4'] }]);
    const targets = (await query('targets')) as { data: { activeTargets: { health: string; lastError: string }[] } };
    expect(targets.data.activeTargets).toMatchObject([{ health: 'up', lastError: '' }]);
    const rules = (await query('rules')) as { data: { groups: { rules: unknown[] }[] } };
    expect(rules.data.groups[0]?.rules).toHaveLength(10);
  }, 60_000);
});

/** Answers its address; it ends with the test. */
async function startPrometheus(directory: string, port: number, token: string): Promise<string> {
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    rule_files: [join(etc, 'prometheus-rules.yml')],
    scrape_configs: [
      {
        job_name: 'trespass',
        authorization: { credentials: token },
        static_configs: [{ targets: [`127.0.0.1:${port}`] }],
      },
    ],
  };
  const file = join(directory, 'prometheus.yml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const argv = [`--config.file=${file}`, `--storage.tsdb.path=${join(directory, 'data')}`];
  const child = spawn(prometheus ?? 'prometheus', [...argv, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const said: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    said.push(line);
    const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address !== undefined) {
      child.stderr.resume();
      await sleep(0);
      return `http://${address}`;
    }
  }
  throw new Error(`Prometheus does not listen: ${said.join('\n')}`);
}
