// A suggestion for landlockconfig (https://github.com/landlock-lsm/landlockconfig, schema/landlockconfig.json): a policy
// that handles the rights of its rules, to be merged with another one or to be tried by itself.

import { textOfPath } from '../byte-path.ts';
import { inOrder, type Right } from '../rights.ts';
import { type Rule, rulesetOf } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { ruleText } from '../tiers.ts';
import { jsonString, jsonText } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';

/** Rights that its schema does not have. */
const UNKNOWN: ReadonlySet<string> = new Set(['fs.resolve_unix', 'net.bind_udp', 'net.connect_send_udp']);

interface Policy {
  readonly fs: readonly string[];
  readonly net: readonly string[];
  readonly paths: readonly { readonly rights: readonly string[]; readonly parent: string }[];
  readonly ports: readonly { readonly rights: readonly string[]; readonly port: number }[];
  readonly cannot: readonly string[];
}

const shorts = (rights: readonly Right[]) => rights.map(({ short }) => short);

function faultOf(rule: Rule): string | undefined {
  const strange = rule.rights.filter(({ name }) => UNKNOWN.has(name)).map(({ name }) => name);
  if (strange.length === rule.rights.length) return `${strange.join(', ')} is not in its schema`;
  if (rule.kind === 'port') return undefined;
  const text = textOfPath(rule.path);
  if (text === undefined) return 'the path is no UTF-8, which its strings must be';
  return text.includes('${') ? 'it takes ${ in a path for a variable' : undefined;
}

function policyOf({ rules }: Suggestion): Policy {
  const cannot: string[] = [];
  const kept: Rule[] = [];
  for (const { rule } of rules) {
    const fault = faultOf(rule);
    const known = rule.rights.filter(({ name }) => !UNKNOWN.has(name));
    if (fault !== undefined) cannot.push(`${ruleText(rule)}: ${fault}`);
    else {
      if (known.length < rule.rights.length) {
        const strange = rule.rights.filter(({ name }) => UNKNOWN.has(name)).map(({ name }) => name);
        cannot.push(`${ruleText(rule)}: ${strange.join(', ')} is not in its schema and was left out`);
      }
      kept.push({ ...rule, rights: known });
    }
  }
  const handled = inOrder(rulesetOf(kept).handled);
  return {
    fs: shorts(handled.filter(({ family }) => family === 'fs')),
    net: shorts(handled.filter(({ family }) => family === 'net')),
    paths: kept.flatMap((rule) =>
      rule.kind === 'path' ? [{ rights: shorts(rule.rights), parent: textOfPath(rule.path) ?? '' }] : [],
    ),
    ports: kept.flatMap((rule) => (rule.kind === 'port' ? [{ rights: shorts(rule.rights), port: rule.port }] : [])),
    cannot,
  };
}

const tomlList = (names: readonly string[]) => `[${names.map(jsonString).join(', ')}]`;

export function renderLandlockconfigToml(suggestion: Suggestion): Rendered {
  const { fs, net, paths, ports, cannot } = policyOf(suggestion);
  const parts: string[] = [];
  if (fs.length + net.length > 0) {
    const handled = [
      ...(fs.length > 0 ? [`handled_access_fs = ${tomlList(fs)}`] : []),
      ...(net.length > 0 ? [`handled_access_net = ${tomlList(net)}`] : []),
    ];
    parts.push(`[[ruleset]]\n${handled.join('\n')}\n`);
  }
  for (const { rights, parent } of paths)
    parts.push(`[[path_beneath]]\nallowed_access = ${tomlList(rights)}\nparent = ${tomlList([parent])}\n`);
  for (const { rights, port } of ports)
    parts.push(`[[net_port]]\nallowed_access = ${tomlList(rights)}\nport = [${port}]\n`);
  const remarks = commentLines('#', [...remarksOn(suggestion), ...cannot.map((what) => `Not expressed: ${what}.`)]);
  return { text: [remarks, ...parts].join('\n'), cannot };
}

export function renderLandlockconfigJson(suggestion: Suggestion): Rendered {
  const { fs, net, paths, ports, cannot } = policyOf(suggestion);
  const policy = {
    ...(fs.length + net.length === 0
      ? {}
      : {
          ruleset: [
            {
              ...(fs.length > 0 ? { handledAccessFs: fs } : {}),
              ...(net.length > 0 ? { handledAccessNet: net } : {}),
            },
          ],
        }),
    ...(paths.length === 0
      ? {}
      : { pathBeneath: paths.map(({ rights, parent }) => ({ allowedAccess: rights, parent: [parent] })) }),
    ...(ports.length === 0
      ? {}
      : { netPort: ports.map(({ rights, port }) => ({ allowedAccess: rights, port: [port] })) }),
  };
  return { text: jsonText(policy), cannot };
}
