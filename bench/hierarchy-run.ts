// A process of its own for one day of domains: `hierarchy-run DOMAINS none|settling`. A line at 1, 10 and 100 % of
// the day: domains, observations, µs of processor time for each since the line before, domains in memory, MB of heap,
// MB resident.
import { BOUNDS, BootFamilies } from '../src/landlock/hierarchy/boot-families.ts';
import type { FamilyMemory } from '../src/landlock/hierarchy/family-memory.ts';
import { dayOfDomains } from './hierarchy-day.ts';

const [, , count = '1000000', memory = 'none'] = process.argv;
const total = Number(count);
const marks = new Set([total / 100, total / 10, total].map(Math.ceil));

let settled = 0;
/** What a store answers for domains that it has not seen. */
const emptyMemory: FamilyMemory = {
  settled: () => {
    settled += 1;
  },
  recall: () => [],
};
const boot = new BootFamilies(BOUNDS, memory === 'settling' ? emptyMemory : undefined);

let observations = 0;
let domains = 0;
// Without the families: the generator's own share, which is taken out.
const generatorMicros = ((): number => {
  const started = process.cpuUsage();
  let made = 0;
  for (const _ of dayOfDomains(Math.min(total, 100_000))) made += 1;
  const { user, system } = process.cpuUsage(started);
  return (user + system) / made;
})();
let before = { observations: 0, cpu: process.cpuUsage() };

for (const seen of dayOfDomains(total)) {
  boot.observe(seen);
  observations += 1;
  if (seen.kind !== 'allocation') continue;
  domains += 1;
  if (!marks.has(domains)) continue;
  const { user, system } = process.cpuUsage(before.cpu);
  const micros = (user + system) / (observations - before.observations) - generatorMicros;
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const cells = [
    domains,
    observations,
    micros.toFixed(2),
    boot.size,
    Math.round(heapUsed / 1e6),
    Math.round(rss / 1e6),
  ];
  process.stdout.write(`${cells.join(' ')}\n`);
  before = { observations, cpu: process.cpuUsage() };
}
if (memory === 'settling' && settled + boot.size < domains) {
  throw new Error(`${domains - settled - boot.size} domains left memory without having settled`);
}
