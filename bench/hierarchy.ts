// Families of domains: how often the inferred edges are right, on all captures with known truth and on simulated
// machines; and what an observation costs and takes while a day of a million domains goes by.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Strength } from '../src/landlock/hierarchy/family.ts';
import { Accuracy, type Count } from '../test/landlock/hierarchy/accuracy.ts';
import { capturedFamilies, TrueFamily } from '../test/landlock/hierarchy/captured-families.ts';
import { judgeSimulated, SIMULATED_TELLINGS } from '../test/landlock/hierarchy/judge-simulated.ts';
import { table } from './measure.ts';

const RUN = new URL('./hierarchy-run.ts', import.meta.url).pathname;

/** Markdown. `domains`: of the day, which each of its rows has a process of its own for. */
export async function benchHierarchy(domains: number): Promise<string> {
  return `${accuracyTables()}\n${await dayTable(domains)}`;
}

function accuracyTables(): string {
  const captured = new Accuracy();
  for (const capture of capturedFamilies()) {
    const truth = new TrueFamily(capture);
    captured.add(capture.observations, capture.families, (above, below) => truth.isAncestor(above, below));
  }
  const judged: (readonly [string, Accuracy])[] = [
    ['captures', captured],
    ...SIMULATED_TELLINGS.map((telling) => {
      const told = Object.keys(telling).join(' and ') || 'audit records alone';
      return [`simulated, ${told}`, judgeSimulated(telling)] as const;
    }),
  ];
  const strengths: readonly Strength[] = ['proof', 'strong', 'hint'];
  const precision = judged.map(([name, { edges }]) => [
    name,
    ...strengths.map((strength) => share(edges.get(strength))),
  ]);
  const recall = judged.map(([name, accuracy]) => {
    const byStrength = strengths.map((strength) => String(accuracy.parents.get(strength)?.right ?? 0));
    const all = [accuracy.decidable, accuracy.linked, accuracy.named].map(share);
    return [name, ...byStrength, ...all];
  });
  return (
    `Precision: ancestors that are true, of those given.\n\n${table(['', ...strengths], precision)}\n` +
    'Recall: domains that got their nearest named ancestor, by the strength it was given with; of those whose parent ' +
    'the records decide, of those that they link to it at all, and of all that have an ancestor with a record.\n\n' +
    table(['', ...strengths.map((name) => `right by ${name}`), 'decided', 'linked', 'all'], recall)
  );
}

function share(count: Count | undefined): string {
  if (count === undefined || count.given === 0) return '–';
  return `${count.right}/${count.given} (${((100 * count.right) / count.given).toFixed(1)} %)`;
}

async function dayTable(domains: number): Promise<string> {
  const head = [
    'memory behind it',
    'domains',
    'observations',
    'µs each',
    'domains in memory',
    'heap MB',
    'resident MB',
  ];
  const rows: string[][] = [];
  for (const memory of ['none', 'settling']) {
    const argv = ['--expose-gc', '--import', 'tsx', RUN, String(domains), memory];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    rows.push(
      ...stdout
        .trimEnd()
        .split('\n')
        .map((line) => [memory, ...line.split(' ')]),
    );
  }
  return (
    'A day of domains, at most 2,000 alive at a time: processor time for each observation since the row above.\n\n' +
    table(head, rows)
  );
}
