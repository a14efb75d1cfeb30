// A suggestion for the landlock crate of Rust (0.4), which knows Landlock up to ABI 8.
import { inOrder, type Right } from '../rights.ts';
import { type Rule, rulesetOf } from '../rules.ts';
import type { Suggestion } from '../suggest.ts';
import { ruleText } from '../tiers.ts';
import { rustBytes } from './quote.ts';
import { commentLines, type Rendered, remarksOn } from './rendered.ts';

const ABI_MAX = 8;

function camel(short: string): string {
  return short.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function flags(rights: readonly Right[]): string {
  return rights
    .map(({ family, short }) => `${family === 'fs' ? 'AccessFs' : 'AccessNet'}::${camel(short)}`)
    .join(' | ');
}

function ruleCode(rule: Rule): string {
  if (rule.kind === 'port') return `.add_rule(NetPort::new(${rule.port}, ${flags(rule.rights)}))?`;
  const path = `PathFd::new(OsStr::from_bytes(${rustBytes(rule.path)}))?`;
  return `.add_rule(PathBeneath::new(${path}, ${flags(rule.rights)}))?`;
}

function imports(rules: readonly Rule[]): string {
  const hasPaths = rules.some(({ kind }) => kind === 'path');
  const hasPorts = rules.some(({ kind }) => kind === 'port');
  const names = [
    ...(hasPaths ? ['AccessFs', 'PathBeneath', 'PathFd'] : []),
    ...(hasPorts ? ['AccessNet', 'NetPort'] : []),
    ...['CompatLevel', 'Compatible', 'Ruleset', 'RulesetAttr', 'RulesetCreatedAttr'],
  ];
  const crate = `use landlock::{\n    ${names.sort().join(', ')},\n};\n`;
  return hasPaths ? `${crate}use std::ffi::OsStr;\nuse std::os::unix::ffi::OsStrExt;\n` : crate;
}

export function renderRust(suggestion: Suggestion): Rendered {
  const cannot: string[] = [];
  const rules = suggestion.rules.flatMap(({ rule }): Rule[] => {
    const known = rule.rights.filter(({ abi }) => abi <= ABI_MAX);
    if (known.length < rule.rights.length)
      cannot.push(`${ruleText(rule)}: the crate knows rights up to Landlock ABI ${ABI_MAX} only`);
    return known.length === 0 ? [] : [{ ...rule, rights: known }];
  });
  const remarks = commentLines('//', [...remarksOn(suggestion), ...cannot.map((what) => `Not expressed: ${what}.`)]);
  if (rules.length === 0) return { text: remarks, cannot };
  const handled = inOrder(rulesetOf(rules).handled);
  const families = (['fs', 'net'] as const).map((name) => handled.filter(({ family }) => family === name));
  const calls = [
    '.set_compatibility(CompatLevel::HardRequirement)',
    ...families.filter((rights) => rights.length > 0).map((rights) => `.handle_access(${flags(rights)})?`),
    '.create()?',
    ...rules.map(ruleCode),
    '.restrict_self()?;',
  ];
  const body = calls.map((call) => `        ${call}\n`).join('');
  return {
    text: `${remarks}// cargo add landlock@0.4
${imports(rules)}
/// Restricts this thread and all that it starts: what these rules are about is refused everywhere else.
pub fn restrict() -> Result<(), Box<dyn std::error::Error>> {
    Ruleset::default()
${body}    Ok(())
}
`,
    cannot,
  };
}
