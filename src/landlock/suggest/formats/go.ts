// A suggestion for go-landlock (https://github.com/landlock-lsm/go-landlock).
import { inOrder, type Right } from '../rights.ts';
import { type Rule, rulesetOf } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { goString } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';

const PORT_RULES: ReadonlyMap<string, string> = new Map([
  ['net.bind_tcp', 'BindTCP'],
  ['net.connect_tcp', 'ConnectTCP'],
  ['net.bind_udp', 'BindUDP'],
  ['net.connect_send_udp', 'ConnectSendUDP'],
]);

function constant({ family, short, name }: Right): string {
  if (family === 'net') return `ll.AccessNet${PORT_RULES.get(name) ?? ''}`;
  return `ll.AccessFS${short.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;
}

function flags(rights: readonly Right[]): string {
  return rights.map(constant).join(' | ');
}

function ruleCode(rule: Rule): readonly string[] {
  if (rule.kind === 'path') return [`landlock.PathAccess(${flags(rule.rights)}, ${goString(rule.path)}),`];
  return rule.rights.map(({ name }) => `landlock.${PORT_RULES.get(name) ?? ''}(${rule.port}),`);
}

export function renderGo(suggestion: Suggestion): Rendered {
  const rules = suggestion.rules.map(({ rule }) => rule);
  const remarks = commentLines('//', remarksOn(suggestion));
  if (rules.length === 0) return { text: remarks, cannot: [] };
  const handled = inOrder(rulesetOf(rules).handled);
  const sets = (['fs', 'net'] as const).flatMap((name) => {
    const rights = handled.filter(({ family }) => family === name);
    return rights.length === 0 ? [] : [`landlock.Access${name === 'fs' ? 'FS' : 'Net'}Set(${flags(rights)}),`];
  });
  const young = suggestion.abi > 8 ? '// Needs go-landlock 0.10 or later.\n' : '';
  const indented = (lines: readonly string[]) => lines.map((line) => `\t\t${line}\n`).join('');
  return {
    text: `${remarks}${young}package sandbox

import (
\t"github.com/landlock-lsm/go-landlock/landlock"
\tll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Restrict restricts the whole process: what these rules are about is refused everywhere else.
func Restrict() error {
\tconfig, err := landlock.NewConfig(
${indented(sets)}\t)
\tif err != nil {
\t\treturn err
\t}
\treturn config.Restrict(
${indented(rules.flatMap(ruleCode))}\t)
}
`,
    cannot: [],
  };
}
