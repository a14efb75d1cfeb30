import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { type Provoked, parseDemoLine } from '../../src/cli/demo/provoked.ts';
import type { Document } from '../../src/landlock/document.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { listenDuring } from './audit-listener.ts';

function runDemo(): Provoked[] {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', main, 'demo', '--json'], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  return stdout
    .split('\n')
    .flatMap((line) => parseDemoLine(line) ?? [])
    .filter((line) => line.kind === 'provoked');
}

/** Domains that the demo made, by what their creators' records say. */
function demoDomains(documents: readonly Document[], provoked: readonly Provoked[]): string[] {
  const pids = new Set(provoked.map(({ creator }) => creator.pid));
  return documents.flatMap((document) =>
    document.kind === 'domain-allocated' && pids.has(document.landlock.domain.creator.pid ?? 0)
      ? [document.landlock.domain.id]
      : [],
  );
}

function freedDomains(documents: readonly Document[]): Set<string> {
  return new Set(documents.flatMap((doc) => (doc.kind === 'domain-deallocated' ? [doc.landlock.domain.id] : [])));
}

describeKernel('the demo on the live kernel', () => {
  it('leaves exactly the records that it announces: blockers, object, actor and creator', async () => {
    let provoked: Provoked[] = [];
    const documents = await listenDuring(
      () => {
        provoked = runDemo();
      },
      (seen) => {
        const freed = freedDomains(seen);
        const made = demoDomains(seen, provoked);
        return made.length === 14 && made.every((id) => freed.has(id));
      },
    );
    const creators = new Map<string, Provoked['creator']>();
    for (const document of documents) {
      if (document.kind === 'domain-allocated') {
        const { id, creator } = document.landlock.domain;
        creators.set(id, { pid: creator.pid ?? 0, name: creator.name ?? '' });
      }
    }
    const pids = new Set(provoked.map(({ pid }) => pid));
    const seen = documents
      .filter((document) => document.kind === 'denial')
      .filter(({ process: actor }) => pids.has(actor?.pid ?? -1))
      .map((denial) => ({
        pid: denial.process?.pid,
        program: denial.process?.name,
        creator: creators.get(denial.landlock.domain.id),
        blockers: denial.landlock.blockers,
        // The name of an abstract socket is no path, even where the record calls it one.
        path: denial.landlock.object.name === undefined ? denial.file?.path : undefined,
        path_raw: denial.file?.path_raw,
        port: denial.source?.port ?? denial.destination?.port,
        socket: denial.landlock.object.name,
        target_pid: denial.landlock.target?.process.pid,
      }));
    const announced = provoked.map(({ pid, program, creator, blockers, path, path_raw, port, socket, target_pid }) => {
      return { pid, program, creator, blockers, path, path_raw, port, socket, target_pid };
    });
    expect(provoked.length).toBeGreaterThanOrEqual(20);
    expect(seen).toEqual(announced);

    const made = demoDomains(documents, provoked);
    expect(new Set(made).size).toBe(14);
    expect(made.filter((id) => !freedDomains(documents).has(id))).toEqual([]);
  });
});
