// A suggestion as settings of a systemd unit, where they map. systemd does not use Landlock: these loosen a sandbox that
// the unit itself makes by mounts and by filters, for programs that are moved from one to the other.
import type { BytePath } from '../byte-path.ts';
import type { PathRule, PortRule } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { ruleText } from '../tiers.ts';
import { plainText } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';

const WRITING = /^(write_file|truncate|remove_|make_|refer)/;

/** A path in a setting: systemd.syntax(7) and systemd.unit(5). Undefined for one that it does not take. */
function unitPath(path: BytePath): string | undefined {
  const text = plainText(path)?.replaceAll('%', '%%');
  if (text === undefined) return undefined;
  return /^[\w/.,:+@%=-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

interface Settings {
  readonly lines: Set<string>;
  readonly cannot: string[];
}

function addPath(rule: PathRule, { lines, cannot }: Settings): void {
  const path = unitPath(rule.path);
  if (path === undefined) {
    cannot.push(`${ruleText(rule)}: systemd takes no path with bytes that are no UTF-8 or do not show`);
    return;
  }
  const rest = rule.rights.filter(({ short }) => short !== 'execute' && !WRITING.test(short));
  if (rule.rights.some(({ short }) => WRITING.test(short))) lines.add(`ReadWritePaths=${path}`);
  if (rule.rights.some(({ short }) => short === 'execute')) lines.add(`ExecPaths=${path}`);
  const reading = rest.filter(({ short }) => short === 'read_file' || short === 'read_dir');
  if (reading.length > 0)
    cannot.push(
      `${ruleText({ ...rule, rights: reading })}: units may read whatever they do not hide; see that no InaccessiblePaths= or TemporaryFileSystem= does`,
    );
  const others = rest.filter((right) => !reading.includes(right));
  if (others.length > 0) cannot.push(`${ruleText({ ...rule, rights: others })}: no setting is about that`);
}

function addPort(rule: PortRule, { lines, cannot }: Settings): void {
  for (const right of rule.rights) {
    const one = ruleText({ ...rule, rights: [right] });
    const [deed, protocol] = [
      right.short.startsWith('bind_') ? 'bind' : 'connect',
      right.short.endsWith('tcp') ? 'tcp' : 'udp',
    ];
    if (deed === 'connect') cannot.push(`${one}: IPAddressAllow= goes by addresses, and nothing by remote ports`);
    else if (rule.port === 0) cannot.push(`${one}: SocketBindAllow= has no port 0`);
    else lines.add(`SocketBindAllow=${protocol}:${rule.port}`);
  }
}

export function renderSystemd(suggestion: Suggestion): Rendered {
  const settings: Settings = { lines: new Set(), cannot: [] };
  for (const { rule } of suggestion.rules) {
    if (rule.kind === 'path') addPath(rule, settings);
    else addPort(rule, settings);
  }
  const { lines, cannot } = settings;
  const remarks = commentLines('#', [
    ...remarksOn(suggestion),
    'systemd does not use Landlock: this loosens what the unit itself restricts (ProtectSystem=strict, NoExecPaths=/,',
    'SocketBindDeny=any). A Landlock sandbox of the program stays as it is. ReadWritePaths= gives all rights of writing.',
    ...cannot.map((what) => `No setting: ${what}.`),
  ]);
  const text = lines.size === 0 ? remarks : `${remarks}[Service]\n${[...lines].map((line) => `${line}\n`).join('')}`;
  return { text, cannot };
}
