// `npm run bench [-- decode|store|api|live|agents|hierarchy|web …] [--events N] [--rounds N] [--denials N] [--seconds N] [--domains N] [--agents N]`:
// prints tables and keeps them in bench/out.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchAgents } from './agents.ts';
import { benchApi } from './api.ts';
import { benchDecode } from './decode.ts';
import { benchHierarchy } from './hierarchy.ts';
import { benchLive } from './live.ts';
import { benchStore } from './store.ts';
import { benchWeb } from './web.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    denials: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '5' },
    domains: { type: 'string', default: '1000000' },
    agents: { type: 'string', default: '10000' },
  },
});

const BENCHES: ReadonlyMap<string, () => Promise<string>> = new Map([
  ['decode', () => benchDecode(Number(values.events), Number(values.rounds))],
  ['store', () => benchStore(Number(values.denials))],
  ['api', () => benchApi(Number(values.denials), Number(values.seconds))],
  ['live', () => benchLive(Number(values.seconds))],
  ['agents', () => benchAgents(Number(values.agents))],
  ['hierarchy', () => benchHierarchy(Number(values.domains))],
  ['web', () => benchWeb(Number(values.denials))],
]);

const wanted = positionals.length > 0 ? positionals : [...BENCHES.keys()];
const out = new URL('./out/', import.meta.url);
mkdirSync(out, { recursive: true });
for (const name of wanted) {
  const bench = BENCHES.get(name);
  if (bench === undefined) {
    process.stderr.write(`bench: there is no "${name}"; there are ${[...BENCHES.keys()].join(', ')}\n`);
    process.exit(2);
  }
  const text = `## ${name}\n\n${await bench()}\n`;
  process.stdout.write(text);
  writeFileSync(new URL(`${name}.md`, out), text);
}
