// A suggestion for setpriv of util-linux (setpriv(1), --landlock-access and --landlock-rule).
import { inOrder, type Right } from '../rights.ts';
import { rulesetOf } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { shellWord } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';
import { dollarNote } from './sandboxer.ts';

const names = (rights: readonly Right[]) => rights.map(({ short }) => short.replaceAll('_', '-')).join(',');

export function renderSetpriv(suggestion: Suggestion): Rendered {
  const rules = suggestion.rules.map(({ rule }) => rule);
  const handled = inOrder(rulesetOf(rules).handled);
  const access = (['fs', 'net'] as const).flatMap((name) => {
    const rights = handled.filter(({ family }) => family === name);
    return rights.length === 0 ? [] : [`--landlock-access ${name}:${names(rights)}`];
  });
  const words = rules.map((rule) => {
    const rights = names(rule.rights);
    return rule.kind === 'path'
      ? `--landlock-rule ${shellWord(`path-beneath:${rights}:${rule.path}`)}`
      : `--landlock-rule net-port:${rights}:${rule.port}`;
  });
  const cannot = rules.some(({ kind }) => kind === 'port')
    ? ['net-port rules need a setpriv that has them: that of util-linux 2.41 knows path-beneath only']
    : [];
  const remarks = commentLines('#', [
    ...remarksOn(suggestion),
    'setpriv knows Landlock since util-linux 2.40, and each right since the release that knows its ABI.',
    ...dollarNote(rules.flatMap((rule) => (rule.kind === 'path' ? [rule.path] : []))),
    ...cannot.map((what) => `Note: ${what}.`),
  ]);
  if (rules.length === 0) return { text: remarks, cannot };
  return {
    text: `${remarks}setpriv --no-new-privs \\\n  ${[...access, ...words].join(' \\\n  ')} \\\n  COMMAND\n`,
    cannot,
  };
}
