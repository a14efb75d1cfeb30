// A suggestion in plain words.
import type { Suggestion } from '../suggest.ts';
import { ruleText } from '../tiers.ts';
import type { Rendered } from './rendered.ts';

function times(count: number): string {
  return count === 1 ? '1 denial' : `${count} denials`;
}

function* linesOf(suggestion: Suggestion): Generator<string> {
  const { rules, differences, withheld, impossible, notes, abi, counts } = suggestion;
  if (rules.length === 0) yield `No rules: none of ${times(counts.selected)} is to be, or can be, allowed by one.`;
  else {
    yield `${counts.allowed} of ${times(counts.selected)} would pass with these rules (Landlock ABI ${abi}):`;
    yield '';
    for (const { rule, tier, reason, denials } of rules) {
      const guard = tier === 'guarded' ? ` [guarded: ${reason ?? ''}]` : '';
      yield `  allow ${ruleText(rule)} (${times(denials)})${guard}`;
    }
  }
  if (counts.beyond > 0) yield `  ${times(counts.beyond)} more are about further places and were not looked at.`;
  if (differences.length > 0) {
    yield '';
    yield 'What that gives, and what was seen:';
    for (const { observed, granted } of differences) {
      yield `  - gives ${granted}`;
      yield `    seen: ${observed.join('; ')}`;
    }
  }
  if (withheld.length > 0) {
    yield '';
    yield 'Not suggested:';
    for (const { tier, what, reason, denials } of withheld) yield `  - ${tier}: ${what} (${times(denials)}): ${reason}`;
    if (withheld.some(({ tier }) => tier === 'guarded')) yield '  Those that are guarded come with --include-guarded.';
  }
  if (impossible.length > 0) {
    yield '';
    yield 'What no rule can give:';
    for (const { what, reason, instead, denials } of impossible) {
      yield `  - ${what} (${times(denials)}): ${reason}`;
      yield `    instead: ${instead}`;
    }
  }
  if (notes.length > 0) {
    yield '';
    yield 'To know:';
    for (const note of notes) yield `  - ${note}`;
  }
}

export function renderText(suggestion: Suggestion): Rendered {
  return { text: `${[...linesOf(suggestion)].join('\n')}\n`, cannot: [] };
}
