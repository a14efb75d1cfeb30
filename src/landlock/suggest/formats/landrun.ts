// A suggestion for landrun (https://github.com/Zouuup/landrun): options to add to its command line.
import type { BytePath } from '../byte-path.ts';
import type { Suggestion } from '../suggest.ts';
import { ruleText } from '../tiers.ts';
import { intoBundles, rightsNamed } from './bundles.ts';
import { shellWord } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';
import { dollarNote } from './sandboxer.ts';

const READ = ['read_file', 'read_dir'];
const WRITE = [
  ...['write_file', 'truncate', 'ioctl_dev', 'remove_dir', 'remove_file', 'make_char', 'make_dir', 'make_reg'],
  ...['make_sock', 'make_fifo', 'make_block', 'make_sym', 'refer'],
];
const BUNDLES = [
  { name: '--ro', rights: rightsNamed(READ) },
  { name: '--rox', rights: rightsNamed([...READ, 'execute']) },
  { name: '--rw', rights: rightsNamed([...READ, ...WRITE]) },
  { name: '--rwx', rights: rightsNamed([...READ, ...WRITE, 'execute']) },
];
const PORTS: ReadonlyMap<string, string> = new Map([
  ['net.bind_tcp', '--bind-tcp'],
  ['net.connect_tcp', '--connect-tcp'],
]);

function faultOf(path: BytePath): string | undefined {
  if (path.includes(',')) return 'its options part paths by commas, and this one holds one';
  return /\s$/.test(path) ? 'its options lose a blank at the end of a path' : undefined;
}

export function renderLandrun(suggestion: Suggestion): Rendered {
  const rules = suggestion.rules.map(({ rule }) => rule);
  const { bundled, cannot: ofPaths } = intoBundles(
    rules.filter((rule) => rule.kind === 'path'),
    BUNDLES,
    faultOf,
  );
  const cannot = [...ofPaths];
  const words = bundled.map(({ name, path }) => `${name} ${shellWord(path)}`);
  for (const rule of rules) {
    if (rule.kind !== 'port') continue;
    for (const { name } of rule.rights) {
      const option = PORTS.get(name);
      if (option !== undefined) words.push(`${option} ${rule.port}`);
      else
        cannot.push(
          `${ruleText({ ...rule, rights: rule.rights.filter((right) => right.name === name) })}: it has no option for UDP`,
        );
    }
  }
  const remarks = commentLines('#', [
    ...remarksOn(suggestion),
    'To add to the command line of landrun:',
    ...dollarNote(bundled.map(({ path }) => path)),
    ...cannot.map((what) => `Not quite: ${what}.`),
  ]);
  return { text: words.length === 0 ? remarks : `${remarks}landrun ${words.join(' \\\n  ')} \\\n  COMMAND\n`, cannot };
}
