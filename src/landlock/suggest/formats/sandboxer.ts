// A suggestion for the sandboxer of the kernel's samples (samples/landlock/sandboxer.c): what to add to its variables.
import type { BytePath } from '../byte-path.ts';
import type { Rule } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { intoBundles, rightsNamed } from './bundles.ts';
import { needsDollarQuotes, shellWord } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';

const READ = ['execute', 'read_file', 'read_dir'];
const WRITE = [
  ...['write_file', 'remove_dir', 'remove_file', 'make_char', 'make_dir', 'make_reg', 'make_sock', 'make_fifo'],
  ...['make_block', 'make_sym', 'refer', 'truncate', 'ioctl_dev', 'resolve_unix'],
];
const BUNDLES = [
  { name: 'LL_FS_RO', rights: rightsNamed(READ) },
  { name: 'LL_FS_RW', rights: rightsNamed([...READ, ...WRITE]) },
];
const PORTS: readonly (readonly [right: string, variable: string])[] = [
  ['net.bind_tcp', 'LL_TCP_BIND'],
  ['net.connect_tcp', 'LL_TCP_CONNECT'],
  ['net.bind_udp', 'LL_UDP_BIND'],
  ['net.connect_send_udp', 'LL_UDP_CONNECT_SEND'],
];

function addition(variable: string, words: readonly string[]): string {
  return `${variable}="\${${variable}:+$${variable}:}"${words.join(':')}\n`;
}

function portsOf(rules: readonly Rule[], right: string): readonly string[] {
  return rules.flatMap((rule) =>
    rule.kind === 'port' && rule.rights.some(({ name }) => name === right) ? [String(rule.port)] : [],
  );
}

/** For shells: whether `$'…'` is in it. */
export function dollarNote(paths: readonly BytePath[]): readonly string[] {
  return paths.some(needsDollarQuotes) ? ["$'...' is for bash, zsh, ksh and other shells of POSIX 2024."] : [];
}

export function renderSandboxer(suggestion: Suggestion): Rendered {
  const rules = suggestion.rules.map(({ rule }) => rule);
  const { bundled, cannot } = intoBundles(
    rules.filter((rule) => rule.kind === 'path'),
    BUNDLES,
    (path) => (path.includes(':') ? 'its variables part paths by colons, and this one holds one' : undefined),
  );
  const lines = BUNDLES.flatMap(({ name }) => {
    const words = bundled.filter((one) => one.name === name).map(({ path }) => shellWord(path));
    return words.length === 0 ? [] : [addition(name, words)];
  });
  for (const [right, variable] of PORTS) {
    const ports = portsOf(rules, right);
    if (ports.length > 0) lines.push(addition(variable, ports));
  }
  const remarks = commentLines('#', [
    ...remarksOn(suggestion),
    'For the environment of sandboxer, in addition to what is there; LL_FORCE_LOG=1 makes the kernel log denials.',
    ...dollarNote(bundled.map(({ path }) => path)),
    ...cannot.map((what) => `Not quite: ${what}.`),
  ]);
  return { text: remarks + lines.join(''), cannot };
}
