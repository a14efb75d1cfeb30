// A suggestion as JSON of our own: all that there is to say of it.
import { Buffer } from 'node:buffer';
import { textOf } from '../../../audit/byte-text.ts';
import { textOfPath } from '../byte-path.ts';
import type { Rule } from '../rules.ts';
import type { SuggestedRule, Suggestion } from '../suggest.ts';
import { jsonText } from './quote.ts';
import type { Rendered } from './rendered.ts';

/** A rule as JSON has it. */
export type WireRule =
  | {
      readonly kind: 'path';
      readonly path: string;
      /** Base64 of the exact bytes; only where `path` had to replace some. */
      readonly path_raw?: string;
      /** On the directory and everything beneath it; otherwise on this file alone. */
      readonly directory: boolean;
      readonly rights: readonly string[];
    }
  | { readonly kind: 'port'; readonly port: number; readonly rights: readonly string[] };

/** What JSON says of a suggestion. */
export interface WireSuggestion extends Omit<Suggestion, 'rules' | 'differences'> {
  readonly rules: readonly (WireRule & {
    readonly tier: SuggestedRule['tier'];
    readonly reason?: string;
    readonly denials: number;
  })[];
  readonly differences: readonly {
    readonly rule: WireRule;
    readonly observed: readonly string[];
    readonly granted: string;
  }[];
}

function toWireRule(rule: Rule): WireRule {
  const rights = rule.rights.map(({ name }) => name);
  if (rule.kind === 'port') return { kind: 'port', port: rule.port, rights };
  const { path, isDirectory: directory } = rule;
  const raw = textOfPath(path) === undefined ? Buffer.from(path, 'latin1').toString('base64') : undefined;
  return { kind: 'path', path: textOf(path), ...(raw === undefined ? {} : { path_raw: raw }), directory, rights };
}

/** `suggestion` without the inner form of its rules. */
export function toWireSuggestion(suggestion: Suggestion): WireSuggestion {
  return {
    ...suggestion,
    rules: suggestion.rules.map(({ rule, ...rest }) => ({ ...toWireRule(rule), ...rest })),
    differences: suggestion.differences.map(({ rule, ...rest }) => ({ rule: toWireRule(rule), ...rest })),
  };
}

export function renderJson(suggestion: Suggestion): Rendered {
  return { text: jsonText(toWireSuggestion(suggestion)), cannot: [] };
}
